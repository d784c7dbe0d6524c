-- Figures whose cost does not grow with history: balances a day, candidates by when a term begins or ends, only the hours
-- of activity that have new rows. Rules that changed with it: docs/kpis.md, "Decided". Run as talos_owner; `saas` comes
-- after the migrations, so bodies are not checked here.
set local check_function_bodies = off;

create table maintenance.mrr_days (
  day date primary key,
  mrr numeric not null,
  customers bigint not null,
  paying bigint not null,
  gained numeric not null default 0,
  back numeric not null default 0,
  up numeric not null default 0,
  down numeric not null default 0,
  lost numeric not null default 0,
  fx numeric not null default 0,
  came bigint not null default 0,
  returned bigint not null default 0,
  churned bigint not null default 0
);
comment on table maintenance.mrr_days is
  'What there was at the midnight that ends a Paris day, and what moved on it; a day without a movement has no row.';

create function maintenance.moved_on(first_day date)
returns table (day date, change numeric, came_all bigint, paying_all bigint, gained numeric, back numeric, up numeric, down numeric,
  lost numeric, fx numeric, came bigint, returned bigint, churned bigint)
language sql stable as $$
  select m.day, sum(m.closing - m.opening), sum(m.is_customer::int - m.was_customer::int), sum((m.closing > 0)::int - (m.opening > 0)::int),
         coalesce(sum(moved.change) filter (where not was_customer and is_customer and not paid_before), 0),
         coalesce(sum(moved.change) filter (where not was_customer and is_customer and paid_before), 0),
         coalesce(sum(moved.change) filter (where was_customer and is_customer and moved.change > 0), 0),
         coalesce(sum(moved.change) filter (where was_customer and is_customer and moved.change < 0), 0),
         coalesce(sum(moved.change) filter (where not is_customer), 0), sum(m.fx),
         count(*) filter (where not was_customer and is_customer and not paid_before),
         count(*) filter (where not was_customer and is_customer and paid_before), count(*) filter (where was_customer and not is_customer)
    from maintenance.mrr_movements m cross join lateral (select m.closing - m.opening - m.fx as change) as moved
   where m.day >= moved_on.first_day group by m.day
$$;
create table maintenance.term_days (day date primary key, fingerprint numeric not null);
comment on table maintenance.term_days is
  'Of days that are over: what their terms looked like when their movements were built. Those that look the same are not built again.';

create table maintenance.mau_days (day date primary key, users bigint not null, user_days bigint not null);
comment on table maintenance.mau_days is 'Users of the 30 Paris days that end with a day, and on how many days they came; gone where user_days has changed.';

create table maintenance.activity_hours (hour timestamptz primary key, events bigint not null);
comment on table maintenance.activity_hours is 'How many rows of saas.activity are counted in user_days: an hour with another number is read again.';

create table maintenance.payment_hours (
  hour timestamptz primary key,
  gross numeric not null,
  refunds numeric not null,
  attempts bigint not null,
  failures bigint not null
);
comment on table maintenance.payment_hours is
  'Money that moved in an hour of UTC: euro cents without tax, at the rate of its Paris day. Days, weeks and months begin with an hour.';

create table maintenance.foreign_services (
  subscription_id text not null,
  account_id text not null,
  service_from timestamptz not null,
  interval_months int not null,
  renewal_day int not null,
  ends_at timestamptz,
  primary key (subscription_id, service_from)
);
create index foreign_services_renewal_idx on maintenance.foreign_services (renewal_day);
comment on table maintenance.foreign_services is
  'Services not paid in euros, by the day of the month they renew on: each renewal takes the rate of its day.';

-- The next run builds these facts from the beginning.
delete from maintenance.watermark;
alter table maintenance.watermark add column compared_at timestamptz;
comment on column maintenance.watermark.compared_at is 'When the figures were last compared with a full recompute.';

-- Published rates skip week-ends and feast days: the last one before counts, however old. None at all: never 1:1.
create or replace function maintenance.eur_rate(code text, rate_day date) returns numeric language plpgsql stable as $$
declare found_rate numeric;
begin
  if upper(code) = 'EUR' then return 1; end if;
  select r.eur_per_unit into found_rate from saas.fx_rates r
   where r.day <= rate_day and r.currency = code order by r.day desc limit 1;
  -- `usd` and `USD` are one; asked only then, as it costs more than all the rest.
  if found_rate is null then
    select r.eur_per_unit into found_rate from saas.fx_rates r
     where r.day <= rate_day and upper(r.currency) = upper(code) order by r.day desc limit 1;
  end if;
  if found_rate is null then
    raise exception 'saas.fx_rates has no rate of % on or before %', upper(code), rate_day using errcode = 'no_data_found';
  end if;
  return found_rate;
