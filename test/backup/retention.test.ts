import { describe, expect, it } from 'vitest';
import { localDays, periodName, periodOf, type Tier } from '../../src/shared/calendar.ts';
import { heldUntil, planRetention, type RetentionPlan, type TierBackup } from '../../src/backup/retention.ts';

const policy = { daily: 7, weekly: 4, monthly: 12 };
const timeZone = 'Europe/Paris';
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const at = (takenAt: string, proof: TierBackup['proof'] = 'proven', tier: Tier = 'daily'): TierBackup => ({
  tier,
  backupId: takenAt,
  takenAt: takenAt.length === 10 ? `${takenAt}T02:00:00Z` : takenAt,
  proof,
});
const november = (from: number, to: number): TierBackup[] =>
  Array.from({ length: to - from + 1 }, (_, i) => at(`2026-11-${String(from + i).padStart(2, '0')}`));
const plan = (backups: readonly TierBackup[], now: string, justMade?: string): RetentionPlan =>
  planRetention({ backups, now: new Date(now), policy, timeZone, justMade });
const ids = (entries: { backupId: string }[]): string[] => entries.map(({ backupId }) => backupId).sort();
const untouched = ({ copy, delete: gone }: RetentionPlan): boolean => copy.length + gone.length === 0;

describe('the rule, by hand', () => {
  // 2026-11-23 is a Monday. Each listing holds what the week before would have left, so that copies stay out of sight.
  const week47 = at('2026-11-22', 'proven', 'weekly');
  const nightOf27 = '2026-11-27T03:00:00Z';
  const unproven21 = at('2026-11-21', 'not proven');
  const cases: [string, TierBackup[], string, string[]][] = [
    ['7 proven days: nothing goes', [...november(21, 27), week47], nightOf27, []],
    ['the 8th goes', [...november(20, 27), week47], nightOf27, ['2026-11-20']],
    [
      'an unproven day does not count',
      [...november(20, 26), at('2026-11-27', 'not proven'), week47],
      nightOf27,
      [],
    ],
    [
      '"proven except" counts',
      [...november(20, 26), at('2026-11-27', 'proven except'), week47],
      nightOf27,
      ['2026-11-20'],
    ],
    [
      'an unproven one stays as long as the proven ones around it',
      [...november(19, 20), unproven21, ...november(22, 27), week47],
      nightOf27,
      ['2026-11-19'],
    ],
    [
      'two a day are one day',
      [...november(20, 26), at('2026-11-26T15:00:00Z'), at('2026-11-26T16:00:00Z'), week47],
      nightOf27,
      [],
    ],
    [
      'the day is the local one: 22:59 and 23:01 UTC are two days in winter',
      [...november(20, 25), at('2026-11-26T22:59:00Z'), at('2026-11-26T23:01:00Z'), week47],
      nightOf27,
      ['2026-11-20'],
    ],
    [
      'without enough newer proven ones, age is no reason',
      [at('2026-11-02'), at('2026-11-24'), at('2026-11-27'), week47, at('2026-11-02', 'proven', 'weekly')],
      nightOf27,
      [],
    ],
    [
      'the 5th week goes, an unproven one of the kept weeks stays',
      [
        ...november(23, 27),
        ...['2026-10-25', '2026-11-01', '2026-11-08', '2026-11-15', '2026-11-22'].map((day) =>
          at(day, 'proven', 'weekly'),
        ),
        at('2026-10-31', 'not proven', 'weekly'),
      ],
      nightOf27,
      ['2026-10-25'],
    ],
  ];
  it.each(cases)('%s', (_, backups, now, gone) => {
    const result = plan(backups, now);
    expect(result.refused).toBeUndefined();
    expect(ids(result.delete)).toEqual(gone);
    expect(result.delete.length + result.keep.length).toBe(backups.length);
  });

  it('copies the newest proven backup of a week that is over, once, and keeps the source until it is listed', () => {
    const dailies = [
      ...november(16, 21),
      at('2026-11-22T09:00:00Z'),
      at('2026-11-22T20:00:00Z'),
      at('2026-11-22T21:00:00Z', 'not proven'),
    ];
    expect(plan(dailies, '2026-11-22T22:30:00Z').copy).toEqual([]);
    const monday = '2026-11-22T23:30:00Z';
    const copy = { backupId: '2026-11-22T20:00:00Z', to: 'weekly', period: '2026-W47' };
    expect(plan(dailies, monday).copy).toEqual([copy]);
    expect(plan([...dailies, at('2026-11-22T20:00:00Z', 'proven', 'weekly')], monday).copy).toEqual([]);

    const late = [at('2026-11-22'), ...november(23, 30)];
    const first = plan(late, '2026-11-30T03:00:00Z');
    expect(ids(first.copy)).toEqual(['2026-11-22', '2026-11-29']);
    expect(ids(first.delete)).toEqual(['2026-11-23']);
    const second = plan(
      [...late, ...first.copy.map(({ backupId, to }) => at(backupId, 'proven', to))],
      '2026-11-30T03:00:00Z',
    );
    expect(second.copy).toEqual([]);
    expect(ids(second.delete)).toEqual(['2026-11-22', '2026-11-23']);
  });

  it('does not bring back a week that the tier has let go', () => {
    const sundays = ['2026-10-18', '2026-10-25', '2026-11-01', '2026-11-08', '2026-11-15', '2026-11-22'];
    const weeks = sundays.slice(2).map((day) => at(day, 'proven', 'weekly'));
    const monthly = at('2026-10-25', 'proven', 'monthly');
    expect(plan([...sundays.map((day) => at(day)), ...weeks, monthly], '2026-11-23T03:00:00Z').copy).toEqual(
      [],
    );
  });

  it('says when each expires next', () => {
    const result = plan(
      [...november(24, 27), week47, at('2026-10-31', 'proven', 'monthly')],
      '2026-11-27T03:00:00Z',
    );
    const expiry = Object.fromEntries(
      result.keep.map(({ tier, backupId, expiresOn }) => [`${tier} ${backupId}`, expiresOn]),
    );
    expect(expiry).toEqual({
      'daily 2026-11-24': '2026-12-01',
      'daily 2026-11-25': '2026-12-02',
      'daily 2026-11-26': '2026-12-03',
      'daily 2026-11-27': '2026-12-04',
      // Four weeks after it must be over: W48 to W51.
      'weekly 2026-11-22': '2026-12-21',
      'monthly 2026-10-31': '2027-11-01',
    });
  });

  it('may be locked until the day on which it can go, by its own time zone', () => {
    const until = (tier: Tier, takenAt: string, zone = timeZone) =>
      heldUntil(tier, takenAt, policy, zone).toISOString();
    expect(until('daily', '2026-11-24T02:00:00Z')).toBe('2026-11-30T23:00:00.000Z');
    // 23:30 UTC is the next day in Paris, and the clocks go back in between.
    expect(until('daily', '2026-10-19T22:30:00Z')).toBe('2026-10-26T23:00:00.000Z');
    expect(until('weekly', '2026-11-22T02:00:00Z')).toBe('2026-12-20T23:00:00.000Z');
    expect(until('monthly', '2026-10-31T02:00:00Z')).toBe('2027-10-31T23:00:00.000Z');
    expect(until('daily', '2026-11-24T02:00:00Z', 'Asia/Kathmandu')).toBe('2026-11-30T18:15:00.000Z');
    expect(until('daily', '2026-11-24T12:00:00Z', 'Pacific/Kiritimati')).toBe('2026-12-01T10:00:00.000Z');
  });

  it('knows Paris days, ISO weeks with W53, and months', () => {
    const day = localDays(timeZone);
    const week = (instant: string): string =>
      periodName('weekly', periodOf('weekly', day(new Date(instant))));
    expect(
      ['2026-12-31T12:00Z', '2027-01-03T22:59Z', '2027-01-03T23:00Z', '2025-12-29T12:00Z'].map(week),
    ).toEqual(['2026-W53', '2026-W53', '2027-W01', '2026-W01']);
    // 2026-03-29 has 23 hours, 2026-10-25 has 25.
    for (const [from, to] of [
      ['2026-03-28T23:00:00Z', '2026-03-29T21:59:59Z'],
      ['2026-10-24T22:00:00Z', '2026-10-25T22:59:59Z'],
    ] as const) {
      const name = to.slice(0, 10);
      expect([from, to].map((instant) => periodName('daily', day(new Date(instant))))).toEqual([name, name]);
      expect(day(new Date(Date.parse(from) - 1))).toBe(day(new Date(from)) - 1);
      expect(day(new Date(Date.parse(to) + 1000))).toBe(day(new Date(to)) + 1);
    }
    expect(periodName('monthly', periodOf('monthly', day(new Date('2026-12-31T23:30Z'))))).toBe('2027-01');
  });
});

