-- The figures of the business: facts that are built a range at a time, and a function for each family of rules
-- (docs/kpis.md). Run as talos_owner. `saas` comes after the migrations, so bodies are not checked here.
set local check_function_bodies = off;

create table maintenance.user_days (
  day date not null,
  user_id text not null,
  primary key (day, user_id)
);
comment on table maintenance.user_days is 'Who did something on a Paris day: DAU and MAU are counted here.';

create table maintenance.mrr_movements (
  day date not null,
  account_id text not null,
  opening numeric not null,
  closing numeric not null,
  fx numeric not null,
  was_customer boolean not null,
  is_customer boolean not null,
  paid_before boolean not null,
  primary key (day, account_id)
);
create index mrr_movements_account_idx on maintenance.mrr_movements (account_id, day);
comment on table maintenance.mrr_movements is
  'MRR (cents) of an account at the two midnights of a Paris day on which it may have changed; fx is what rates alone changed.';
comment on column maintenance.mrr_movements.was_customer is
  'Pays, or has paused for at most 90 days: the only ones who can leave.';

create table maintenance.watermark (
  only_row boolean primary key default true check (only_row),
  built_to timestamptz not null
);
comment on table maintenance.watermark is 'Up to where facts are built; rows that come up to two days late are still met.';

create function maintenance.midnight(day date) returns timestamptz language sql stable
  return (day::timestamp at time zone 'Europe/Paris');
create function maintenance.paris_day(at timestamptz) returns date language sql stable
  return (at at time zone 'Europe/Paris')::date;

-- So many calendar days later in Paris, whatever the session's zone and the clock's changes.
create function maintenance.days_later(at timestamptz, days int) returns timestamptz language sql stable
  return (at at time zone 'Europe/Paris' + make_interval(days => days)) at time zone 'Europe/Paris';

create function maintenance.provided(view_name text) returns boolean language sql stable
  return coalesce(obj_description(to_regclass('saas.' || view_name), 'pg_class'), '') not like 'Not provided by the adapter.%';

-- Never 1:1 for a rate that is not there: a figure in no currency is worse than none.
create function maintenance.eur_rate(code text, rate_day date) returns numeric language plpgsql stable as $$
declare found_rate numeric;
begin
  if upper(code) = 'EUR' then return 1; end if;
  select r.eur_per_unit into found_rate from saas.fx_rates r
   where r.currency = code and r.day <= rate_day order by r.day desc limit 1;
  if found_rate is null then
    raise exception 'saas.fx_rates has no rate of % on or before %', code, rate_day using errcode = 'no_data_found';
  end if;
  return found_rate;
end $$;

-- The start of the service period that an instant lies in: its day's rate counts until the next renewal. Counted from
-- the first day each time: 30 December renews on 28 February and then on 30 March.
create function maintenance.service_day(valid_from timestamptz, months int, at timestamptz) returns date
language sql stable as $$
  select (local_from + make_interval(months => case when local_from + make_interval(months => begun) > local_at
            then begun - service_day.months else begun end))::date
    from (select valid_from at time zone 'Europe/Paris' as local_from, at at time zone 'Europe/Paris' as local_at) as local
   cross join lateral (select ((extract(year from local_at) - extract(year from local_from)) * 12
            + extract(month from local_at) - extract(month from local_from))::int / service_day.months * service_day.months as begun) as periods
$$;

-- Amount of one interval ÷ its months × what the discount in force leaves; past due counts for 30 days.
create function maintenance.term_mrr(
  status text, interval_months int, amount_cents bigint, discount_pct numeric, discount_until timestamptz,
  valid_from timestamptz, at timestamptz
) returns numeric language sql stable as $$
  select case
    when status = 'active' or (status = 'past_due' and at < maintenance.days_later(valid_from, 30))
    then amount_cents::numeric / interval_months
         * (1 - case when discount_until is null or at < discount_until then coalesce(discount_pct, 0) else 0 end / 100)
    else 0 end
$$;

