-- The figures of a period, from the facts of 0012: each query has a range that an index serves, a source that the adapter
-- does not give makes null, cohorts follow their own until it is known. Run as talos_owner.
set local check_function_bodies = off;

drop function maintenance.acquisition_figures(timestamptz, timestamptz);
drop function maintenance.revenue_figures(timestamptz, timestamptz);
drop function maintenance.mrr_figures(date, date, numeric);
drop function maintenance.usage_figures(date, date);
drop function maintenance.support_figures(timestamptz, timestamptz);
drop function maintenance.figures_of(text, timestamptz, timestamptz, timestamptz, numeric);

-- Leads, trials, sign-ups and what became of them. `period_end` is never after `as_of`; a cohort is followed up to there.
create function maintenance.acquisition_figures(kind text, period_start timestamptz, period_end timestamptz, as_of timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare
  window_start timestamptz := maintenance.midnight(maintenance.paris_day(period_end - interval '1 microsecond') - 29);
  followed timestamptz := least(as_of, maintenance.days_later(period_end, 30));
  leads bigint; trials bigint; signups bigint; got_there bigint; ended bigint;
begin
  select count(*) into leads from saas.leads l where l.created_at >= period_start and l.created_at < period_end;
  select count(*) into trials from saas.trials t where t.started_at >= period_start and t.started_at < period_end;
  select count(*) into signups from saas.accounts a where a.created_at >= period_start and a.created_at < period_end;
  if not maintenance.provided('leads') then leads := null; end if;
  if not maintenance.provided('trials') then trials := null; end if;
  if not maintenance.provided('accounts') then signups := null; end if;
  return next maintenance.amount('leads', leads, 'count');
  return next maintenance.amount('trials', trials, 'count');
  return next maintenance.amount('signups', signups, 'count');
  if kind = 'hour' then return; end if;

  -- Apart, so that they are joined by their accounts whatever a plan made for any period expects.
  with came as materialized (
    select l.account_id, l.created_at from saas.leads l where l.created_at >= period_start and l.created_at < period_end
  ), tried as materialized (
    select t.account_id, t.started_at from saas.trials t where t.started_at >= period_start and t.started_at < followed
  )
  select count(*) into got_there from came c
   where exists (select from tried t where t.account_id = c.account_id and t.started_at >= c.created_at
                    and t.started_at < maintenance.days_later(c.created_at, 30));
  return next maintenance.rate('lead_to_trial_rate', case when trials is not null then got_there end, leads);
  select count(*) filter (where t.converted_at >= window_start and t.converted_at < period_end),
         count(*) filter (where least(t.converted_at, t.ends_at) >= window_start and least(t.converted_at, t.ends_at) < period_end)
    into got_there, ended from saas.trials t
   where (t.converted_at >= window_start and t.converted_at < period_end) or (t.ends_at >= window_start and t.ends_at < period_end);
  return next maintenance.rate('trial_to_customer_rate', got_there, case when trials is not null then ended end);
  select count(*) into got_there from saas.trials t
   where t.started_at >= period_start and t.started_at < period_end
     and t.converted_at < as_of and t.converted_at < maintenance.days_later(t.started_at, 30);
  return next maintenance.rate('trial_to_customer_cohort_rate', got_there, trials);
end $$;

-- Money that moved, tax excluded, at the rate of its day; refunds lower the day they are made on.
create function maintenance.revenue_figures(period_start timestamptz, period_end timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare gross numeric; refunds numeric; attempts bigint; failures bigint; known boolean := maintenance.provided('payments');
begin
  select coalesce(sum(h.gross), 0), coalesce(sum(h.refunds), 0), coalesce(sum(h.attempts), 0), coalesce(sum(h.failures), 0)
    into gross, refunds, attempts, failures from maintenance.payment_hours h where h.hour >= period_start and h.hour < period_end;
  return next maintenance.amount('revenue_gross', case when known then gross end, 'cents');
  return next maintenance.amount('revenue_refunds', case when known then refunds end, 'cents');
  return next maintenance.amount('revenue_net', case when known then gross - refunds end, 'cents');
  return next maintenance.rate('payment_error_rate', failures, case when known then attempts end);
end $$;

-- MRR and customers from balances and movements, so that opening + movements = closing by construction.
create function maintenance.mrr_figures(kind text, first_day date, last_day date, gross_margin numeric)
returns setof maintenance.figure language plpgsql stable as $$
declare
  opening maintenance.mrr_days; closing maintenance.mrr_days; mrr_before numeric; mrr_after numeric;
  gained numeric; back numeric; up numeric; down numeric; lost numeric; rates numeric; kept numeric;
  n_new numeric; n_back numeric; n_lost numeric; churn numeric; arpu numeric; costs numeric; known boolean := maintenance.provided('subscription_terms');
begin
  if known then
    select * into opening from maintenance.mrr_days d where d.day < first_day order by d.day desc limit 1;
    select * into closing from maintenance.mrr_days d where d.day <= last_day order by d.day desc limit 1;
    -- Twelve twelfths of a price are that price: sums of thirds lose it in their sixteenth digit.
    mrr_before := round(coalesce(opening.mrr, 0), 8);
    mrr_after := round(coalesce(closing.mrr, 0), 8);
    select coalesce(sum(d.gained), 0), coalesce(sum(d.back), 0), coalesce(sum(d.up), 0), coalesce(sum(d.down), 0), coalesce(sum(d.lost), 0),
           coalesce(sum(d.fx), 0), coalesce(sum(d.came), 0), coalesce(sum(d.returned), 0), coalesce(sum(d.churned), 0)
      into gained, back, up, down, lost, rates, n_new, n_back, n_lost
      from maintenance.mrr_days d where d.day between first_day and last_day;
    -- What those who paid at the opening pay at the end: of most of them nothing has changed.
    select mrr_before + coalesce(sum(c.change), 0) into kept from (
      select sum(m.closing - m.opening) as change from maintenance.mrr_movements m where m.day between first_day and last_day
       group by m.account_id having (array_agg(m.opening order by m.day))[1] > 0) as c;
  end if;
  return next maintenance.amount('mrr', mrr_after, 'cents');
  return next maintenance.amount('arr', mrr_after * 12, 'cents');
  return next maintenance.amount('mrr_new', round(gained, 8), 'cents');
  return next maintenance.amount('mrr_reactivation', round(back, 8), 'cents');
  return next maintenance.amount('mrr_expansion', round(up, 8), 'cents');
  return next maintenance.amount('mrr_contraction', round(down, 8), 'cents');
  return next maintenance.amount('mrr_churn', round(lost, 8), 'cents');
  return next maintenance.amount('mrr_fx', round(rates, 8), 'cents');
  return next maintenance.amount('customers', case when known then coalesce(closing.customers, 0) end, 'count');
  return next maintenance.amount('customers_new', n_new, 'count');
  return next maintenance.amount('customers_reactivated', n_back, 'count');
  return next maintenance.amount('customers_churned', n_lost, 'count');
  return next maintenance.rate('customer_churn_rate', n_lost, case when known then coalesce(opening.customers, 0) end);
  return next maintenance.rate('gross_mrr_churn_rate', round(-(lost + down), 8), mrr_before);
  return next maintenance.rate('net_mrr_churn_rate', round(-(lost + down) - up - back, 8), mrr_before);
  return next maintenance.rate('net_revenue_retention', round(kept, 8), mrr_before);
  arpu := mrr_after / nullif(coalesce(closing.paying, 0), 0);
  return next maintenance.rate('arpu', mrr_after, case when known then coalesce(closing.paying, 0) end, 'cents');
  -- The mean of the last three months' churn; a month that began without customers has none.
  select avg(month.left_ / nullif(month.could, 0)) into churn
    from generate_series(0, 2) as back_months
   cross join lateral (select (last_day + 1 - make_interval(months => back_months + 1))::date as since,
                              (last_day + 1 - make_interval(months => back_months))::date as until) as span
   cross join lateral (select (select coalesce(sum(d.churned), 0) from maintenance.mrr_days d where d.day >= since and d.day < until) as left_,
                              (select d.customers::numeric from maintenance.mrr_days d where d.day < since order by d.day desc limit 1) as could) as month;
  return next maintenance.rate('ltv', arpu * gross_margin, case when known then churn end, 'cents');
  if kind = 'month' then
    select sum(c.amount_cents) into costs from saas.acquisition_costs c
     where c.month >= first_day and c.month < first_day + interval '1 month';
    return next maintenance.rate('cac', case when maintenance.provided('acquisition_costs') then costs end, n_new, 'cents');
  end if;
end $$;

-- After maintenance.count_users of its last day.
create function maintenance.usage_figures(first_day date, last_day date) returns setof maintenance.figure
language plpgsql stable as $$
declare monthly numeric; daily numeric; whole numeric; known boolean := maintenance.provided('activity');
begin
  select count(*) into whole from maintenance.user_days u where u.day between first_day and last_day;
  select m.users, m.user_days into monthly, daily from maintenance.mau_days m where m.day = last_day;
  return next maintenance.rate('dau', case when known then whole end, last_day - first_day + 1, 'users');
  return next maintenance.amount('mau', case when known then monthly end, 'users');
  return next maintenance.rate('stickiness', daily / 30, case when known then monthly end);
end $$;

-- Answers and notes belong to the period they are given in; what was created in it is followed until it is resolved.
create function maintenance.support_figures(period_start timestamptz, period_end timestamptz, as_of timestamptz)
returns setof maintenance.figure language plpgsql stable as $$
declare
  known boolean := maintenance.provided('tickets');
  created bigint; resolved bigint; answered bigint; good bigint; rated bigint; middle numeric; minutes numeric;
begin
  if known then
    select count(*), count(*) filter (where t.resolved_at < as_of) into created, resolved
      from saas.tickets t where t.created_at >= period_start and t.created_at < period_end;
    select count(*), sum(extract(epoch from t.first_human_reply_at - t.created_at)) / 60,
           percentile_cont(0.5) within group (order by extract(epoch from t.first_human_reply_at - t.created_at) / 60)
      into answered, minutes, middle
      from saas.tickets t where t.first_human_reply_at >= period_start and t.first_human_reply_at < period_end;
    select count(*) filter (where t.csat >= 4), count(t.csat) into good, rated
      from saas.tickets t where t.resolved_at >= period_start and t.resolved_at < period_end;
  end if;
  return next maintenance.amount('tickets', created, 'count');
  return next maintenance.amount('tickets_answered', answered, 'count');
  return next maintenance.rate('first_reply_minutes_mean', minutes, answered, 'minutes');
  return next maintenance.amount('first_reply_minutes_median', middle, 'minutes');
  return next maintenance.rate('resolution_rate', resolved, created);
  return next maintenance.rate('csat', good, rated);
end $$;

-- All figures of one period as known at `as_of`; hours (of UTC) have those that are counted by the hour. Without
-- `with_facts` those made of facts are left out: nothing they are made of has changed.
create function maintenance.figures_of(
  kind text, period_start timestamptz, period_end timestamptz, as_of timestamptz, gross_margin numeric, with_facts boolean default true
) returns setof maintenance.figure language plpgsql stable as $$
declare
  ends timestamptz := least(period_end, as_of);
  first_day date := maintenance.paris_day(period_start);
  last_day date := maintenance.paris_day(ends - interval '1 microsecond');
begin
  return query select * from maintenance.acquisition_figures(kind, period_start, ends, as_of);
  return query select * from maintenance.revenue_figures(period_start, ends);
  return query select * from maintenance.support_figures(period_start, ends, as_of);
  if kind <> 'hour' and with_facts then
    return query select * from maintenance.mrr_figures(kind, first_day, last_day, gross_margin);
    return query select * from maintenance.usage_figures(first_day, last_day);
  end if;
end $$;
