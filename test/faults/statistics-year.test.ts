import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySchedules, SCHEDULES } from '../../src/schedules/index.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { brokenBalances, brokenSums } from '../statistics/identities.ts';
import { hoursComputed, hourlyTimes, openYear, type Year } from '../statistics/year.ts';

describe('all 8,760 hourly runs of 2027', () => {
  const given = useNamespace();
  let year: Year;
  beforeAll(async () => {
    year = await openYear();
    await applySchedules({
      client: given.client,
      rows: SCHEDULES.filter(({ scheduleId }) => scheduleId === 'update-statistiques'),
    });
  });
  afterAll(() => year.drop());

  it('none missing, none twice; what they add up to holds', { timeout: 90 * 60_000 }, async () => {
    const [from, to] = ['2027-01-01T00:00:00Z', '2028-01-01T00:00:00Z'];
    const times = await hourlyTimes(given.client, given.namespace, from, to);
    expect(times).toHaveLength(8_760);
    await year.run(Date.parse(from) - 3_600_000);
    for (const [index, at] of times.entries()) {
      await year.run(at);
      if (index % 100 === 50) expect((await year.run(at)).changed).toBe(0);
    }
    // The last hour of the year is over with the first run of the next.
    await year.run(Date.parse(to));
    expect(await hoursComputed(year, from, to)).toEqual({
      ...{ hours: 8_760, twice: 0 },
      odd: [
        // Paris is an hour ahead: the year's first Paris day began in UTC's last year.
        { day: '2027-01-01', hours: 23 },
        { day: '2027-03-28', hours: 23 },
        { day: '2027-10-31', hours: 25 },
        { day: '2028-01-01', hours: 1 },
      ],
    });
    expect((await brokenBalances(year.app.db)).broken).toEqual([]);
    const { sums, broken } = await brokenSums(year.app.db, '2027-01-01', '2028-01-01');
    expect(sums).toBeGreaterThan(1_000);
    expect(broken).toEqual([]);
    const [twice] = await year.app.db.query<{ rows: number }>(
      `select count(*) as rows from (select 1 from maintenance.kpi_snapshots
         group by metric, period_kind, period_start, taken_at having count(*) > 1) as same`,
    );
    expect(twice?.rows).toBe(0);
  });
});