end $$;

-- Terms of some accounts (null: of all), with the instants at which they turn: from when to when a term pays (past due
-- counts for 30 days) or pauses a customer (for 90 days), until when it is reduced, from when it had paid (not what is
-- free), and where its periods of service are counted from; what is paid stays the same in them. A state goes on
-- however many rows tell it. Amounts are those of a month, in the term's own currency.
create function maintenance.terms_of(accounts text[])
returns table (account_id text, subscription_id text, currency text, valid_from timestamptz, valid_to timestamptz, pays_until timestamptz,
  pauses_until timestamptz, reduced_until timestamptz, reduced numeric, whole numeric, paid_from timestamptz, service_from timestamptz,
  interval_months int)
language sql stable as $$
  with steps as (
    select t.account_id::text, t.subscription_id::text, t.valid_from, t.valid_to, t.status::text, t.interval_months::int,
           t.amount_cents::numeric, upper(t.currency::text) as currency, coalesce(t.discount_pct::numeric, 0) as discount_pct, t.discount_until,
           coalesce(lag(t.valid_to) over before = t.valid_from, false) as goes_on,
           lag(t.status::text) over before = t.status as same_state,
           lag(t.status::text) over before in ('active', 'past_due') and t.status in ('active', 'past_due')
             and (lag(t.interval_months) over before, lag(t.amount_cents) over before, lag(t.currency) over before)
               = (t.interval_months, t.amount_cents, t.currency) as same_service
      from saas.subscription_terms t
     where (terms_of.accounts is null or t.account_id = any (terms_of.accounts)) and (t.valid_to is null or t.valid_to > t.valid_from)
    window before as (partition by t.subscription_id order by t.valid_from)
  ), runs as (
    select s.*, max(case when goes_on and same_state then null else s.valid_from end) over so_far as state_from,
           max(case when goes_on and same_service then null else s.valid_from end) over so_far as service_from
      from steps s window so_far as (partition by s.subscription_id order by s.valid_from)
  ), spans as materialized (
    select r.*,
           case r.status when 'active' then coalesce(r.valid_to, 'infinity')
                when 'past_due' then least(r.valid_to, (r.state_from at time zone 'Europe/Paris' + interval '30 days') at time zone 'Europe/Paris')
                else '-infinity' end as pays_until,
           case r.status when 'paused' then least(r.valid_to, (r.state_from at time zone 'Europe/Paris' + interval '90 days') at time zone 'Europe/Paris')
                else '-infinity' end as pauses_until
      from runs r
  )
  select s.account_id, s.subscription_id, s.currency, s.valid_from, s.valid_to, s.pays_until, s.pauses_until,
         coalesce(s.discount_until, 'infinity'), s.amount_cents * (1 - s.discount_pct / 100) / s.interval_months, s.amount_cents / s.interval_months,
         case when s.pays_until <= s.valid_from or s.amount_cents <= 0 then 'infinity' when s.discount_pct < 100 then s.valid_from
              when s.discount_until < s.pays_until then greatest(s.discount_until, s.valid_from) else 'infinity' end,
         s.service_from, s.interval_months
    from spans s
$$;

-- Accounts (null: all) at an instant: MRR in euro cents, and whether they are customers: pay, or have paid and pause. The
-- rate of the first day of the service period counts until the next one begins; each is looked up once.
create function maintenance.account_states(accounts text[], at timestamptz)
returns table (account_id text, mrr numeric, is_customer boolean) language sql stable as $$
  with worth as materialized (
    select t.*, case when t.pays_until <= account_states.at then 0 when account_states.at < t.reduced_until then t.reduced else t.whole end as native,
           case when t.currency <> 'EUR' and t.pays_until > account_states.at
                then maintenance.service_day(t.service_from, t.interval_months, account_states.at) end as rate_day
      from maintenance.terms_of(accounts) t where t.valid_from <= account_states.at
  ), rates as materialized (
    select currency, rate_day, maintenance.eur_rate(currency, rate_day) as rate
      from (select distinct currency, rate_day from worth where rate_day is not null) as needed
  )
  select w.account_id, sum(native * coalesce(rate, 1)),
         sum(native) > 0 or bool_or(pauses_until > account_states.at) and bool_or(paid_from < account_states.at)
    from worth w left join rates using (currency, rate_day) group by w.account_id
