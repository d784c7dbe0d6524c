/** Which facts one run builds, and which figures it computes. Pure. */
import { dayAt, daysNamed, hoursBefore, periodsOf, type DaySpan, type Span } from './period.ts';

/** Rows that come later are found by the nightly comparison. */
const LOOK_BACK_DAYS = 2;
/** What reports compare with: 31 days, 13 weeks and 13 months. */
const FIRST_RUN = { day: 35, week: 91, month: 396 } as const;
const HOURS = 49;
const FIRST_DAY_OF_ALL = Date.UTC(2000, 0, 1) / 86_400_000;

/** LTV looks at the churn of three months, MAU at 30 days. */
const REACH_BACK_DAYS = 93;

export interface Plan {
  facts: DaySpan;
  /** Built from the terms themselves, not on what was built before. */
  anew: boolean;
  /** Whether all up to the run's instant is built by it. */
  advances: boolean;
  spans: Span[];
}

export interface Asked {
  /** The run's instant: nothing after it is known. */
  at: Date;
  /** Up to where facts are built; undefined: never. */
  builtTo: Date | undefined;
  /** Named by a person: recomputed from its own facts. */
  period?: string;
  timeZone: string;
}

export function planOf({ at, builtTo, period, timeZone }: Asked): Plan {
  // What happens at midnight belongs to the day that ends.
  const today = dayAt(new Date(at.getTime() - 1), timeZone);
  const first = builtTo === undefined ? FIRST_DAY_OF_ALL : dayAt(builtTo, timeZone) - LOOK_BACK_DAYS;
  const all = { facts: { first, last: today }, anew: builtTo === undefined, advances: true };
  if (period !== undefined) {
    const named = daysNamed(period);
    const days = { first: named.first, last: Math.min(named.last, today) };
    const spans = days.first > days.last ? [] : [...hoursOf(days, at, timeZone), ...allOf(days, timeZone)];
    if (builtTo === undefined || spans.length === 0) return { ...all, spans };
    // The weeks and months that the days lie in are whole.
    const end = Math.max(...spans.map(({ to }) => to.getTime()));
    const begin = Math.min(...spans.map(({ from }) => from.getTime()));
    return {
      facts: {
        first: dayAt(new Date(begin), timeZone) - REACH_BACK_DAYS,
        last: Math.min(dayAt(new Date(end - 1), timeZone), today),
      },
      ...{ anew: true, advances: false, spans },
    };
  }
  const reach = (kind: (typeof kinds)[number]): DaySpan => ({
    first: builtTo === undefined ? today - FIRST_RUN[kind] : first,
    last: today,
  });
  return {
    ...all,
    spans: [...hoursBefore(at, HOURS), ...kinds.flatMap((kind) => periodsOf(kind, reach(kind), timeZone))],
  };
}

const kinds = ['day', 'week', 'month'] as const;

const allOf = (days: DaySpan, timeZone: string): Span[] =>
  kinds.flatMap((kind) => periodsOf(kind, days, timeZone));

/** Every hour of some days that has begun: 23 or 25 of a day when the clocks change. */
function hoursOf(days: DaySpan, at: Date, timeZone: string): Span[] {
  const spans = periodsOf('day', days, timeZone);
  const end = Math.min(at.getTime(), spans.at(-1)?.to.getTime() ?? 0);
  const begin = spans[0]?.from.getTime() ?? end;
  return hoursBefore(new Date(end), Math.ceil((end - begin) / HOUR_MS));
}

const HOUR_MS = 3_600_000;
