-- Seed, 2 of 4: subscriptions and their states, invoices, payments, exchange rates, costs and goals.

insert into public.plans values
  ('starter', 'Essentiel', 1, 1900, 19000, '["1 utilisateur", "500 contacts"]'),
  ('pro', 'Pro', 2, 4900, 49000, '["5 utilisateurs", "10 000 contacts", "API"]'),
  ('business', 'Entreprise', 3, 14900, 149000, '["Utilisateurs illimités", "API", "Accompagnement"]');
insert into public.coupons values
  ('BIENVENUE20', 20, 3, demo.now() - interval '3 years', null),
  ('FIDELITE10', 10, null, demo.now() - interval '3 years', null),
  ('DECOUVERTE50', 50, 1, demo.now() - interval '3 years', demo.now() + interval '3 months');

insert into public.fx_rates (currency, day, eur_per_unit)
select currency, day::date, round((base + swing * sin((day::date - date '2020-01-01') / 57.0)
    + swing * 0.3 * (demo.r(day::date - date '2000-01-01', salt) - 0.5))::numeric, 6)
from (values ('CHF', 1.045, 0.02, 60), ('USD', 0.905, 0.03, 61), ('GBP', 1.165, 0.025, 62)) as c(currency, base, swing, salt),
  generate_series(demo.now() - interval '930 days', demo.now(), interval '1 day') as day;

create table demo.subscriptions as
select n * 2 + turn as s, demo.uuid('subscription', n * 2 + turn) as id, n, account_id, from_at, ended_at, annual,
  case when demo.r(n, 63) < 0.5 then 1 when demo.r(n, 63) < 0.86 then 2 else 3 end as rank,
  case when demo.r(n, 64) < 0.88 then 'EUR' when demo.r(n, 64) < 0.93 then 'CHF' when demo.r(n, 64) < 0.97 then 'USD' else 'GBP' end as currency,
  case when demo.r(n * 2 + turn, 65) < 0.09 then 'BIENVENUE20' when demo.r(n * 2 + turn, 65) < 0.13 then 'FIDELITE10'
       when demo.r(n * 2 + turn, 65) < 0.16 then 'DECOUVERTE50' end as coupon,
  -- Monthly customers only: the day on which something changes, on a period's boundary.
  case when not annual then from_at + make_interval(months => 1 + floor(7 * demo.r(n * 2 + turn, 66))::int) end as change_at,
  demo.r(n * 2 + turn, 67) as change
from (
  select n, id as account_id, 0 as turn, customer_from as from_at, ended_at, annual from demo.accounts where customer_from is not null
  union all
  select n, id, 1, returned_at, null, false from demo.accounts where returned_at is not null
) turns;

create table demo.terms as
with events as (
  select s, from_at as at, 'active' as status, rank, case when annual then 12 else 1 end as months from demo.subscriptions
  union all
  select s, change_at, case when change < 0.28 then 'active' else 'paused' end,
    case when change < 0.18 then least(rank + 1, 3) when change < 0.24 then greatest(rank - 1, 1) else rank end,
    case when change between 0.24 and 0.28 then 12 else 1 end
  from demo.subscriptions where change < 0.31
    and not (change < 0.18 and rank = 3) and not (change between 0.18 and 0.24 and rank = 1)
  union all
  select s, change_at + interval '2 months', 'active', rank, 1 from demo.subscriptions where change between 0.28 and 0.31
  union all
  select s, from_at + make_interval(months => age), 'past_due', rank, 1
  from (select *, (extract(year from age(demo.now(), from_at)) * 12 + extract(month from age(demo.now(), from_at)))::int as age
        from demo.subscriptions) x
  where not annual and ended_at is null and change >= 0.31 and age >= 1 and demo.r(s, 68) < 0.03
), spans as (
  select e.*, coalesce(lead(e.at) over (partition by s order by e.at), sub.ended_at) as until_at, sub.n, sub.id, sub.currency, sub.coupon, sub.from_at
  from events e join demo.subscriptions sub using (s)
  where e.at <= demo.now() and (sub.ended_at is null or e.at < sub.ended_at)
)
select *, round(case months when 12 then p.yearly_cents else p.monthly_cents end
                * case currency when 'USD' then 1.1 when 'GBP' then 0.9 else 1 end, -2)::bigint as amount_cents, p.id as plan_id,
  coalesce(c.percent_off, 0) as discount_pct, from_at + make_interval(months => c.duration_months) as discount_until
