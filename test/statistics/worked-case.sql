-- An adapter over five tables of its own: what each customer does in March 2027 stands beside it.
create table public.terms (subscription_id text, account_id text, valid_from timestamptz, valid_to timestamptz, status text,
  interval_months int, amount_cents bigint, currency text default 'EUR', discount_pct numeric default 0, discount_until timestamptz);
create table public.money (payment_id text, account_id text, at timestamptz, kind text, status text, amount_cents bigint, currency text default 'EUR');
create table public.rates (currency text, day date, eur_per_unit numeric);
grant select on public.terms, public.money, public.rates to talos_owner;
create view saas.subscription_terms as select * from public.terms;
create view saas.payments as select * from public.money;
create view saas.fx_rates as select * from public.rates;

insert into public.rates values ('USD', '2027-01-01', 0.90), ('USD', '2027-03-01', 0.92);
insert into public.terms (subscription_id, account_id, valid_from, valid_to, status, interval_months, amount_cents, currency, discount_pct, discount_until) values
  ('a', 'annual',      '2026-01-10T09:00Z', null,                'active',   12, 100000, 'EUR', 0, null),
  ('b', 'switch',      '2026-06-15T09:00Z', '2027-03-15T10:00Z', 'active',    1,   2900, 'EUR', 0, null),
  ('b', 'switch',      '2027-03-15T10:00Z', null,                'active',   12,  29000, 'EUR', 0, null),
  ('c', 'coupon',      '2027-03-05T09:00Z', null,                'active',    1,   4900, 'EUR', 50, '2027-03-20T09:00Z'),
  ('d', 'paused',      '2026-09-01T09:00Z', '2027-03-10T09:00Z', 'active',    1,   1900, 'EUR', 0, null),
  ('d', 'paused',      '2027-03-10T09:00Z', null,                'paused',    1,   1900, 'EUR', 0, null),
  ('e', 'past-due',    '2026-09-20T09:00Z', '2027-02-20T09:00Z', 'active',    1,   2900, 'EUR', 0, null),
  ('e', 'past-due',    '2027-02-20T09:00Z', null,                'past_due',  1,   2900, 'EUR', 0, null),
  ('f', 'midnight',    '2026-11-01T09:00Z', '2027-03-31T22:00Z', 'active',    1,   1000, 'EUR', 0, null),
  ('g', 'back',        '2026-05-01T09:00Z', '2026-12-01T09:00Z', 'active',    1,   3900, 'EUR', 0, null),
  ('h', 'back',        '2027-03-02T09:00Z', null,                'active',    1,   3900, 'EUR', 0, null),
  ('i', 'passing',     '2027-03-08T09:00Z', '2027-03-25T09:00Z', 'active',    1,   1500, 'EUR', 0, null),
  ('j', 'same-day',    '2027-03-09T08:00Z', '2027-03-09T17:00Z', 'active',    1,   9900, 'EUR', 0, null),
  ('k', 'dollars',     '2027-02-12T09:00Z', null,                'active',    1,  10000, 'USD', 0, null),
  ('l', 'clock',       '2027-02-28T09:00Z', '2027-03-28T01:30Z', 'trialing',  1,   2000, 'EUR', 0, null),
  ('l', 'clock',       '2027-03-28T01:30Z', null,                'active',    1,   2000, 'EUR', 0, null);
insert into public.money values
  ('1', 'annual',   '2027-02-28T23:30Z', 'subscription', 'succeeded', 2000), -- 00:30 on 1 March in Paris
  ('2', 'switch',   '2027-03-31T21:30Z', 'subscription', 'succeeded', 1000), -- 23:30 on 31 March
  ('3', 'switch',   '2027-03-31T22:30Z', 'subscription', 'succeeded', 7000), -- 00:30 on 1 April: not March's
  ('4', 'coupon',   '2027-03-10T09:00Z', 'refund',       'succeeded',  500),
  ('5', 'past-due', '2027-03-11T09:00Z', 'subscription', 'failed',    2900);
insert into public.money values ('6', 'dollars', '2027-03-12T09:00Z', 'subscription', 'succeeded', 1000, 'USD');
