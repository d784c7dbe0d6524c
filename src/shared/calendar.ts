/**
 * Local days, ISO weeks and months as whole numbers, so that "older" is `<` whatever the clock does that day
 * (23 or 25 hours) and whichever weeks a year has (W53). Activities and commands only: Intl is not for workflows.
 */
export const TIERS = ['daily', 'weekly', 'monthly'] as const;
export type Tier = (typeof TIERS)[number];

export const DAY_MS = 86_400_000;

/** The local calendar day of an instant, as days since 1970-01-01. */
export function localDays(timeZone: string): (at: Date) => number {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn', {
    timeZone,
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
  });
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    return Date.UTC(parts.year ?? NaN, (parts.month ?? NaN) - 1, parts.day) / DAY_MS;
  };
}

/** What a clock on the wall shows at an instant, as if it were UTC. */
export const wallClock = (timeZone: string): ((at: number) => number) => {
  const format = new Intl.DateTimeFormat('en-u-ca-gregory-nu-latn-hc-h23', {
    timeZone,
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  } as const);
  return (at) => {
    const parts = Object.fromEntries(
      format.formatToParts(at).map(({ type, value }) => [type, Number(value)]),
    );
    const { year = NaN, month = NaN, day = NaN, hour = NaN, minute = NaN, second = NaN } = parts;
    return Date.UTC(year, month - 1, day, hour, minute, second);
  };
};

const QUARTER_MS = 15 * 60_000;

/** The first instant of a local day; midnight, or one o'clock where midnight is skipped. */
export function startOfDay(timeZone: string, day: number): Date {
  const localDay = localDays(timeZone);
  // The earliest zone is 14 hours ahead, and all differ from UTC by whole quarters of an hour.
  let at = day * DAY_MS - 14 * 4 * QUARTER_MS;
  while (localDay(new Date(at)) < day) at += QUARTER_MS;
  return new Date(at);
}

const dateOf = (day: number): Date => new Date(day * DAY_MS);

export const isoDay = (day: number): string => dateOf(day).toISOString().slice(0, 10);

/** The period of a tier that a day lies in. Day 0 was a Thursday: weeks begin three days before. */
export function periodOf(tier: Tier, day: number): number {
  if (tier === 'daily') return day;
  if (tier === 'weekly') return Math.floor((day + 3) / 7);
  return dateOf(day).getUTCFullYear() * 12 + dateOf(day).getUTCMonth();
}

export function firstDayOf(tier: Tier, period: number): number {
  if (tier === 'daily') return period;
  if (tier === 'weekly') return period * 7 - 3;
  return Date.UTC(Math.floor(period / 12), period % 12) / DAY_MS;
}

/** `2026-11-23`, `2026-W48` or `2026-11`. An ISO week belongs to the year of its Thursday. */
export function periodName(tier: Tier, period: number): string {
  if (tier !== 'weekly') return isoDay(firstDayOf(tier, period)).slice(0, tier === 'daily' ? 10 : 7);
  const thursday = period * 7;
  const year = dateOf(thursday).getUTCFullYear();
  const week = Math.floor((thursday - Date.UTC(year, 0) / DAY_MS) / 7) + 1;
  return `${String(year)}-W${String(week).padStart(2, '0')}`;
}
