-- An adapter over tables of its own. What each customer does in 2027, and what it is worth, stands in worked-year.test.ts.
create table public.terms (account_id text, subscription_id text, valid_from timestamptz, valid_to timestamptz, status text default 'active',
  interval_months int default 1, amount_cents bigint, currency text default 'EUR', discount_pct numeric default 0, discount_until timestamptz);
create table public.money (account_id text, at timestamptz, kind text, status text, amount_cents bigint, currency text default 'EUR');
create table public.rates (currency text, day date, eur_per_unit numeric);
create table public.visits (user_id text, at timestamptz);
create table public.people (account_id text, created_at timestamptz);
create table public.prospects (lead_id text, created_at timestamptz, account_id text);
create table public.tests (account_id text, started_at timestamptz, ends_at timestamptz, converted_at timestamptz);
create table public.questions (ticket_id text, created_at timestamptz, first_human_reply_at timestamptz, resolved_at timestamptz, csat int);
create table public.spent (month date, label text, amount_cents bigint);
grant select on all tables in schema public to talos_owner;

create view saas.subscription_terms as select * from public.terms;
create view saas.payments as select row_number() over ()::text as payment_id, * from public.money;
create view saas.fx_rates as select * from public.rates;
create view saas.activity as select user_id, null::text as account_id, at from public.visits;
create view saas.accounts as select account_id, account_id as name, null::text as email, null::text as phone, 'fr-FR' as locale, 'b2b' as kind,
  'active' as status, created_at, null::timestamptz as last_login_at, null::timestamptz as last_activity_at from public.people;
create view saas.leads as select lead_id, created_at, account_id, null::text as name, null::text as phone from public.prospects;
create view saas.trials as select account_id as trial_id, account_id, started_at, ends_at, null::timestamptz as expired_at, converted_at from public.tests;
create view saas.tickets as select ticket_id, created_at, created_at as auto_reply_at, first_human_reply_at, resolved_at, csat from public.questions;
create view saas.acquisition_costs as select * from public.spent;

insert into public.rates values ('USD', '2027-01-01', 0.90), ('USD', '2027-03-01', 0.95), ('USD', '2027-10-01', 0.80);