from (select s, at, status, rank as span_rank, months, until_at, n, id as subscription_id, currency, coupon, from_at from spans) x
join public.plans p on p.rank = x.span_rank
left join public.coupons c on c.code = x.coupon;

insert into public.subscriptions (id, account_id, plan_id, status, interval_months, amount_cents, currency, coupon_code,
  discount_until, started_at, cancel_requested_at, ended_at, provider_ref, updated_at)
select sub.id, sub.account_id, t.plan_id, (case when sub.ended_at is null then t.status else 'canceled' end)::public.subscription_status,
  t.months, t.amount_cents, sub.currency, sub.coupon, t.discount_until, sub.from_at,
  case when sub.ended_at is not null then sub.ended_at - make_interval(days => 1 + floor(25 * demo.r(sub.s, 69))::int)
       when demo.r(sub.s, 70) < 0.02 then demo.now() - interval '2 days' end,
  sub.ended_at, 'sub_' || substr(md5('sub' || sub.s), 1, 20), t.at
from demo.subscriptions sub
join (select distinct on (s) * from demo.terms order by s, at desc) t using (s)
order by sub.from_at, sub.s;

insert into public.subscription_history (subscription_id, status, plan_id, interval_months, amount_cents, currency,
  discount_pct, discount_until, valid_from, valid_to)
select subscription_id, status::public.subscription_status, plan_id, months, amount_cents, currency, discount_pct, discount_until, at, until_at
from demo.terms order by at, s;

-- One invoice a period of an unpaused term; tax 20 % in euros, none on exports. `outcome` decides how it is paid.
create table demo.invoices as
with periods as (
  select t.*, t.at + make_interval(months => k * t.months) as issued_at
  from demo.terms t, generate_series(0, 40) as k
  where t.status <> 'paused' and t.at + make_interval(months => k * t.months) < least(coalesce(t.until_at, demo.now()), demo.now())
), amounts as (
  select s, n, subscription_id, currency, issued_at, status = 'past_due' as past_due, 'subscription' as kind,
    round(amount_cents * (1 - case when discount_until is null or issued_at < discount_until then discount_pct else 0 end / 100))::bigint as net
  from periods
  union all
  select s, n, id, currency, from_at + interval '8 days 2 hours', false, 'one_off', 45000
  from demo.subscriptions where demo.r(s, 71) < 0.06 and from_at + interval '8 days 2 hours' < demo.now()
), numbered as (
  select *, row_number() over (order by issued_at, s, kind) as i, case currency when 'EUR' then round(net * 0.2)::bigint else 0 end as tax from amounts
)
select *, case when past_due then 'unpaid' when demo.r(i, 72) < 0.035 then case when demo.r(i, 73) < 0.85 then 'late' else 'unpaid' end
               else 'paid' end as outcome,
  issued_at + make_interval(secs => 30 + floor(600 * demo.r(i, 74))) as first_try_at,
  issued_at + make_interval(days => 2, secs => floor(90000 * demo.r(i, 74))) as second_try_at
from numbered;

insert into public.invoices (id, number, account_id, subscription_id, status, issued_on, due_on, paid_at, currency,
  amount_excl_tax_cents, tax_cents, billing_name, billing_address, pdf_path)