$$;

drop function maintenance.account_fx(text, timestamptz, timestamptz);
drop function maintenance.account_mrr(text, timestamptz);
drop function maintenance.term_mrr(text, int, bigint, numeric, timestamptz, timestamptz, timestamptz);

-- What may have changed on each day of some accounts, and how: one row an account and day on which it did. Written as
-- expressions, not as functions of an instant: it is evaluated for each of them.
create function maintenance.account_days(accounts text[], first_day date, last_day date, as_of timestamptz)
returns setof maintenance.mrr_movements language sql stable as $$
  with terms as materialized (
    select * from maintenance.terms_of(accounts)
  ), moments as (
    select t.account_id, moment.at from terms t
     cross join lateral (values (t.valid_from), (t.valid_to), (t.pays_until), (t.pauses_until), (t.reduced_until)) as moment(at)
     where isfinite(moment.at)
    union all
    -- Counted from the first day each time: 30 December renews on 28 February and then on 30 March.
    select t.account_id, (local_from + make_interval(months => t.interval_months * renewal)) at time zone 'Europe/Paris'
      from terms t
     cross join lateral (select t.service_from at time zone 'Europe/Paris' as local_from,
                                least(t.pays_until, maintenance.midnight(account_days.last_day + 1)) at time zone 'Europe/Paris' as local_to) as local
     cross join lateral generate_series(1, ((extract(year from local_to) - extract(year from local_from)) * 12
                                            + extract(month from local_to) - extract(month from local_from))::int / t.interval_months) as renewal
     where t.currency <> 'EUR' and t.pays_until > t.valid_from
  ), candidates as materialized (
    -- What happens at midnight itself belongs to the day that ends.
    select distinct m.account_id, ((m.at - interval '1 microsecond') at time zone 'Europe/Paris')::date as day from moments m
     where m.at > maintenance.midnight(account_days.first_day) and m.at <= maintenance.midnight(account_days.last_day + 1)
       and m.at <= account_days.as_of
  ), ends as materialized (
    select c.account_id, c.day, c.day::timestamp at time zone 'Europe/Paris' as opens,
           least((c.day + 1)::timestamp at time zone 'Europe/Paris', account_days.as_of) as closes
      from candidates c
  ), worth as materialized (
    select e.*, t.subscription_id, t.currency, t.service_from, t.interval_months,
           t.valid_from <= e.opens and t.pauses_until > e.opens as paused_before, t.pauses_until > e.closes as paused_after,
           t.paid_from < e.opens as paid_before, t.paid_from < e.closes as paid_after,
           case when t.valid_from > e.opens or t.pays_until <= e.opens then 0 when e.opens < t.reduced_until then t.reduced else t.whole end as before,
           case when t.pays_until <= e.closes then 0 when e.closes < t.reduced_until then t.reduced else t.whole end as after
      from ends e join terms t using (account_id) where t.valid_from <= e.closes
  ), foreign_worth as materialized (
    select w.*, case when before <> 0 then maintenance.service_day(service_from, interval_months, opens) end as day_before,
           case when after <> 0 then maintenance.service_day(service_from, interval_months, closes) end as day_after
      from worth w where currency <> 'EUR'
  ), rates as materialized (
    select currency, rate_day, maintenance.eur_rate(currency, rate_day) as rate
      from (select currency, day_before as rate_day from foreign_worth union select currency, day_after from foreign_worth) as needed
     where rate_day is not null
  ), valued as (
    select day, account_id, paused_before, paused_after, paid_before, paid_after, before as opening, after as closing, 0 as fx
      from worth where currency = 'EUR'
    union all
    -- A subscription has one term at an instant: of one that goes on in the same currency, the rates' part is told apart.
    select w.day, w.account_id, bool_or(paused_before), bool_or(paused_after), bool_or(paid_before), bool_or(paid_after),
           coalesce(sum(before * b.rate), 0), coalesce(sum(after * a.rate), 0),
           case when max(w.currency) filter (where before <> 0) = max(w.currency) filter (where after <> 0)
                then sum(before) * (max(a.rate) - max(b.rate)) else 0 end
      from foreign_worth w
      left join rates b on (b.currency, b.rate_day) = (w.currency, day_before) left join rates a on (a.currency, a.rate_day) = (w.currency, day_after)
     group by w.day, w.account_id, w.subscription_id
  ), looked as (
    select v.day, v.account_id, sum(opening) as opening, sum(closing) as closing, sum(fx) as fx,
           sum(opening) > 0 or bool_or(paused_before) and bool_or(v.paid_before) as was_customer,
           sum(closing) > 0 or bool_or(paused_after) and bool_or(paid_after) as is_customer,
           bool_or(v.paid_before) as paid_before
      from valued v group by v.day, v.account_id
  )
  select * from looked where opening <> closing or fx <> 0 or was_customer <> is_customer
