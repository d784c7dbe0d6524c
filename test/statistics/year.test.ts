import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySchedules, SCHEDULES } from '../../src/schedules/index.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { hoursComputed, hourlyTimes, openYear, type Year } from './year.ts';

const HOUR_MS = 3_600_000;

describe('2027, hour by hour', () => {
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

  it('Temporal starts 8,760 runs, an hour apart, whatever the clocks do', async () => {
    const times = await hourlyTimes(
      given.client,
      given.namespace,
      '2027-01-01T00:00:00Z',
      '2028-01-01T00:00:00Z',
    );
    expect(new Set(times).size).toBe(8_760);
    expect(times).toHaveLength(8_760);
    expect(times.slice(1).every((at, index) => at - (times[index] ?? 0) === HOUR_MS)).toBe(true);
  });

  // All of them: test/faults/statistics-year.test.ts.
  it.for([
    ['2027-03-27T12:00:00Z', '2027-03-29T12:00:00Z', '2027-03-27T23:00:00Z', 23],
    ['2027-10-30T12:00:00Z', '2027-11-01T12:00:00Z', '2027-10-30T22:00:00Z', 25],
  ] as const)(
    'around %s no hour is missing and none is there twice, also when a run is repeated or comes late',
    { timeout: 120_000 },
    async ([from, to, day, hours], { expect: expecting }) => {
      const times = await hourlyTimes(given.client, given.namespace, from, to);
      expecting(times).toHaveLength(48);
      await year.run((times[0] ?? 0) - HOUR_MS);
      for (const [index, at] of times.entries()) {
        await year.run(at);
        if (index % 10 !== 5) continue;
        expecting((await year.run(at)).changed).toBe(0);
        expecting(await year.run(at - 2 * HOUR_MS)).toMatchObject({ outdated: true, changed: 0 });
      }
      const end = new Date(Date.parse(day) + hours * HOUR_MS).toISOString();
      expecting(await hoursComputed(year, day, end)).toMatchObject({ hours, twice: 0 });
    },
  );
});