select demo.uuid('invoice', i), 'F-' || lpad(i::text, 7, '0'), a.id, v.subscription_id,
  (case when outcome = 'paid' or outcome = 'late' and second_try_at < demo.now() then 'paid'
        when issued_at < demo.now() - interval '60 days' then 'uncollectible' else 'open' end)::public.invoice_status,
  (issued_at at time zone 'Europe/Paris')::date, (issued_at at time zone 'Europe/Paris')::date + 15,
  case when outcome = 'paid' then first_try_at when outcome = 'late' and second_try_at < demo.now() then second_try_at end,
  v.currency, net, tax, case when a.kind = 'b2b' then 'SAS ' || d.last_name else d.first_name || ' ' || d.last_name end, a.address, 'factures/' || a.id || '/F-' || lpad(i::text, 7, '0') || '.pdf'
from demo.invoices v join demo.accounts d using (n) join public.accounts a on a.id = d.id order by i;
select setval('public.invoice_number_seq', greatest(max(i), 1)) from demo.invoices;

create table demo.payments as
with tries as (
  select i, n, currency, kind, net + tax as gross, tax, first_try_at as at, case outcome when 'paid' then 'succeeded' else 'failed' end as status, 0 as turn from demo.invoices
  union all
  select i, n, currency, kind, net + tax, tax, second_try_at, case outcome when 'late' then 'succeeded' else 'failed' end, 1
  from demo.invoices where outcome <> 'paid'
  union all
  select i, n, currency, 'refund', net + tax, tax, first_try_at + make_interval(days => 1, secs => floor(800000 * demo.r(i, 75))), 'succeeded', 2
  from demo.invoices where outcome = 'paid' and demo.r(i, 76) < 0.012
)
select * from tries where at < demo.now() and gross > 0;
insert into public.payments (id, account_id, invoice_id, kind, status, at, amount_incl_tax_cents, tax_cents, currency,
  provider_ref, failure_code, card_last4, refund_of)
select demo.uuid('payment', i * 4 + turn), a.id, demo.uuid('invoice', i), p.kind::public.payment_kind, p.status::public.payment_status, p.at,
  gross, tax, p.currency, 'pay_' || substr(md5('pay' || (i * 4 + turn)), 1, 20),
  case p.status when 'failed' then demo.pick(array['card_declined', 'insufficient_funds', 'expired_card'], i, 77) end,
  lpad((n * 733 % 10000)::text, 4, '0'), case turn when 2 then demo.uuid('payment', i * 4) end
from demo.payments p join demo.accounts a using (n) order by p.at, i, turn;

insert into public.acquisition_costs (month, label, amount_cents)
select m::date, label, floor(base * (0.8 + 0.4 * demo.r(extract(epoch from m)::bigint, salt)))::bigint
from generate_series(date_trunc('month', demo.now() at time zone 'Europe/Paris') - interval '14 months',
                     date_trunc('month', demo.now() at time zone 'Europe/Paris'), interval '1 month') as m,
  (values ('Publicité Google', 180000, 78), ('Publicité LinkedIn', 90000, 79), ('Salons', 60000, 80)) as c(label, base, salt);

insert into public.goals (period, metric, target)
select to_char(m, 'YYYY-MM'), metric, round(base + step * i)
from generate_series(0, 14) as i, lateral (select date_trunc('month', demo.now() at time zone 'Europe/Paris') + make_interval(months => i - 12) as m) x,
  (values ('mrr', 450000, 240000), ('customers_new', 20, 4.5), ('trials', 60, 11)) as g(metric, base, step)
union all
select to_char(w, 'IYYY"-W"IW'), metric, round(base + step * i)
from generate_series(0, 56) as i, lateral (select date_trunc('week', demo.now() at time zone 'Europe/Paris') + make_interval(days => 7 * (i - 52)) as w) x,
  (values ('mrr', 450000, 55000), ('customers_new', 4, 0.25), ('leads', 40, 2), ('revenue_net', 150000, 17000)) as g(metric, base, step);
