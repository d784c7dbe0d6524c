import { MockActivityEnvironment } from '@temporalio/testing';
import type { Postgres } from '../../src/clients/postgres.ts';
import { startOfDay } from '../../src/shared/calendar.ts';

export const PARIS = 'Europe/Paris';
const DAY_MS = 86_400_000;

/** `2026-11-22` as the number that `shared/calendar.ts` counts with. */
export const dayNumber = (day: string): number => Date.parse(day) / DAY_MS;

export interface Figure {
  value: number | null;
  numerator?: number;
  denominator?: number;
}

/** Writes figures as `update-statistiques` does; `computedAt` left out: a minute after the period's end. */
export async function writeFigures(
  app: Postgres,
  kind: 'day' | 'week' | 'month',
  periods: readonly { from: Date; to: Date }[],
  figures: Readonly<Record<string, (at: number) => number | Figure | null>>,
  computedAt?: Date,
): Promise<void> {
  const rows = periods.flatMap(({ from, to }, at) =>
    Object.entries(figures).map(([metric, of]) => {
      const given = of(at);
      const figure = typeof given === 'object' && given !== null ? given : { value: given };
      const { value, numerator = null, denominator = null } = figure;
      return {
        metric,
        from,
        at: computedAt ?? new Date(to.getTime() + 60_000),
        value,
        numerator,
        denominator,
      };
    }),
  );
  await app.query(
    `insert into maintenance.statistics
       (metric, period_kind, period_start, value, numerator, denominator, unit, rule_version, computed_at)
     select metric, $2, "from", value, numerator, denominator, 'count', 1, at
       from jsonb_to_recordset($1::jsonb) as row(metric text, "from" timestamptz, value numeric, numerator numeric,
                                                 denominator numeric, at timestamptz)
     on conflict (metric, period_kind, period_start) do update
       set value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator,
           computed_at = excluded.computed_at`,
    [JSON.stringify(rows), kind],
  );
}

/** `count` local days up to and with one. */
export const daysUpTo = (day: string, count: number): { from: Date; to: Date }[] =>
  Array.from({ length: count }, (_, at) => {
    const number = dayNumber(day) - count + 1 + at;
    return { from: startOfDay(PARIS, number), to: startOfDay(PARIS, number + 1) };
  });

/** All that the daily report must have. */
export const TILES: Readonly<Record<string, (at: number) => number | Figure>> = {
  leads: (at) => 10 + (at % 4),
  trials: (at) => 4 + (at % 3),
  signups: () => 3,
  revenue_net: (at) => 100_000 + at * 100 + 1 / 3,
  trial_to_customer_rate: () => ({ value: 0.25, numerator: 3, denominator: 12 }),
  customers: (at) => 100 + at,
};

/** Runs an activity as part of a workflow's run. */
export const asRun = <Result>(runId: string, work: () => Promise<Result>): Promise<Result> =>
  new MockActivityEnvironment({ workflowExecution: { workflowId: 'rapport-quotidien', runId } }).run(work);
