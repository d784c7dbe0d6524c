import { ApplicationFailure } from '@temporalio/activity';
import { DAY_MS, firstDayOf, localDays, periodOf, startOfDay, type Tier } from '../shared/calendar.ts';

export type PeriodKind = 'hour' | 'day' | 'week' | 'month';

/** Half-open, in instants. Hours are of UTC; the others begin at midnight in the zone. */
export interface Span {
  kind: PeriodKind;
  from: Date;
  to: Date;
}

const HOUR_MS = 3_600_000;
const TIERS = { day: 'daily', week: 'weekly', month: 'monthly' } as const satisfies Record<string, Tier>;

/** Every period of a kind that a span of days touches, oldest first. */
export function periodsOf(kind: 'day' | 'week' | 'month', days: DaySpan, timeZone: string): Span[] {
  const tier = TIERS[kind];
  const [first, last] = [periodOf(tier, days.first), periodOf(tier, days.last)];
  return Array.from({ length: last - first + 1 }, (_, at) => ({
    kind,
    from: startOfDay(timeZone, firstDayOf(tier, first + at)),
    to: startOfDay(timeZone, firstDayOf(tier, first + at + 1)),
  }));
}

/** Days since 1970-01-01, both included. */
export interface DaySpan {
  first: number;
  last: number;
}

/** Hours that have begun, from `hours` before an instant. */
export function hoursBefore(at: Date, hours: number): Span[] {
  const current = Math.floor((at.getTime() - 1) / HOUR_MS);
  return Array.from({ length: hours }, (_, back) => current - hours + 1 + back).map((hour) => ({
    kind: 'hour' as const,
    from: new Date(hour * HOUR_MS),
    to: new Date((hour + 1) * HOUR_MS),
  }));
}

const dayOf = (text: string): number => Date.parse(`${text}T00:00:00Z`) / DAY_MS;

/** The days of `2026-11-22`, `2026-W47`, `2026-11` or `FROM/TO` (the last day not included). */
export function daysNamed(text: string): DaySpan {
  const [, year, week] = /^(\d{4})-W(\d\d)$/.exec(text) ?? [];
  if (year !== undefined && week !== undefined) {
    // 4 January always lies in the first week.
    const first = firstDayOf('weekly', periodOf('weekly', dayOf(`${year}-01-04`)) + Number(week) - 1);
    return { first, last: first + 6 };
  }
  if (/^\d{4}-\d\d$/.test(text)) {
    const month = periodOf('monthly', dayOf(`${text}-01`));
    return { first: firstDayOf('monthly', month), last: firstDayOf('monthly', month + 1) - 1 };
  }
  const [from, to] = text.split('/').map((part) => dayOf(part.slice(0, 10)));
  const span = { first: from ?? NaN, last: to === undefined ? (from ?? NaN) : to - 1 };
  if (span.first <= span.last) return span;
  throw ApplicationFailure.nonRetryable(
    `${text} is none of 2026-11-22, 2026-W47, 2026-11, FROM/TO`,
    'BadPeriod',
  );
}

export const dayAt = (at: Date, timeZone: string): number => localDays(timeZone)(at);
