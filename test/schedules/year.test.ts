/** 2027 as Temporal's own calendar plays it, with the rows of the table: both days on which clocks change are in it. */
import { beforeAll, describe, expect, test } from 'vitest';
import { lastOver } from '../../src/reports/period.ts';
import { applySchedules } from '../../src/schedules/apply.ts';
import { SCHEDULES } from '../../src/schedules/index.ts';
import { isoDay, localDays, wallClock } from '../../src/shared/calendar.ts';
import type { ScheduleId } from '../../src/shared/ids.ts';
import { useNamespace } from './namespace.ts';

const given = useNamespace();
const PARIS = 'Europe/Paris';
const [FIRST, DAYS, HOUR_MS] = [Date.UTC(2027, 0, 1) / 86_400_000, 365, 3_600_000];
const DAYS_OF_2027 = Array.from({ length: DAYS }, (_, at) => isoDay(FIRST + at));

/** The instants of the Paris year; a month a time, because the server gives a thousand at most. */
async function timesOf(scheduleId: ScheduleId): Promise<Date[]> {
  const times: Date[] = [];
  for (let month = 0; month < 12; month += 1) {
    // Midnight of the first of a month is 23:00 or 22:00 UTC of the day before.
    const at = (first: number) => Date.UTC(2027, first, 1) - (first >= 3 && first <= 9 ? 2 : 1) * HOUR_MS;
    const seconds = (ms: number) => ({ seconds: (ms / 1_000 - 1) as never });
    const { startTime } = await given.client.workflowService.listScheduleMatchingTimes({
      ...{ namespace: given.namespace, scheduleId },
      // The start is exclusive, the end inclusive.
      ...{ startTime: seconds(at(month)), endTime: seconds(at(month + 1)) },
    });
    times.push(...startTime.map(({ seconds: one }) => new Date(Number(one) * 1_000)));
  }
  return times;
}

const dayOf = (at: Date): string => isoDay(localDays(PARIS)(at));
const clockOf = (at: Date): string => new Date(wallClock(PARIS)(at.getTime())).toISOString().slice(11, 16);

beforeAll(() => applySchedules({ client: given.client, rows: SCHEDULES }));

describe('2027', () => {
  test.each([
    ['rapport-quotidien', '08:00'],
    ['expiration-essais', '01:00'],
    ['backup-database', '03:00'],
    ['relance-essais-inactifs', '10:00'],
  ] as const)('%s: each of 365 days once, at %s in Paris', async (scheduleId, clock) => {
    const times = await timesOf(scheduleId);
    expect(times.map(dayOf)).toEqual(DAYS_OF_2027);
    expect(new Set(times.map(clockOf))).toEqual(new Set([clock]));
  });

  test('nettoyage-donnees-temporaires at 02:00: each day once, also those on which 02:00 is not or comes twice', async () => {
    const times = await timesOf('nettoyage-donnees-temporaires');
    expect(times.map(dayOf)).toEqual(DAYS_OF_2027);
    expect(times.filter((at) => clockOf(at) !== '02:00').map((at) => at.toISOString())).toEqual([
      '2027-03-28T01:00:00.000Z',
    ]);
    expect(times.find((at) => dayOf(at) === '2027-10-31')?.toISOString()).toBe('2027-10-31T01:00:00.000Z');
  });

  test('the daily reports tell of 365 days, one after the other', async () => {
    const periods = (await timesOf('rapport-quotidien')).map((at) => lastOver('daily', at, PARIS));
    expect(periods.map(({ name }) => name)).toEqual(['2026-12-31', ...DAYS_OF_2027.slice(0, -1)]);
    for (const [at, { from }] of periods.slice(1).entries()) expect(from).toEqual(periods[at]?.to);
  });

  test('the weekly report: 52 Mondays at 09:00, each with the week before, W53 of 2026 first', async () => {
    const times = await timesOf('rapport-hebdomadaire');
    expect(times).toHaveLength(52);
    expect(
      new Set(times.map((at) => `${new Date(`${dayOf(at)}T12:00Z`).getUTCDay()} ${clockOf(at)}`)),
    ).toEqual(new Set(['1 09:00']));
    const names = times.map((at) => lastOver('weekly', at, PARIS).name);
    const weeks = Array.from({ length: 51 }, (_, at) => `2027-W${String(at + 1).padStart(2, '0')}`);
    expect(names).toEqual(['2026-W53', ...weeks]);
  });

  test('update-statistiques: 8,760 hours of UTC, none missing and none twice', async () => {
    const times = await timesOf('update-statistiques');
    const first = Date.UTC(2026, 11, 31, 23);
    expect(times.map((at) => at.getTime())).toEqual(
      Array.from({ length: 8_760 }, (_, at) => first + at * HOUR_MS),
    );
  });
});
