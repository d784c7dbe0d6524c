/** What must hold of figures, whatever they are made of. */
import type { Queryable } from '../../src/clients/postgres.ts';

interface Broken {
  kind: string;
  start: Date;
  metric?: string;
}

/** Opening + movements = closing, for MRR and customers, in each period whose predecessor is known. */
export async function brokenBalances(db: Queryable): Promise<{ periods: number; broken: Broken[] }> {
  const rows = await db.query<Broken & { wrong: boolean }>(
    `with f as (select period_kind, period_start, jsonb_object_agg(metric, value) as v from maintenance.statistics
                 where period_kind <> 'hour' group by 1, 2),
          pairs as (select period_kind, period_start, v, lag(v) over (partition by period_kind order by period_start) as before from f)
     select period_kind as kind, period_start as start,
            abs((before->>'mrr')::numeric + (v->>'mrr_new')::numeric + (v->>'mrr_reactivation')::numeric + (v->>'mrr_expansion')::numeric
              + (v->>'mrr_contraction')::numeric + (v->>'mrr_churn')::numeric + (v->>'mrr_fx')::numeric - (v->>'mrr')::numeric) > 0.000001
         or (before->>'customers')::numeric + (v->>'customers_new')::numeric + (v->>'customers_reactivated')::numeric
              - (v->>'customers_churned')::numeric <> (v->>'customers')::numeric as wrong
       from pairs where before is not null and before ? 'mrr' and v ? 'mrr'`,
  );
  return { periods: rows.length, broken: rows.filter(({ wrong }) => wrong) };
}

const ADDITIVE = [
  ...[
    'leads',
    'trials',
    'signups',
    'revenue_gross',
    'revenue_refunds',
    'revenue_net',
    'tickets',
    'tickets_answered',
  ],
  ...['mrr_new', 'mrr_reactivation', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_fx'],
  ...['customers_new', 'customers_reactivated', 'customers_churned'],
];

/** Weeks and months that lie within some days, against the sum of their days. */
export async function brokenSums(
  db: Queryable,
  from: string,
  to: string,
): Promise<{ sums: number; broken: Broken[] }> {
  const rows = await db.query<Broken & { wrong: boolean }>(
    `select w.period_kind as kind, w.period_start as start, w.metric, abs(coalesce(sum(d.value), 0) - coalesce(w.value, 0)) > 0.000001 as wrong
       from (select *, (period_start at time zone 'Europe/Paris' + ('1 ' || period_kind)::interval) at time zone 'Europe/Paris' as period_end
               from maintenance.statistics where period_kind in ('week', 'month') and metric = any ($3)) as w
       join maintenance.statistics d on d.metric = w.metric and d.period_kind = 'day' and d.period_start >= w.period_start and d.period_start < w.period_end
      where w.period_start >= ($1::timestamp at time zone 'Europe/Paris') and w.period_end <= ($2::timestamp at time zone 'Europe/Paris')
      group by w.period_kind, w.period_start, w.metric, w.value`,
    [from, to, ADDITIVE],
  );
  return { sums: rows.length, broken: rows.filter(({ wrong }) => wrong) };
}

/** All figures of days, weeks and months that lie within some days, but cohorts: these move. */
export const figuresNow = (db: Queryable, from: string, to: string): Promise<object[]> =>
  db.query(
    `select metric, period_kind, period_start, round(value, 6)::text as value, round(numerator, 6)::text as numerator, round(denominator, 6)::text as denominator
       from maintenance.statistics
      where period_kind <> 'hour' and period_start >= ($1::timestamp at time zone 'Europe/Paris')
        and (period_start at time zone 'Europe/Paris' + ('1 ' || period_kind)::interval) <= $2::timestamp
        and metric not in ('lead_to_trial_rate', 'trial_to_customer_cohort_rate', 'resolution_rate')
      order by 2, 3, 1`,
    [from, to],
  );

/** As if nothing had ever been computed. */
export async function startAnew(db: Queryable): Promise<void> {
  await db.query(
    `truncate maintenance.statistics, maintenance.kpi_snapshots, maintenance.watermark, maintenance.mrr_movements, maintenance.mrr_days,
              maintenance.user_days, maintenance.activity_hours, maintenance.foreign_services, maintenance.term_days, maintenance.mau_days, maintenance.payment_hours`,
  );
}
