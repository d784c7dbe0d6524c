/**
 * The rows behind a figure. `$1` and `$2`: from and until when; `$3` and `$4`: first and last Paris day; `$5`: the metric.
 * Ids, instants and amounts: who is behind an id is known to the application alone.
 */
const WORTH = `select account_id, round(mrr, 4)::float8 as mrr_cents, is_customer as customer from maintenance.account_states(null, $2)`;

const MOVED = `select day::text, account_id, round(opening, 4)::float8 as opening_cents, round(closing, 4)::float8 as closing_cents,
  round(fx, 4)::float8 as fx_cents from maintenance.mrr_movements where day between $3 and $4`;

const PAID = `select payment_id, account_id, at, kind, status, amount_cents, currency,
  round(amount_cents * case when status = 'succeeded' then maintenance.eur_rate(currency, maintenance.paris_day(at)) end, 4)::float8 as euro_cents
  from saas.payments where at >= $1 and at < $2`;

const TRIALS = 'select trial_id, account_id, started_at, ends_at, converted_at from saas.trials';
const TICKETS = `select ticket_id, created_at, first_human_reply_at, resolved_at, csat,
  round(extract(epoch from first_human_reply_at - created_at) / 60, 1)::float8 as reply_minutes from saas.tickets`;
const TIMES = (metric: string, reach: string): string =>
  `select hour, source, count, round(sum_ms::numeric)::float8 as sum_ms from maintenance.time_hours
    where metric = '${metric}' and hour >= ${reach} and hour < $2 order by hour`;
const LAST_30_DAYS = 'maintenance.midnight($4::date - 29)';

export const ROWS = {
  paying: `${WORTH} where mrr > 0 order by mrr desc`,
  customers: `${WORTH} where is_customer order by mrr desc`,
  new: `${MOVED} and not was_customer and is_customer and not paid_before order by 1, 2`,
  reactivated: `${MOVED} and not was_customer and is_customer and paid_before order by 1, 2`,
  expansion: `${MOVED} and was_customer and is_customer and closing - opening - fx > 0 order by 1, 2`,
  contraction: `${MOVED} and was_customer and is_customer and closing - opening - fx < 0 order by 1, 2`,
  churned: `${MOVED} and was_customer and not is_customer order by 1, 2`,
  lowered: `${MOVED} and was_customer and (not is_customer or closing - opening - fx < 0) order by 1, 2`,
  moved: `${MOVED} and (was_customer or paid_before) order by 1, 2`,
  fx: `${MOVED} and fx <> 0 order by 1, 2`,
  retained: `select o.account_id, round(o.mrr, 4)::float8 as opening_cents, round(coalesce(c.mrr, 0), 4)::float8 as closing_cents
      from maintenance.account_states(null, $1) o left join maintenance.account_states(null, $2) c using (account_id) where o.mrr > 0 order by 1`,
  churnOfMonths: `select since::text, until::text,
      (select coalesce(sum(churned), 0) from maintenance.mrr_days where day >= since and day < until) as churned,
      coalesce((select customers from maintenance.mrr_days where day < since order by day desc limit 1), 0) as customers
      from generate_series(0, 2) as back
     cross join lateral (select ($4::date + 1 - make_interval(months => back + 1))::date as since, ($4::date + 1 - make_interval(months => back))::date as until) as month`,
  costs: `select month::text, label, amount_cents from saas.acquisition_costs where month >= $3 and month <= $4 order by 1, 2`,
  leads: `select l.lead_id, l.account_id, l.created_at, (select min(t.started_at) from saas.trials t
      where t.account_id = l.account_id and t.started_at >= l.created_at and t.started_at < maintenance.days_later(l.created_at, 30)) as trial_started_at
      from saas.leads l where l.created_at >= $1 and l.created_at < $2 order by 3`,
  trials: `${TRIALS} where started_at >= $1 and started_at < $2 order by started_at`,
  trialsOf30Days: `${TRIALS} where (converted_at >= ${LAST_30_DAYS} and converted_at < $2) or (ends_at >= ${LAST_30_DAYS} and ends_at < $2) order by ends_at`,
  accounts: `select account_id, kind, status, created_at from saas.accounts where created_at >= $1 and created_at < $2 order by created_at`,
  payments: `${PAID} and status = 'succeeded' and kind <> 'refund' order by at`,
  refunds: `${PAID} and status = 'succeeded' and kind = 'refund' order by at`,
  money: `${PAID} and status = 'succeeded' order by at`,
  attempts: `${PAID} and kind <> 'refund' order by status, at`,
  userDays: `select day::text, count(*) as users from maintenance.user_days where day between $3 and $4 group by day order by day`,
  users: `select user_id, count(*) as days from maintenance.user_days where day between $4::date - 29 and $4 group by user_id order by 2 desc, 1`,
  tickets: `${TICKETS} where created_at >= $1 and created_at < $2 order by created_at`,
  answered: `${TICKETS} where first_human_reply_at >= $1 and first_human_reply_at < $2 order by first_human_reply_at`,
  rated: `${TICKETS} where resolved_at >= $1 and resolved_at < $2 and csat is not null order by resolved_at`,
  apiHours: TIMES('api_ms', '$1'),
  pageHours: TIMES('page_load_ms', 'maintenance.midnight($4::date - 27)'),
  gaugeHours: `select hour, target, seconds, weighted, last_value, total from maintenance.gauge_hours
    where metric = $5 and hour >= $1 and hour < $2 order by hour, target`,
} as const;

export type RowsOf = keyof typeof ROWS;