describe('a wrong clock or listing', () => {
  const month = november(1, 27);
  const now = '2026-11-27T03:00:00Z';

  it('has much to delete when all is well', () => {
    expect(plan(month, now).delete.length).toBeGreaterThan(10);
  });

  const oneYearAhead = '2027-11-27T02:00:00Z';
  const refused: [string, RetentionPlan][] = [
    ['our clock is one year ahead', plan(month, '2027-11-27T03:00:00Z')],
    ['our clock is four days ahead', plan(month, '2026-12-01T03:00:00Z')],
    [
      'both clocks are one year ahead: the new backup carries the wrong date',
      plan([...month, at(oneYearAhead)], '2027-11-27T03:00:00Z'),
    ],
    ['the clock is right again: a backup lies in the future', plan([...month, at(oneYearAhead)], now)],
    ['our clock is behind', plan(month, '2026-11-26T03:00:00Z')],
    ['our clock is one year behind', plan(month, '2025-11-27T03:00:00Z')],
    ['our clock cannot be read', plan(month, 'tomorrow')],
    ['a weekly lies in the future', plan([...month, at('2026-12-06', 'proven', 'weekly')], now)],
    ['the listing is empty', plan([], now)],
    ['no daily is listed', plan([at('2026-11-22', 'proven', 'weekly')], now)],
    [
      'no daily is proven',
      plan(
        month.map((backup) => ({ ...backup, proof: 'not proven' })),
        now,
      ),
    ],
    ['the listing ends early', plan(november(1, 23), now)],
    ['the listing lacks the backup just made', plan(november(1, 26), now, '2026-11-27')],
    ['an entry is there twice', plan([...month, at('2026-11-14')], now)],
    ['a date cannot be read', plan([...month, { ...at('2026-11-14T05:00:00Z'), takenAt: 'yesterday' }], now)],
    [
      'the policy keeps nothing',
      planRetention({ backups: month, now: new Date(now), policy: { ...policy, daily: 0 }, timeZone }),
    ],
    [
      'the policy is no number',
      planRetention({ backups: month, now: new Date(now), policy: { ...policy, weekly: NaN }, timeZone }),
    ],
  ];
  it.each(refused)('%s: nothing is copied or deleted', (_, result) => {
    expect(result.refused).toBeTruthy();
    expect(untouched(result)).toBe(true);
  });

  it('keeps every real backup while the wrong clock lasts a week', () => {
    const wrong: TierBackup[] = [];
    for (let night = 0; night < 7; night++) {
      const taken = new Date(Date.parse(oneYearAhead) + night * DAY);
      wrong.push(at(taken.toISOString()));
      const result = plan([...month, ...wrong], new Date(taken.getTime() + HOUR).toISOString());
      expect(untouched(result)).toBe(true);
    }
  });

  it('tolerates seconds between two clocks, and listing order does not matter', () => {
    expect(plan(month, '2026-11-27T01:59:30Z').refused).toBeUndefined();
    const sorted = (result: RetentionPlan) => [ids(result.copy), ids(result.delete), ids(result.keep)];
    expect(sorted(plan([...month].reverse(), now))).toEqual(sorted(plan(month, now)));
  });
});
