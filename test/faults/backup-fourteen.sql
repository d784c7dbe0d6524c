-- What the fourteen losses are taken from: rows of every table, a policy, an index, a sequence that has moved.
create table public.customers (id serial primary key, company integer not null, name text not null, balance numeric not null);
insert into public.customers (company, name, balance)
  select i % 7, md5(i::text), (i * 37 % 9973) / 100.0 from generate_series(1, 2000) i;
create index customers_company on public.customers (company);
create table public.invoices (id bigint generated always as identity primary key, customer integer not null references public.customers, cents integer not null);
insert into public.invoices (customer, cents) select i % 2000 + 1, i from generate_series(1, 5000) i;
create table public.notes (id uuid primary key default gen_random_uuid(), t text not null);
insert into public.notes (t) select repeat(md5(i::text), 8) from generate_series(1, 500) i;
create sequence public.tickets;
select setval('public.tickets', 4711);
alter table public.customers enable row level security;
create policy own_company on public.customers for select using (company = 3);
