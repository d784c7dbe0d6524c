/** Reads `maintenance.statistics`: what was computed, and whether it was computed after the period's end. */
import type { Queryable } from '../clients/postgres.ts';
import type { ReportFigure } from '../notifications/notice.ts';
import type { Tier } from '../shared/calendar.ts';
import { periodAt, type Period } from './period.ts';

const KINDS = { daily: 'day', weekly: 'week', monthly: 'month' } as const satisfies Record<Tier, string>;

interface Row {
  metric: string;
  start: Date;
  value: number | null;
  numerator: number | null;
  denominator: number | null;
  source: string | null;
  computedAt: Date;
}

const FALLBACKS = ['probe', 'fetch'] as const;

/** The figures of some consecutive periods, oldest first. */
export interface Statistics {
  periods: readonly Period[];
  /** Names of all figures that are known in any of them. */
  metrics: readonly string[];
  /** `null` as value where there is none. */
  figure: (metric: string, period: Period) => ReportFigure;
  value: (metric: string, period: Period) => number | null;
  /** Whether it was computed after the period was over. */
  isFinal: (metric: string, period: Period) => boolean;
  /** A source is missing; a rate of nothing is not. */
  isMissing: (metric: string, period: Period) => boolean;
  /** When the newest figure of a period was computed. */
  asOf: (period: Period) => Date | undefined;
}

/** Of a period and the `before` ones before it. */
export async function readStatistics(
  app: Queryable,
  period: Period,
  before: number,
  timeZone: string,
): Promise<Statistics> {
  const periods = Array.from({ length: before + 1 }, (_, at) =>
    periodAt(period.kind, period.number - before + at, timeZone),
  );
  const rows = await app.query<Row>(
    `select metric, period_start as start, value::float8, numerator::float8, denominator::float8,
            source, computed_at as "computedAt"
       from maintenance.statistics where period_kind = $1 and period_start = any($2::timestamptz[])`,
    [KINDS[period.kind], periods.map(({ from }) => from)],
  );
  const found = new Map(rows.map((row) => [`${row.metric} ${row.start.toISOString()}`, row]));
  const of = (metric: string, { from }: Period) => found.get(`${metric} ${from.toISOString()}`);
  const figure = (metric: string, of_: Period): ReportFigure => {
    const row = of(metric, of_);
    const { numerator = null, denominator = null } = row ?? {};
    const source = FALLBACKS.find((one) => one === row?.source);
    return {
      ...{ metric, value: row?.value ?? null },
      ...(denominator === null ? {} : { numerator, denominator }),
      ...(source && { source }),
    };
  };
  return {
    periods,
    metrics: [...new Set(rows.map(({ metric }) => metric))].sort(),
    figure,
    value: (metric, at) => of(metric, at)?.value ?? null,
    isFinal(metric, at) {
      const row = of(metric, at);
      return row !== undefined && row.computedAt >= at.to;
    },
    isMissing(metric, at) {
      const row = of(metric, at);
      return row === undefined || (row.value === null && row.denominator !== 0);
    },
    asOf({ from }) {
      const times = rows
        .filter(({ start }) => start.getTime() === from.getTime())
        .map((row) => row.computedAt.getTime());
      return times.length === 0 ? undefined : new Date(Math.max(...times));
    },
  };
}
