import { beforeAll, describe, expect, test } from 'vitest';
import { applySchedules, lastDue } from '../../src/schedules/index.ts';
import { useNamespace } from './namespace.ts';
import { testRow } from './rows.ts';

const ROWS = [
  testRow({ scheduleId: 'daily', cron: '0 8 * * *' }),
  testRow({ scheduleId: 'weekly', cron: '0 9 * * 1' }),
  testRow({ scheduleId: 'nightly', cron: '30 2 * * *' }),
  testRow({ scheduleId: 'twice', cron: '15 7,19 1,15 * *' }),
  testRow({ scheduleId: 'outside', cron: '0 8 * * *', timeZone: 'America/New_York' }),
  testRow({ scheduleId: 'utc', cron: '*/30 6-8 * * 0', timeZone: 'UTC' }),
];
const FROM = Date.parse('2027-01-01T00:00:00Z');
const TO = Date.parse('2028-01-01T00:00:00Z');

const dueOf = (scheduleId: string, until: string | number): string | undefined => {
  const row = ROWS.find((one) => one.scheduleId === scheduleId);
  return row && lastDue(row, new Date(until))?.toISOString();
};

describe('the last time a row was due', () => {
  test.each([
    ['daily', '2026-11-23T06:59:59.999Z', '2026-11-22T07:00:00.000Z'],
    ['daily', '2026-11-23T07:00:00Z', '2026-11-23T07:00:00.000Z'],
    ['daily', '2027-07-01T06:10:00Z', '2027-07-01T06:00:00.000Z'],
    ['weekly', '2026-11-23T07:59:00Z', '2026-11-16T08:00:00.000Z'],
    ['weekly', '2026-11-29T23:00:00Z', '2026-11-23T08:00:00.000Z'],
    // 02:30 comes twice that day; 02:30 does not come, and 03:00 stands in.
    ['nightly', '2027-10-31T00:45:00Z', '2027-10-30T00:30:00.000Z'],
    ['nightly', '2027-10-31T01:45:00Z', '2027-10-31T01:30:00.000Z'],
    ['nightly', '2027-03-28T12:00:00Z', '2027-03-28T01:00:00.000Z'],
  ])('%s at %s: %s', (scheduleId, until, due) => {
    expect(dueOf(scheduleId, until)).toBe(due);
  });

  test('may be years ago, or never', () => {
    const leap = testRow({ cron: '0 8 29 2 *' });
    expect(lastDue(leap, new Date('2027-12-01T00:00:00Z'))?.toISOString()).toBe('2024-02-29T07:00:00.000Z');
    expect(lastDue(testRow({ cron: '0 8 30 2 *' }), new Date(FROM))).toBeUndefined();
  });
});

describe('all of 2027', () => {
  const given = useNamespace();
  beforeAll(() => applySchedules({ client: given.client, rows: ROWS }));

  test.each(ROWS.map(({ scheduleId }) => scheduleId))(
    '%s is due when Temporal runs it',
    async (scheduleId) => {
      const { startTime } = await given.client.workflowService.listScheduleMatchingTimes({
        ...{ namespace: given.namespace, scheduleId },
        startTime: { seconds: (FROM / 1000 - 1) as never },
        endTime: { seconds: (TO / 1000 - 1) as never },
      });
      const temporals = startTime.map(({ seconds }) => new Date(Number(seconds) * 1000).toISOString());
      const ours: string[] = [];
      for (let at = TO - 1; ;) {
        const due = dueOf(scheduleId, at);
        if (due === undefined || Date.parse(due) < FROM) break;
        ours.unshift(due);
        at = Date.parse(due) - 1;
      }
      expect(temporals.length).toBeGreaterThan(20);
      expect(ours).toEqual(temporals);
    },
  );
});
