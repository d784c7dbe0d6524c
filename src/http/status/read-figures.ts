/** Figures of days, from the application's database. */
import type { Queryable } from '../../clients/postgres.ts';
import { localDays, startOfDay } from '../../shared/calendar.ts';

/** What a day's business is read from, in the order of the page. */
export const KPIS = [
  ...['mrr', 'customers', 'revenue_net', 'signups'],
  ...['trials', 'leads', 'trial_to_customer_rate', 'dau'],
] as const;

/** Availability's bars. */
export const DAYS = 90;

export interface Days {
  /** The last one is today. */
  starts: Date[];
  /** A value for each day, undefined where there is none; by metric. */
  values: Map<string, (number | undefined)[]>;
}

export const FIGURES = `
  select metric, period_start as start, value::float8 as value from maintenance.statistics
   where period_kind = 'day' and period_start >= $1 and value is not null
     and (metric like 'availability:%' or metric = any($2))`;

export async function readDays(app: Queryable, now: Date, timeZone: string): Promise<Days> {
  const dayOf = localDays(timeZone);
  const first = dayOf(now) - DAYS + 1;
  const rows = await app.query<{ metric: string; start: Date; value: number }>(FIGURES, [
    startOfDay(timeZone, first),
    [...KPIS],
  ]);
  const values: Days['values'] = new Map();
  for (const { metric, start, value } of rows) {
    const days = values.get(metric) ?? new Array<undefined>(DAYS).fill(undefined);
    const index = dayOf(start) - first;
    if (index >= 0 && index < DAYS) days[index] = value;
    values.set(metric, days);
  }
  // Noon, so that an hour of a clock change moves none of them into another day.
  const noon = startOfDay(timeZone, first).getTime() + 12 * 3_600_000;
  return { starts: Array.from({ length: DAYS }, (_, at) => new Date(noon + at * 86_400_000)), values };
}