$$;

-- Which accounts may change within `(since, until]`: found by the instants at which a term begins, ends or turns.
create function maintenance.accounts_touched(since timestamptz, until timestamptz) returns text[]
language plpgsql stable set plan_cache_mode = force_custom_plan as $$
declare touched text[];
begin
  select array_agg(account_id) into touched from (
    select t.account_id from saas.subscription_terms t where t.valid_from > since and t.valid_from <= until
    union select t.account_id from saas.subscription_terms t where t.valid_to > since and t.valid_to <= until
    union select t.account_id from saas.subscription_terms t where t.discount_until > since and t.discount_until <= until
    union select t.account_id from saas.subscription_terms t where t.status = 'past_due'
       and t.valid_from > since - interval '31 days' and t.valid_from <= until - interval '29 days'
    union select t.account_id from saas.subscription_terms t where t.status = 'paused'
       and t.valid_from > since - interval '91 days' and t.valid_from <= until - interval '89 days'
    union select f.account_id from (
        select distinct day::date as day, extract(day from day)::int as number, extract(day from day + interval '1 day') = 1 as is_last
          from generate_series(maintenance.paris_day(since), maintenance.paris_day(until), interval '1 day') as day) as days
      join maintenance.foreign_services f on f.renewal_day >= days.number and (f.renewal_day = days.number or days.is_last)
       and ((extract(year from days.day) - extract(year from f.service_from)) * 12
            + extract(month from days.day) - extract(month from f.service_from at time zone 'Europe/Paris'))::int % f.interval_months = 0
     where (f.ends_at is null or f.ends_at > since) and f.service_from <= until
  ) as accounts;
  return coalesce(touched, '{}');
end $$;

-- One number for all terms that begin, end or turn within `(since, until]`; another one where a row has come or changed.
create function maintenance.terms_fingerprint(since timestamptz, until timestamptz) returns numeric
language sql stable as $$
  select coalesce(sum(hash_record_extended(row(t.account_id::text, t.subscription_id::text, t.valid_from, t.valid_to, t.status::text,
           t.interval_months::int, t.amount_cents::bigint, t.currency::text, t.discount_pct::numeric, t.discount_until), 0)::numeric), 0)
    from saas.subscription_terms t
   where (t.valid_from > since and t.valid_from <= until) or (t.valid_to > since and t.valid_to <= until)
      or (t.discount_until > since and t.discount_until <= until)
$$;

-- Users of the days: only hours with another number of rows than is known are read; `anew` reads all.
create function maintenance.build_user_days(first_day date, last_day date, as_of timestamptz, anew boolean) returns date[]
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  since timestamptz := maintenance.midnight(first_day);
  until timestamptz := least(maintenance.midnight(last_day + 1), as_of);
  days_again date[]; hours_again timestamptz[]; changed date[];
