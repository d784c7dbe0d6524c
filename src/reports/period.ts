/** Which period a report is about. Activities only: Intl is not for workflows. */
import { ApplicationFailure } from '@temporalio/common';
import {
  DAY_MS,
  firstDayOf,
  localDays,
  periodName,
  periodOf,
  startOfDay,
  type Tier,
} from '../shared/calendar.ts';

/** A local day, ISO week or month, as numbers of `shared/calendar.ts`. */
export interface Period {
  kind: Tier;
  number: number;
  /** `2026-11-22`, `2026-W47`, `2026-11`. */
  name: string;
  /** Half-open. */
  from: Date;
  to: Date;
}

export function periodAt(kind: Tier, number: number, timeZone: string): Period {
  return {
    ...{ kind, number, name: periodName(kind, number) },
    from: startOfDay(timeZone, firstDayOf(kind, number)),
    to: startOfDay(timeZone, firstDayOf(kind, number + 1)),
  };
}

/** The last one that is over at an instant: yesterday, the past week, the past month. */
export const lastOver = (kind: Tier, at: Date, timeZone: string): Period =>
  periodAt(kind, periodOf(kind, localDays(timeZone)(at)) - 1, timeZone);

const SHAPES: Readonly<Record<Tier, { pattern: RegExp; example: string }>> = {
  daily: { pattern: /^\d{4}-\d\d-\d\d$/, example: '2026-11-22' },
  weekly: { pattern: /^(\d{4})-W(\d\d)$/, example: '2026-W47' },
  monthly: { pattern: /^\d{4}-\d\d$/, example: '2026-11' },
};

/** The period that a person named. One that is not over has no report yet. */
export function periodNamed(kind: Tier, name: string, timeZone: string, now: Date): Period {
  const { pattern, example } = SHAPES[kind];
  const number = pattern.test(name) ? numberOf(kind, name) : NaN;
  // Week 53 of a year with 52, February 30.
  if (Number.isNaN(number) || periodName(kind, number) !== name)
    throw refused(`${name} is no period of this report; one is ${example}`);
  const period = periodAt(kind, number, timeZone);
  if (period.to > now)
    throw refused(`${name} is not over: its report can be made from ${period.to.toISOString()} on`);
  return period;
}

function numberOf(kind: Tier, name: string): number {
  const [year = NaN, part = NaN, day = 1] = name.split(/-W?/).map(Number);
  if (kind !== 'weekly') return periodOf(kind, Date.UTC(year, part - 1, day) / DAY_MS);
  // January 4 is always in week 1.
  return periodOf('weekly', Date.UTC(year, 0, 4) / DAY_MS) + part - 1;
}

const refused = (message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, 'PeriodMistaken');