insert into public.terms (account_id, subscription_id, valid_from, valid_to, status, interval_months, amount_cents, currency, discount_pct, discount_until) values
  ('annual-1',   's1',  '2026-05-10T09:00Z', null,                'active',   12, 100000, 'EUR', 0,   null),
  ('annual-2',   's2',  '2026-06-01T09:00Z', null,                'active',   12, 100000, 'EUR', 0,   null),
  ('annual-3',   's3',  '2026-07-01T09:00Z', null,                'active',   12, 100000, 'EUR', 0,   null),
  ('for-ever',   's4',  '2026-02-03T10:00Z', null,                'active',    1,   5000, 'EUR', 20,  null),
  ('coupon',     's5',  '2027-03-05T09:00Z', null,                'active',    1,   4900, 'EUR', 50,  '2027-03-20T09:00Z'),
  ('free',       's6',  '2027-02-18T09:00Z', null,                'active',    1,   3000, 'EUR', 100, '2027-03-18T09:00Z'),
  ('refunded',   's7',  '2026-11-02T09:00Z', null,                'active',    1,   2000, 'EUR', 0,   null),
  ('paused',     's8',  '2026-09-10T08:00Z', '2027-03-10T08:00Z', 'active',    1,   1900, 'EUR', 0,   null),
  ('paused',     's8',  '2027-03-10T08:00Z', '2027-03-24T08:00Z', 'paused',    1,   1900, 'EUR', 0,   null),
  ('paused',     's8',  '2027-03-24T08:00Z', null,                'active',    1,   1900, 'EUR', 0,   null),
  ('long-pause', 's9',  '2026-08-01T08:00Z', '2026-12-10T09:00Z', 'active',    1,   2100, 'EUR', 0,   null),
  ('long-pause', 's9',  '2026-12-10T09:00Z', '2027-01-10T09:00Z', 'paused',    1,   2100, 'EUR', 0,   null),
  ('long-pause', 's9',  '2027-01-10T09:00Z', null,                'paused',    1,   2200, 'EUR', 0,   null),
  ('past-due',   's10', '2026-09-20T09:00Z', '2027-02-20T09:00Z', 'active',    1,   2900, 'EUR', 0,   null),
  ('past-due',   's10', '2027-02-20T09:00Z', null,                'past_due',  1,   2900, 'EUR', 0,   null),
  ('recovered',  's11', '2026-10-15T09:00Z', '2027-03-15T09:00Z', 'active',    1,   3100, 'EUR', 0,   null),
  ('recovered',  's11', '2027-03-15T09:00Z', '2027-03-19T14:00Z', 'past_due',  1,   3100, 'EUR', 0,   null),
  ('recovered',  's11', '2027-03-19T14:00Z', null,                'active',    1,   3100, 'EUR', 0,   null),
  ('back',       's12', '2026-05-01T09:00Z', '2026-12-01T09:00Z', 'active',    1,   3900, 'EUR', 0,   null),
  ('back',       's13', '2027-03-02T09:00Z', null,                'active',    1,   3900, 'EUR', 0,   null),
  -- Late with a payment in the middle of a period of service: its rate stays.
  ('dollars',    's14', '2027-01-12T09:00Z', '2027-03-02T09:00Z', 'active',    1,  10000, 'USD', 0,   null),
  ('dollars',    's14', '2027-03-02T09:00Z', '2027-03-05T09:00Z', 'past_due',  1,  10000, 'USD', 0,   null),
  ('dollars',    's14', '2027-03-05T09:00Z', null,                'active',    1,  10000, 'USD', 0,   null),
  ('dollars-12', 's15', '2027-02-01T09:00Z', null,                'active',   12, 120000, 'USD', 0,   null),
  ('switch',     's16', '2026-06-15T09:00Z', '2027-03-15T10:00Z', 'active',    1,   2900, 'EUR', 0,   null),
  ('switch',     's16', '2027-03-15T10:00Z', null,                'active',   12,  29000, 'EUR', 0,   null),
  ('there-back', 's17', '2026-12-05T09:00Z', '2027-03-16T08:00Z', 'active',    1,   5000, 'EUR', 0,   null),
  ('there-back', 's17', '2027-03-16T08:00Z', '2027-03-16T15:00Z', 'active',    1,   7000, 'EUR', 0,   null),
  ('there-back', 's17', '2027-03-16T15:00Z', null,                'active',    1,   5000, 'EUR', 0,   null),
  ('passing',    's18', '2027-03-08T09:00Z', '2027-03-25T09:00Z', 'active',    1,   1500, 'EUR', 0,   null),
  ('same-day',   's19', '2027-03-09T08:00Z', '2027-03-09T17:00Z', 'active',    1,   9900, 'EUR', 0,   null),
  ('ends',       's20', '2026-11-01T09:00Z', '2027-03-31T22:00Z', 'active',    1,   1000, 'EUR', 0,   null),
  ('midnight',   's21', '2026-10-03T09:00Z', '2027-03-14T23:00Z', 'active',    1,   2600, 'EUR', 0,   null),
  ('midnight',   's21', '2027-03-14T23:00Z', null,                'active',    1,   3000, 'EUR', 0,   null),
  ('two',        's22', '2026-12-01T09:00Z', null,                'active',    1,   1000, 'EUR', 0,   null),
  ('two',        's23', '2026-12-01T09:00Z', '2027-03-18T09:00Z', 'active',    1,    500, 'EUR', 0,   null),
  ('spring',     's24', '2027-03-28T00:30Z', null,                'active',    1,   2000, 'EUR', 0,   null),
  ('spring-end', 's25', '2027-03-28T21:59Z', null,                'active',    1,    700, 'EUR', 0,   null),
  ('tries',      's26', '2027-03-20T09:00Z', '2027-04-03T09:00Z', 'trialing',  1,   2500, 'EUR', 0,   null),
  ('tries',      's26', '2027-04-03T09:00Z', null,                'active',    1,   2500, 'EUR', 0,   null),
  ('autumn-1st', 's27', '2027-10-31T00:30Z', null,                'active',    1,   1200, 'EUR', 0,   null),
  ('autumn-2nd', 's28', '2027-06-01T09:00Z', '2027-10-31T01:30Z', 'active',    1,    800, 'EUR', 0,   null),
  ('autumn-end', 's29', '2027-10-31T22:59Z', null,                'active',    1,    600, 'EUR', 0,   null);