begin
  with counted as (
    select date_trunc('hour', a.at, 'UTC') as hour, count(*) as events from saas.activity a where a.at >= since and a.at < until group by 1
  ), different as (
    select hour, coalesce(c.events, 0) < coalesce(k.events, 0) as fewer
      from counted c full join (select * from maintenance.activity_hours where hour >= since and hour < maintenance.midnight(last_day + 1)) as k using (hour)
     where anew or c.events is distinct from k.events
  ), noted as (
    insert into maintenance.activity_hours select hour, c.events from counted c join different using (hour)
    on conflict (hour) do update set events = excluded.events
  ), gone as (
    delete from maintenance.activity_hours k using different d where k.hour = d.hour and not exists (select from counted c where c.hour = d.hour)
  )
  -- Fewer than before: somebody may have no row left.
  select array_agg(distinct maintenance.paris_day(hour)) filter (where fewer or anew), array_agg(hour) filter (where not fewer and not anew)
    into days_again, hours_again from different;

  with people as (
    select distinct maintenance.paris_day(a.at) as day, a.user_id from saas.activity a
     where a.at >= since and a.at < until
       and (maintenance.paris_day(a.at) = any (days_again) or date_trunc('hour', a.at, 'UTC') = any (hours_again))
       and a.at >= least((select min(maintenance.midnight(d)) from unnest(days_again) d), (select min(h) from unnest(hours_again) h))
  ), gone as (
    delete from maintenance.user_days u where u.day = any (days_again)
       and not exists (select from people p where (p.day, p.user_id) = (u.day, u.user_id)) returning u.day
  ), added as (
    insert into maintenance.user_days select day, user_id from people on conflict do nothing returning day
  )
  select array_agg(distinct day) into changed from (select day from gone union all select day from added) as both_ways;
  delete from maintenance.mau_days m
   where m.day >= (select min(d) from unnest(changed) d) and m.day <= (select max(d) + 29 from unnest(changed) d);
  return coalesce(changed, '{}');
end $$;

-- Counted once for all periods that end with the same day.
create function maintenance.count_users(days date[]) returns void language sql as $$
  insert into maintenance.mau_days
  select d, counted.users, counted.user_days from (select distinct d from unnest(days) d) as asked
   cross join lateral (select count(*) as users, coalesce(sum(days), 0) as user_days from (
     select count(*) as days from maintenance.user_days u where u.day between d - 29 and d group by u.user_id) as people) as counted
   where not exists (select from maintenance.mau_days m where m.day = d)
$$;

-- Money by the hour. A rate is asked once a day and currency; none fails the run.
create function maintenance.build_payment_hours(since timestamptz, until timestamptz) returns void
language plpgsql set plan_cache_mode = force_custom_plan as $$
begin
  with moved as materialized (
    select date_trunc('hour', p.at, 'UTC') as hour, p.currency::text as currency,
           sum(p.amount_cents) filter (where p.status = 'succeeded' and p.kind <> 'refund') as gross,
           sum(p.amount_cents) filter (where p.status = 'succeeded' and p.kind = 'refund') as refunds,
           count(*) filter (where p.kind <> 'refund') as attempts, count(*) filter (where p.kind <> 'refund' and p.status = 'failed') as failures
      from saas.payments p where p.at >= since and p.at < until group by 1, 2
  ), rates as materialized (
    select currency, day, maintenance.eur_rate(currency, day) as rate
      from (select distinct currency, maintenance.paris_day(hour) as day from moved where gross is not null or refunds is not null) as needed
  ), hours as materialized (
    select m.hour, coalesce(sum(m.gross * r.rate), 0) as gross, coalesce(sum(m.refunds * r.rate), 0) as refunds,
           sum(m.attempts) as attempts, sum(m.failures) as failures
      from moved m left join rates r on r.currency = m.currency and r.day = maintenance.paris_day(m.hour) group by m.hour
  ), gone as (
    delete from maintenance.payment_hours k where k.hour >= since and k.hour < until and not exists (select from hours h where h.hour = k.hour)
  )
  insert into maintenance.payment_hours as k select * from hours
  on conflict (hour) do update set gross = excluded.gross, refunds = excluded.refunds, attempts = excluded.attempts, failures = excluded.failures
    where (k.gross, k.refunds, k.attempts, k.failures) is distinct from (excluded.gross, excluded.refunds, excluded.attempts, excluded.failures);
end $$;

drop function maintenance.build_facts(date, date, timestamptz);

-- Builds the facts of whole Paris days, as they were known at `as_of`. `anew` trusts nothing that was built before: what
-- there was when the first day began is summed from the terms themselves. Returns how many rows, and which days differ.
create function maintenance.build_facts(first_day date, last_day date, as_of timestamptz, anew boolean default false,
  out built bigint, out changed date[])
language plpgsql set plan_cache_mode = force_custom_plan as $$
declare
  since timestamptz := maintenance.midnight(first_day);
  until timestamptz := least(maintenance.midnight(last_day + 1), as_of);
  touched text[]; moved date[]; base maintenance.mrr_days; known maintenance.mrr_days; begin_day date := first_day; mark numeric;
