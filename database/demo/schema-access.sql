-- The demo SaaS, 4 of 4: triggers, views, and who may see which row.

create function public.set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
create trigger accounts_updated_at before update on public.accounts
  for each row execute function public.set_updated_at();
create trigger subscriptions_updated_at before update on public.subscriptions
  for each row execute function public.set_updated_at();

create function public.record_status_change() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.account_status_history (account_id, old_status, new_status) values (new.id, old.status, new.status);
  return null;
end $$;
create trigger accounts_status_history after update of status on public.accounts
  for each row when (old.status is distinct from new.status) execute function public.record_status_change();

-- Code de commerce, L123-22: accounting documents are kept ten years.
create function public.keep_invoices() returns trigger language plpgsql as $$
begin
  if old.issued_on > current_date - interval '10 years' then
    raise exception 'invoice % must be kept ten years', old.number using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger invoices_kept before delete on public.invoices
  for each row execute function public.keep_invoices();

create materialized view public.monthly_revenue as
  select date_trunc('month', at at time zone 'Europe/Paris')::date as month, currency::text,
         count(*) as payments, sum(amount_incl_tax_cents - tax_cents)::bigint as amount_cents
  from public.payments where status = 'succeeded' and kind <> 'refund' group by 1, 2
  with no data;
create unique index monthly_revenue_key on public.monthly_revenue (month, currency);

create view public.account_overview with (security_invoker = true) as
  select a.id, a.name, a.status, s.plan_id, s.status as subscription_status, a.last_activity_at
  from public.accounts a left join public.subscriptions s on s.account_id = a.id and s.ended_at is null;

-- Asks past row-level security, or the policy on account_members would ask itself.
create function public.is_member(account uuid) returns boolean
  language sql stable security definer set search_path = '' as
  $$ select exists (select from public.account_members m where m.account_id = account and m.user_id = auth.uid()) $$;

do $$
declare t text;
begin
  for t in select c.relname from pg_class c
           where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition loop
    execute format('alter table public.%I enable row level security', t);
  end loop;
  foreach t in array array['account_members', 'trials', 'subscriptions', 'invoices', 'payments', 'tickets',
                           'activity_events', 'contact_permissions', 'api_tokens'] loop
    execute format('create policy "members read" on public.%I for select to authenticated using (public.is_member(account_id))', t);
  end loop;
end $$;
create policy "members read" on public.accounts for select to authenticated using (public.is_member(id));
create policy "members write" on public.accounts for update to authenticated
  using (public.is_member(id)) with check (public.is_member(id));
create policy "own profile" on public.profiles for all to authenticated using (id = auth.uid()) with check (id = auth.uid());
create policy "everyone reads plans" on public.plans for select to anon, authenticated using (true);
create policy "visitors leave leads" on public.leads for insert to anon with check (account_id is null);

-- As on Supabase: the API roles hold the tables, row-level security holds the rows.
grant usage on schema public to anon, authenticated, service_role;
grant all on all tables in schema public to anon, authenticated, service_role;
grant all on all sequences in schema public to anon, authenticated, service_role;
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;

comment on table public.accounts is 'A customer: a company or a person';
comment on table public.app_logs is 'Written by the application; nobody has deleted any yet';
