-- Another SaaS, unlike ours in all that an adapter has to bridge: whole numbers as ids, prices in euros with VAT, what
-- happens to a subscription as events, people apart from organisations, local times without a zone, no tickets and no logs.
create schema billing;
create table public.organisations (
  id serial primary key,
  label text not null,
  contact_mail text not null,
  is_company boolean not null,
  stage text not null check (stage in ('essai', 'client', 'terminé', 'endormi', 'archivé', 'effacé')),
  opened timestamp not null
);
comment on column public.organisations.opened is 'Paris time, without a zone.';
create table public.users (
  id serial primary key,
  organisation_id int not null references public.organisations,
  phone text,
  staff boolean not null default false
);
create table public.visits (user_id int not null references public.users, at timestamptz not null, signed_in boolean not null);
create table public.enquiries (id serial primary key, organisation_id int references public.organisations, received timestamptz not null, who text);
create table public.tests (
  organisation_id int primary key references public.organisations,
  begins date not null,
  days int not null,
  stopped timestamptz,
  bought timestamptz
);
create table billing.events (
  id serial primary key,
  contract int not null,
  organisation_id int not null references public.organisations,
  at timestamptz not null,
  kind text not null check (kind in ('start', 'price', 'late', 'paid', 'pause', 'resume', 'stop')),
  price numeric(10, 2) not null,
  vat_rate numeric(5, 2) not null,
  yearly boolean not null
);
create table billing.transfers (
  id serial primary key,
  organisation_id int not null references public.organisations,
  at timestamptz not null,
  amount numeric(10, 2) not null,
  vat_rate numeric(5, 2) not null,
  outcome text not null check (outcome in ('ok', 'refused')),
  for_contract boolean not null default true
);
comment on column billing.transfers.amount is 'Euros with VAT; what was given back is negative.';
create table public.bills (organisation_id int not null references public.organisations, settled boolean not null);
create table public.notices (key text primary key, level text not null, title text not null, body text not null);
create table public.opt_outs (organisation_id int references public.organisations, channel text, at timestamptz not null, primary key (organisation_id, channel));

insert into public.organisations (label, contact_mail, is_company, stage, opened) values
  ('Un',    'un@second.test',    true,  'client',  '2026-12-31 23:30'),
  ('Deux',  'deux@second.test',  true,  'client',  '2027-01-05 10:00'),
  ('Trois', 'trois@second.test', false, 'terminé', '2027-01-06 10:00'),
  ('Cinq',  'cinq@second.test',  false, 'essai',   '2027-03-01 10:00');
insert into public.users (organisation_id, phone, staff) values (1, '+33639980011', false), (1, null, true), (2, null, false), (4, null, false);
insert into public.visits values
  (1, '2027-03-30T09:00Z', true), (1, '2027-03-30T10:00Z', false), (2, '2027-03-30T11:00Z', true),
  -- 1 April in Paris.
  (3, '2027-03-31T22:30Z', true);
insert into public.enquiries (organisation_id, received, who) values (4, '2027-03-01T08:00Z', 'A'), (null, '2027-03-20T08:00Z', 'B');
insert into public.tests values (4, '2027-03-02', 14, null, null);
insert into billing.events (contract, organisation_id, at, kind, price, vat_rate, yearly) values
  -- 29.00 without VAT; from 10 March 348.00 a year, which is 29.00 a month.
  (1, 1, '2027-01-10T09:00Z', 'start', 34.80, 20, false),
  (1, 1, '2027-03-10T09:00Z', 'price', 417.60, 20, true),
  -- 10.00 with 5.5 % VAT: 10.55. Late, and paid.
  (2, 2, '2027-02-01T09:00Z', 'start', 10.55, 5.5, false),
  (2, 2, '2027-03-05T09:00Z', 'late', 10.55, 5.5, false),
  (2, 2, '2027-03-08T09:00Z', 'paid', 10.55, 5.5, false),
  -- 20.00, gone on 15 March; two events at one instant.
  (3, 3, '2027-01-20T09:00Z', 'start', 12.00, 20, false),
  (3, 3, '2027-01-20T09:00Z', 'price', 24.00, 20, false),
  (3, 3, '2027-03-15T09:00Z', 'stop', 24.00, 20, false);
insert into billing.transfers (organisation_id, at, amount, vat_rate, outcome, for_contract) values
  (1, '2027-03-10T09:05Z', 417.60, 20, 'ok', true),
  (2, '2027-03-05T09:00Z', 10.55, 5.5, 'refused', true),
  (2, '2027-03-08T09:00Z', 10.55, 5.5, 'ok', true),
  -- 8.33 of 9.99: a rounding that tax by difference would get wrong.
  (3, '2027-03-09T09:00Z', 9.99, 20, 'ok', false),
  (3, '2027-03-16T09:00Z', -24.00, 20, 'ok', true);
insert into public.bills values (2, false), (1, true);