begin
  changed := maintenance.build_user_days(first_day, last_day, as_of, anew);
  perform maintenance.build_payment_hours(since, until);

  -- Days that are over are left out as long as their terms look as they did.
  if not anew then
    while begin_day <= last_day and maintenance.midnight(begin_day + 1) <= as_of loop
      select d.fingerprint into mark from maintenance.term_days d where d.day = begin_day;
      exit when mark is distinct from maintenance.terms_fingerprint(maintenance.midnight(begin_day), maintenance.midnight(begin_day + 1));
      begin_day := begin_day + 1;
    end loop;
    since := maintenance.midnight(begin_day);
    -- Into a variable: as an argument it would be called for each row.
    touched := maintenance.accounts_touched(since, until);
  end if;
  insert into maintenance.foreign_services as f
  select t.subscription_id, t.account_id, t.service_from, t.interval_months, extract(day from t.service_from at time zone 'Europe/Paris'),
         nullif(max(coalesce(t.valid_to, 'infinity')), 'infinity')
    from maintenance.terms_of(touched) t
   where t.currency <> 'EUR' and t.pays_until > t.valid_from group by 1, 2, 3, 4
  on conflict (subscription_id, service_from) do update set ends_at = excluded.ends_at, interval_months = excluded.interval_months
    where (f.ends_at, f.interval_months) is distinct from (excluded.ends_at, excluded.interval_months);
  if anew then touched := maintenance.accounts_touched(since, until); end if;

  with looked as (
    select * from maintenance.account_days(touched, begin_day, last_day, as_of)
  ), gone as (
    delete from maintenance.mrr_movements m where m.day between begin_day and last_day
       and not exists (select from looked l where (l.day, l.account_id) = (m.day, m.account_id)) returning m.day
  ), added as (
    insert into maintenance.mrr_movements as m select * from looked
    on conflict (day, account_id) do update set opening = excluded.opening, closing = excluded.closing, fx = excluded.fx,
       was_customer = excluded.was_customer, is_customer = excluded.is_customer, paid_before = excluded.paid_before
     where (m.opening, m.closing, m.fx, m.was_customer, m.is_customer, m.paid_before)
       is distinct from (excluded.opening, excluded.closing, excluded.fx, excluded.was_customer, excluded.is_customer, excluded.paid_before)
    returning m.day
  )
  select array_agg(distinct day), count(*) into moved, built from (select day from gone union all select day from added) as both_ways;

  delete from maintenance.term_days where day between begin_day and last_day;
  insert into maintenance.term_days
  select day::date, maintenance.terms_fingerprint(maintenance.midnight(day::date), maintenance.midnight(day::date + 1))
    from generate_series(greatest(begin_day, last_day - 3)::timestamp, last_day::timestamp, interval '1 day') as day
   where maintenance.midnight(day::date + 1) <= as_of;

  select * into known from maintenance.mrr_days d where d.day < begin_day order by d.day desc limit 1;
  base := known;
  if anew then
    select coalesce(sum(mrr), 0), count(*) filter (where is_customer), count(*) filter (where mrr > 0)
      into base.mrr, base.customers, base.paying from maintenance.account_states(null, since);
    -- Sums of thirds of a cent differ in their sixteenth digit.
    if (round(coalesce(known.mrr, 0), 6), coalesce(known.customers, 0), coalesce(known.paying, 0))
       is distinct from (round(base.mrr, 6), base.customers, base.paying) then
      moved := moved || first_day;
      insert into maintenance.mrr_days (day, mrr, customers, paying) values (first_day - 1, base.mrr, base.customers, base.paying)
      on conflict (day) do update set mrr = excluded.mrr, customers = excluded.customers, paying = excluded.paying;
    end if;
  end if;
  if moved is not null then
    delete from maintenance.mrr_days where day >= begin_day;
    insert into maintenance.mrr_days
    select day, coalesce(base.mrr, 0) + sum(change) over so_far, coalesce(base.customers, 0) + sum(came_all) over so_far,
           coalesce(base.paying, 0) + sum(paying_all) over so_far, gained, back, up, down, lost, fx, came, returned, churned
      from maintenance.moved_on(begin_day) window so_far as (order by day);
  end if;
  select array_agg(distinct day order by day) into changed from unnest(changed || moved) as day;
  changed := coalesce(changed, '{}');
end $$;
