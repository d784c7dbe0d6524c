import type { Queryable } from '../clients/postgres.ts';

/**
 * Conversions ÷ trials ended, of the days before a run (EX5): the figure `trial_to_customer_rate` of the reports. A trial
 * ends when it converts, or runs out.
 */
export interface Conversions {
  days: number;
  ended: number;
  converted: number;
  /** Null where no trial ended. */
  rate: number | null;
}

/** Whole days of the zone, up to the midnight before the run. */
export async function readConversions(
  app: Queryable,
  at: Date,
  days: number,
  timeZone: string,
): Promise<Conversions> {
  const [row] = await app.query<{ ended: number; converted: number }>(
    `with bounds as (select date_trunc('day', $1::timestamptz, $3) as until,
                            (date_trunc('day', $1::timestamptz at time zone $3) - make_interval(days => $2)) at time zone $3 as since)
     select (count(*) filter (where least(converted_at, ends_at) >= since and least(converted_at, ends_at) < until))::int as ended,
            (count(*) filter (where converted_at >= since and converted_at < until))::int as converted
       from saas.trials, bounds`,
    [at, days, timeZone],
  );
  const { ended = 0, converted = 0 } = row ?? {};
  return { days, ended, converted, rate: ended === 0 ? null : converted / ended };
}
