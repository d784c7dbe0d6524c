/**
 * What one would write instead: the same figures of days in one materialised view over the same rows of `saas`, with the
 * unique index that CONCURRENTLY needs. It knows the simple half of the rules (no pauses, no rates of a service period,
 * no movements by customer), so it does less than ours.
 */
export const EQUIVALENT = `
create materialized view public.figures_of_days as
with days as (
  select day::date as day, day at time zone 'Europe/Paris' as opens, (day + interval '1 day') at time zone 'Europe/Paris' as closes
    from generate_series((select min(at) at time zone 'Europe/Paris' from saas.payments)::date::timestamp,
                         (select max(at) at time zone 'Europe/Paris' from saas.payments)::date::timestamp, interval '1 day') as day
), changes as (
  select ((valid_from - interval '1 microsecond') at time zone 'Europe/Paris')::date as day, amount_cents::numeric / interval_months as mrr, 1 as customers
    from saas.subscription_terms where status in ('active', 'past_due')
  union all
  select ((valid_to - interval '1 microsecond') at time zone 'Europe/Paris')::date, -amount_cents::numeric / interval_months, -1
    from saas.subscription_terms where status in ('active', 'past_due') and valid_to is not null
), mrr as (
  select day, sum(sum(mrr)) over (order by day) as mrr, sum(sum(customers)) over (order by day) as customers from changes group by day
), money as (
  select (at at time zone 'Europe/Paris')::date as day, sum(amount_cents) filter (where status = 'succeeded' and kind <> 'refund') as gross,
         sum(amount_cents) filter (where status = 'succeeded' and kind = 'refund') as refunds,
         count(*) filter (where status = 'failed') as failed, count(*) filter (where kind <> 'refund') as attempts
    from saas.payments group by 1
), user_days as materialized (
  select distinct (at at time zone 'Europe/Paris')::date as day, user_id from saas.activity
), dau as (
  select day, count(*) as dau from user_days group by day
), ranges as (
  -- A user counts for the 30 days from each of theirs on, until the next one: no day counts them twice.
  select user_id, day as since, least(day + 30, lead(day) over (partition by user_id order by day)) as until from user_days
), mau as (
  select day, sum(sum(step)) over (order by day) as mau from (
    select since as day, 1 as step from ranges union all select coalesce(until, since + 30), -1 from ranges) as steps group by day
), leads as (
  select (created_at at time zone 'Europe/Paris')::date as day, count(*) as leads from saas.leads group by 1
), trials as (
  select (started_at at time zone 'Europe/Paris')::date as day, count(*) as trials from saas.trials group by 1
), tickets as (
  select (created_at at time zone 'Europe/Paris')::date as day, count(*) as tickets,
         percentile_cont(0.5) within group (order by first_human_reply_at - created_at) as reply from saas.tickets group by 1
)
select d.day, m.mrr, m.customers, y.gross, y.refunds, y.failed, y.attempts, u.dau, a.mau, l.leads, t.trials, k.tickets, k.reply
  from days d left join mrr m using (day) left join money y using (day) left join dau u using (day) left join mau a using (day)
  left join leads l using (day) left join trials t using (day) left join tickets k using (day);
create unique index on public.figures_of_days (day);
analyze public.figures_of_days`;