create function maintenance.account_mrr(of_account text, at timestamptz)
returns table (mrr numeric, paused boolean) language sql stable as $$
  select coalesce(sum(maintenance.term_mrr(t.status, t.interval_months, t.amount_cents, t.discount_pct, t.discount_until, t.valid_from, at)
           * maintenance.eur_rate(t.currency, maintenance.service_day(t.valid_from, t.interval_months, at))), 0),
         coalesce(bool_or(t.status = 'paused' and at < maintenance.days_later(t.valid_from, 90)), false)
    from saas.subscription_terms t
   where t.account_id = of_account and t.valid_from <= at and (t.valid_to is null or t.valid_to > at)
$$;

-- The part of a day's change that a renewal at another rate alone explains.
create function maintenance.account_fx(of_account text, opening timestamptz, closing timestamptz) returns numeric
language sql stable as $$
  select coalesce(sum(maintenance.term_mrr(t.status, t.interval_months, t.amount_cents, t.discount_pct, t.discount_until, t.valid_from, opening)
           * (maintenance.eur_rate(t.currency, maintenance.service_day(t.valid_from, t.interval_months, closing))
              - maintenance.eur_rate(t.currency, maintenance.service_day(t.valid_from, t.interval_months, opening)))), 0)
    from saas.subscription_terms t
   where t.account_id = of_account and t.currency <> 'EUR'
     and t.valid_from <= opening and (t.valid_to is null or t.valid_to > closing)
$$;

-- Builds the facts of whole Paris days, as they were known at `as_of`; the same for an hour's look-back and a year.
create function maintenance.build_facts(first_day date, last_day date, as_of timestamptz) returns bigint
language plpgsql as $$
declare rows_built bigint; more bigint;
begin
  delete from maintenance.user_days where day between first_day and last_day;
  insert into maintenance.user_days (day, user_id)
  select distinct maintenance.paris_day(a.at), a.user_id from saas.activity a
   where a.at >= maintenance.midnight(first_day) and a.at < least(maintenance.midnight(last_day + 1), as_of);
  get diagnostics rows_built = row_count;

  delete from maintenance.mrr_movements where day between first_day and last_day;
  insert into maintenance.mrr_movements (day, account_id, opening, closing, fx, was_customer, is_customer, paid_before)
  with moments as (
    select t.account_id, moment.at from saas.subscription_terms t
     cross join lateral (values (t.valid_from), (t.valid_to), (t.discount_until),
       (case when t.status = 'past_due' then maintenance.days_later(t.valid_from, 30) end),
       (case when t.status = 'paused' then maintenance.days_later(t.valid_from, 90) end)) as moment(at)
    union all
    select t.account_id, (local_from + make_interval(months => t.interval_months * renewal)) at time zone 'Europe/Paris'
      from saas.subscription_terms t
     cross join lateral (select t.valid_from at time zone 'Europe/Paris' as local_from,
                                least(t.valid_to, maintenance.midnight(last_day + 1)) at time zone 'Europe/Paris' as local_to) as local
     cross join lateral generate_series(1, ((extract(year from local_to) - extract(year from local_from)) * 12
                                            + extract(month from local_to) - extract(month from local_from))::int / t.interval_months) as renewal
     where t.currency <> 'EUR'
  ), candidates as (
    -- What happens at midnight itself belongs to the day that ends.
    select distinct account_id, maintenance.paris_day(at - interval '1 microsecond') as day from moments
     where at > maintenance.midnight(first_day) and at <= maintenance.midnight(last_day + 1) and at <= as_of
  ), looked as (
    select c.day, c.account_id, o.mrr as opening, e.mrr as closing,
           maintenance.account_fx(c.account_id, maintenance.midnight(c.day), ends.at) as fx,
           o.mrr > 0 or o.paused as was_customer, e.mrr > 0 or e.paused as is_customer,
           exists (select from saas.subscription_terms t where t.account_id = c.account_id and t.status in ('active', 'past_due')
                    and t.amount_cents > 0 and t.valid_from < maintenance.midnight(c.day)) as paid_before
      from candidates c
     cross join lateral (select least(maintenance.midnight(c.day + 1), as_of) as at) as ends
     cross join lateral maintenance.account_mrr(c.account_id, maintenance.midnight(c.day)) as o
     cross join lateral maintenance.account_mrr(c.account_id, ends.at) as e
  )
  select * from looked where opening <> closing or fx <> 0 or was_customer <> is_customer;
  get diagnostics more = row_count;
  return rows_built + more;
