-- Random histories, the same for the same seed: `histories` accounts that join, change, pause, are late, leave and return.
create table public.terms (account_id text, subscription_id text, valid_from timestamptz, valid_to timestamptz, status text,
  interval_months int, amount_cents bigint, currency text, discount_pct numeric, discount_until timestamptz);
create table public.money (payment_id text, account_id text, at timestamptz, kind text, status text, amount_cents bigint, currency text);
create table public.rates (currency text, day date, eur_per_unit numeric);
create table public.visits (user_id text, account_id text, at timestamptz);
create index on public.terms (account_id);
create index on public.terms (valid_from);
create index on public.terms (valid_to);
create index on public.money (at);
create index on public.visits (at);
grant select on all tables in schema public to talos_owner;
create view saas.subscription_terms as select * from public.terms;
create view saas.payments as select * from public.money;
create view saas.fx_rates as select * from public.rates;
create view saas.activity as select * from public.visits;

-- 0 to 1, by a seed, an account and what it is for.
create function public.r(seed int, n int, salt int) returns float8 language sql immutable as $$
  select ('x' || substr(md5(seed || ':' || n || ':' || salt), 1, 8))::bit(32)::bigint / 4294967296.0 $$;

create function public.make_histories(seed int, histories int) returns void language sql as $$
  truncate public.terms, public.money, public.rates, public.visits;
  insert into public.rates select c, d::date, 0.5 + public.r(seed, extract(doy from d)::int, case c when 'USD' then 1 else 2 end)
    from unnest(array['USD', 'CHF']) c, generate_series(date '2026-09-01', date '2027-12-31', interval '3 days') d;
  -- Up to six steps each; some begin on midnight itself, some within the hours that a clock skips or repeats.
  insert into public.terms
  select 'a' || n, 's' || n || '-' || subscription, at, until, status, months, cents, currency, pct,
         case when public.r(seed, n * 10 + step, 13) < 0.5 then at + interval '1 day' * (1 + floor(60 * public.r(seed, n * 10 + step, 14))) end
    from (
      select *, lead(at) over (partition by n order by at, step) as until, count(*) filter (where status = 'gone') over (partition by n order by at, step) as subscription,
             -- Nobody changes the currency of a subscription.
             case when public.r(seed, n, 12) < 0.7 then 'EUR' when public.r(seed, n, 12) < 0.85 then 'USD' else 'CHF' end as currency
        from (
          select n, step, case when public.r(seed, n * 10 + step, 3) < 0.1 then (at at time zone 'Europe/Paris')::date::timestamp at time zone 'Europe/Paris'
                               when public.r(seed, n * 10 + step, 3) < 0.15 then timestamptz '2027-03-28T00:59:59Z'
                               when public.r(seed, n * 10 + step, 3) < 0.2 then timestamptz '2027-10-31T01:30Z' else at end as at,
                 (array['active', 'active', 'active', 'past_due', 'paused', 'trialing', 'gone', 'gone'])[1 + floor(8 * public.r(seed, n * 10 + step, 4))::int] as status,
                 (array[1, 1, 3, 12])[1 + floor(4 * public.r(seed, n * 10 + step, 5))::int] as months,
                 100 + floor(9900 * public.r(seed, n * 10 + step, 6))::bigint as cents,
                 (array[0, 0, 0, 10, 33.33, 100])[1 + floor(6 * public.r(seed, n * 10 + step, 7))::int] as pct
            from (select n, step, timestamptz '2026-12-01T00:00Z' + interval '1 second' * floor(400 * 86400 * public.r(seed, n * 10 + step, 1)) as at
                    from generate_series(1, histories) n, generate_series(1, 6) step where step <= 1 + 6 * public.r(seed, n, 2)) as steps) as turned) as spans
   where status <> 'gone' and (until is null or until > at);
  insert into public.money
  select n::text, 'a' || n, timestamptz '2026-12-20T00:00Z' + interval '1 second' * floor(380 * 86400 * public.r(seed, n, 20)),
         (array['subscription', 'one_off', 'refund'])[1 + floor(3 * public.r(seed, n, 21))::int],
         (array['succeeded', 'succeeded', 'failed'])[1 + floor(3 * public.r(seed, n, 22))::int], 1 + floor(9999 * public.r(seed, n, 23))::bigint,
         case when public.r(seed, n, 24) < 0.8 then 'EUR' else 'USD' end
    from generate_series(1, histories * 3) n;
  insert into public.visits
  select 'u' || n % histories, null, timestamptz '2026-12-20T00:00Z' + interval '1 second' * floor(380 * 86400 * public.r(seed, n, 30))
    from generate_series(1, histories * 10) n;
$$;