insert into public.money values
  ('for-ever',  '2027-02-28T22:30Z',    'subscription', 'succeeded', 4000, 'EUR'),        -- 23:30 on 28 February in Paris
  ('refunded',  '2027-02-28T23:30Z',    'subscription', 'succeeded', 2000, 'EUR'),        -- 00:30 on 1 March
  ('refunded',  '2027-03-10T09:00Z',    'refund',       'succeeded', 1900, 'EUR'),
  ('refunded',  '2027-03-11T09:00Z',    'refund',       'failed',     500, 'EUR'),
  ('dollars',   '2027-03-12T09:00Z',    'subscription', 'succeeded', 10000, 'USD'),
  ('past-due',  '2027-03-20T09:00Z',    'subscription', 'failed',    2900, 'EUR'),
  ('spring',    '2027-03-28T00:59:59Z', 'one_off',      'succeeded', 45000, 'EUR'),       -- the last second before 03:00
  ('spring',    '2027-03-28T21:59:59Z', 'subscription', 'succeeded', 2000, 'EUR'),
  ('spring',    '2027-03-28T22:00Z',    'one_off',      'succeeded', 3000, 'EUR'),        -- the 29th
  ('paused',    '2027-03-31T21:30Z',    'subscription', 'succeeded', 5000, 'EUR'),        -- 23:30 on 31 March
  ('paused',    '2027-03-31T23:30Z',    'subscription', 'succeeded', 7000, 'EUR'),        -- 01:30 on 1 April
  ('two',       '2027-10-30T21:59:59Z', 'subscription', 'succeeded', 32000, 'EUR'),
  ('two',       '2027-10-30T22:00Z',    'subscription', 'succeeded', 1000, 'EUR'),        -- midnight: the 31st, of 25 hours
  ('two',       '2027-10-31T00:30Z',    'subscription', 'succeeded', 2000, 'EUR'),        -- 02:30
  ('two',       '2027-10-31T01:30Z',    'subscription', 'succeeded', 4000, 'EUR'),        -- 02:30 again
  ('two',       '2027-10-31T22:59:59Z', 'subscription', 'succeeded', 8000, 'EUR'),
  ('two',       '2027-10-31T23:00Z',    'subscription', 'succeeded', 16000, 'EUR');       -- 1 November

insert into public.visits values
  ('u4', '2027-02-28T23:00Z'), ('u4', '2027-03-01T22:59Z'), ('u5', '2027-03-01T22:59:59Z'), ('u1', '2027-03-27T23:00Z'),
  ('u1', '2027-03-28T21:59Z'), ('u2', '2027-03-28T22:00Z'), ('u3', '2027-03-31T21:59:59Z'), ('u9', '2027-10-31T22:59Z');
insert into public.people values ('tries', '2027-03-20T09:00Z'), ('l2', '2027-02-28T23:00Z'), ('l3', '2027-03-31T22:00Z');
insert into public.prospects values ('1', '2027-03-02T09:00Z', 'tries'), ('2', '2027-03-10T12:00Z', 'l2'), ('3', '2027-03-28T12:00Z', 'l3'), ('4', '2027-03-30T12:00Z', null);
insert into public.tests values
  ('tries', '2027-03-20T09:00Z', '2027-04-03T09:00Z', '2027-04-03T09:00Z'),
  ('l2',    '2027-04-09T12:00Z', '2027-04-23T12:00Z', null),                 -- an hour after the 30 days of its lead
  ('l3',    '2027-04-20T09:00Z', '2027-05-04T09:00Z', '2027-05-25T09:00Z'),  -- after 35 days
  ('x',     '2027-03-01T09:00Z', '2027-03-15T09:00Z', null),
  ('y',     '2027-03-05T09:00Z', '2027-03-19T09:00Z', '2027-03-12T09:00Z');
insert into public.questions values
  ('1', '2027-03-28T00:30Z', '2027-03-28T01:30Z', '2027-03-28T10:00Z', 5),   -- 01:30 and 03:30 in Paris
  ('2', '2027-03-29T09:00Z', '2027-03-29T09:30Z', '2027-04-02T09:00Z', 3),
  ('3', '2027-03-30T09:00Z', null,                null,                null),
  ('4', '2027-03-31T21:00Z', '2027-03-31T22:00Z', '2027-04-01T09:00Z', 4),
  ('5', '2027-10-31T00:30Z', '2027-10-31T01:30Z', null,                null); -- 02:30 and 02:30
insert into public.spent values ('2027-03-01', 'ads', 120000), ('2027-03-01', 'fair', 30000);