end $$;

create type maintenance.figure as (metric text, value numeric, numerator numeric, denominator numeric, unit text);

create function maintenance.rate(metric text, numerator numeric, denominator numeric, unit text default 'ratio')
returns maintenance.figure language sql immutable
  return (metric, numerator / nullif(denominator, 0), numerator, denominator, unit)::maintenance.figure;
create function maintenance.amount(metric text, value numeric, unit text) returns maintenance.figure language sql immutable
  return (metric, value, null, null, unit)::maintenance.figure;

-- Leads, trials, sign-ups and what became of them. `period_end` is never after the instant as of which it is known.
create function maintenance.acquisition_figures(period_start timestamptz, period_end timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare
  window_start timestamptz := maintenance.midnight(maintenance.paris_day(period_end - interval '1 microsecond') - 29);
begin
  return next maintenance.amount('leads',
    (select count(*) from saas.leads where created_at >= period_start and created_at < period_end), 'count');
  return next maintenance.amount('trials',
    (select count(*) from saas.trials where started_at >= period_start and started_at < period_end), 'count');
  return next maintenance.amount('signups',
    (select count(*) from saas.accounts where created_at >= period_start and created_at < period_end), 'count');
  return query select (maintenance.rate('lead_to_trial_rate',
      count(*) filter (where exists (select from saas.trials t where t.account_id = l.account_id
        and t.started_at >= l.created_at and t.started_at < maintenance.days_later(l.created_at, 30))),
      count(*))).*
    from saas.leads l where l.created_at >= period_start and l.created_at < period_end;
  return query select (maintenance.rate('trial_to_customer_rate',
      count(*) filter (where converted_at >= window_start and converted_at < period_end),
      count(*) filter (where least(converted_at, ends_at) >= window_start and least(converted_at, ends_at) < period_end))).*
    from saas.trials;
  return query select (maintenance.rate('trial_to_customer_cohort_rate',
      count(*) filter (where converted_at < maintenance.days_later(started_at, 30)), count(*))).*
    from saas.trials where started_at >= period_start and started_at < period_end;
end $$;

-- Money that moved, tax excluded, at the rate of its day; refunds lower the day they are made on.
create function maintenance.revenue_figures(period_start timestamptz, period_end timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare gross numeric; refunds numeric; attempts bigint; failures bigint;
begin
  select coalesce(sum(p.amount_cents * r.rate) filter (where p.status = 'succeeded' and p.kind <> 'refund'), 0),
         coalesce(sum(p.amount_cents * r.rate) filter (where p.status = 'succeeded' and p.kind = 'refund'), 0),
         count(*) filter (where p.kind <> 'refund'), count(*) filter (where p.kind <> 'refund' and p.status = 'failed')
    into gross, refunds, attempts, failures
    from saas.payments p
   cross join lateral (select maintenance.eur_rate(p.currency, maintenance.paris_day(p.at)) as rate) as r
   where p.at >= period_start and p.at < period_end;
  return next maintenance.amount('revenue_gross', gross, 'cents');
  return next maintenance.amount('revenue_refunds', refunds, 'cents');
  return next maintenance.amount('revenue_net', gross - refunds, 'cents');
  return next maintenance.rate('payment_error_rate', failures, attempts);
end $$;

-- MRR and customers from the movements alone, so that opening + movements = closing by construction.
create function maintenance.mrr_figures(first_day date, last_day date, gross_margin numeric)
returns setof maintenance.figure language plpgsql stable as $$
declare
  opening numeric; closing numeric; customers_opening numeric; customers_closing numeric; paying numeric;
  gained numeric; back numeric; up numeric; down numeric; lost numeric; rates numeric;
  n_new numeric; n_back numeric; n_lost numeric; kept numeric; lost_quarter numeric; at_risk numeric; costs numeric;
begin
  select coalesce(sum(m.closing - m.opening) filter (where day < first_day), 0), coalesce(sum(m.closing - m.opening), 0),
         coalesce(sum(m.is_customer::int - m.was_customer::int) filter (where day < first_day), 0),
         coalesce(sum(m.is_customer::int - m.was_customer::int), 0),
         coalesce(sum((m.closing > 0)::int - (m.opening > 0)::int), 0)
    into opening, closing, customers_opening, customers_closing, paying
    from maintenance.mrr_movements m where day <= last_day;
  select coalesce(sum(change) filter (where not was_customer and is_customer and not paid_before), 0),
         coalesce(sum(change) filter (where not was_customer and is_customer and paid_before), 0),
         coalesce(sum(change) filter (where was_customer and is_customer and change > 0), 0),
         coalesce(sum(change) filter (where was_customer and is_customer and change < 0), 0),
         coalesce(sum(change) filter (where not is_customer), 0), coalesce(sum(m.fx), 0),
         count(*) filter (where not was_customer and is_customer and not paid_before),
         count(*) filter (where not was_customer and is_customer and paid_before),
         count(*) filter (where was_customer and not is_customer)
    into gained, back, up, down, lost, rates, n_new, n_back, n_lost
    from maintenance.mrr_movements m cross join lateral (select m.closing - m.opening - m.fx as change) as moved
   where day between first_day and last_day;
  return next maintenance.amount('mrr', closing, 'cents');
  return next maintenance.amount('arr', closing * 12, 'cents');
  return next maintenance.amount('mrr_new', gained, 'cents');
  return next maintenance.amount('mrr_reactivation', back, 'cents');
  return next maintenance.amount('mrr_expansion', up, 'cents');
  return next maintenance.amount('mrr_contraction', down, 'cents');
  return next maintenance.amount('mrr_churn', lost, 'cents');
  return next maintenance.amount('mrr_fx', rates, 'cents');
  return next maintenance.amount('customers', customers_closing, 'count');
  return next maintenance.amount('customers_new', n_new, 'count');
  return next maintenance.amount('customers_reactivated', n_back, 'count');
  return next maintenance.amount('customers_churned', n_lost, 'count');
  return next maintenance.rate('customer_churn_rate', n_lost, customers_opening);
  return next maintenance.rate('gross_mrr_churn_rate', -(lost + down), opening);
  return next maintenance.rate('net_mrr_churn_rate', -(lost + down) - up - back, opening);
  -- What those who paid at the opening pay at the end.
  select coalesce(sum(now_pays), 0) into kept from (
    select sum(m.closing - m.opening) as now_pays from maintenance.mrr_movements m where day <= last_day
     group by account_id having coalesce(sum(m.closing - m.opening) filter (where day < first_day), 0) > 0) as cohort;
  return next maintenance.rate('net_revenue_retention', kept, opening);
  return next maintenance.rate('arpu', closing, paying, 'cents');
  -- Mean of three months: those who left ÷ those who could, month by month.
  select coalesce(sum(month.left_), 0), coalesce(sum(month.could), 0) into lost_quarter, at_risk
    from generate_series(0, 2) as back_months
   cross join lateral (select (last_day + 1 - make_interval(months => back_months + 1))::date as since,
                              (last_day + 1 - make_interval(months => back_months))::date as until) as span
   cross join lateral (select count(*) filter (where day >= since and was_customer and not is_customer) as left_,
                              coalesce(sum(is_customer::int - was_customer::int) filter (where day < since), 0) as could
                         from maintenance.mrr_movements where day < until) as month;
  return next ('ltv', closing / nullif(paying, 0) * gross_margin * at_risk / nullif(lost_quarter, 0), null, null, 'cents')::maintenance.figure;
  if extract(day from first_day) = 1 and last_day - first_day between 27 and 30 then
    select sum(amount_cents) into costs from saas.acquisition_costs where month = first_day;
    return next maintenance.rate('cac', case when maintenance.provided('acquisition_costs') then costs end, n_new, 'cents');
  end if;
end $$;

create function maintenance.usage_figures(first_day date, last_day date) returns setof maintenance.figure
language plpgsql stable as $$
declare monthly numeric; daily numeric;
begin
  return next maintenance.rate('dau',
    (select count(*) from maintenance.user_days where day between first_day and last_day), last_day - first_day + 1, 'users');
  select count(distinct user_id), count(*) into monthly, daily from maintenance.user_days where day between last_day - 29 and last_day;
  return next maintenance.amount('mau', monthly, 'users');
  return next maintenance.rate('stickiness', daily / 30, monthly);
end $$;

create function maintenance.support_figures(period_start timestamptz, period_end timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare
  known boolean := maintenance.provided('tickets');
  created bigint; resolved bigint; answered bigint; good bigint; rated bigint; mean_minutes numeric; middle numeric; minutes numeric;
begin
  select count(*), count(*) filter (where resolved_at < period_end) into created, resolved
    from saas.tickets where created_at >= period_start and created_at < period_end;
  select count(*), sum(extract(epoch from first_human_reply_at - created_at)) / 60,
         percentile_cont(0.5) within group (order by extract(epoch from first_human_reply_at - created_at) / 60)
    into answered, minutes, middle
    from saas.tickets where first_human_reply_at >= period_start and first_human_reply_at < period_end;
  select count(*) filter (where csat >= 4), count(csat) into good, rated
    from saas.tickets where resolved_at >= period_start and resolved_at < period_end;
  return next maintenance.amount('tickets', case when known then created end, 'count');
  return next maintenance.amount('tickets_answered', case when known then answered end, 'count');
  return next maintenance.rate('first_reply_minutes_mean', minutes, case when known then answered end, 'minutes');
  return next maintenance.amount('first_reply_minutes_median', middle, 'minutes');
  return next maintenance.rate('resolution_rate', resolved, case when known then created end);
  return next maintenance.rate('csat', good, case when known then rated end);
end $$;

-- All figures of one period as known at `as_of`; hours (of UTC) have those that are counted by the hour.
create function maintenance.figures_of(kind text, period_start timestamptz, period_end timestamptz, as_of timestamptz, gross_margin numeric)
returns setof maintenance.figure language plpgsql stable as $$
declare
  ends timestamptz := least(period_end, as_of);
  first_day date := maintenance.paris_day(period_start);
  last_day date := maintenance.paris_day(ends - interval '1 microsecond');
begin
  return query select * from maintenance.acquisition_figures(period_start, ends) f
    where kind <> 'hour' or f.metric in ('leads', 'trials', 'signups');
  return query select * from maintenance.revenue_figures(period_start, ends);
  return query select * from maintenance.support_figures(period_start, ends);
  if kind <> 'hour' then
    return query select * from maintenance.mrr_figures(first_day, last_day, gross_margin);
    return query select * from maintenance.usage_figures(first_day, last_day);
  end if;
end $$;

-- For Grafana: small, without now(), with a unique index on plain columns.
create materialized view maintenance.monthly_summary as
select period_start, max(value) filter (where metric = 'mrr') as mrr_cents,
       max(value) filter (where metric = 'customers') as customers,
       max(value) filter (where metric = 'customers_new') as customers_new,
       max(value) filter (where metric = 'customers_churned') as customers_churned,
       max(value) filter (where metric = 'revenue_net') as revenue_net_cents
  from maintenance.statistics where period_kind = 'month' group by period_start;
create unique index monthly_summary_period_idx on maintenance.monthly_summary (period_start);

-- Only an owner may refresh (before PostgreSQL 17): this is what the program may have refreshed.
create function maintenance.refresh_monthly_summary() returns void language plpgsql security definer set search_path = '' as $$
begin
  refresh materialized view concurrently maintenance.monthly_summary;
end $$;
