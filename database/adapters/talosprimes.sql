-- The contract `saas` (contract.sql) over the tables of TalosPrimes and Supabase.
-- `talos database apply` runs it as an administrator in one transaction, in an empty schema `saas`, and gives what
-- it creates to talos_owner. It can be run again at any time.

-- What the views may read and the functions may write, and nothing more. People's secrets in auth.users stay out.
grant usage on schema public, auth to talos_owner;
grant select (id, last_sign_in_at) on auth.users to talos_owner;
grant select on public.accounts, public.account_members, public.leads, public.trials, public.subscriptions,
  public.subscription_history, public.invoices, public.payments, public.fx_rates, public.acquisition_costs, public.goals,
  public.activity_events, public.tickets, public.api_request_logs, public.page_loads, public.contact_permissions,
  public.legal_holds, public.notifications to talos_owner;
grant update (status, deactivated_at, archived_at, anonymized_at, updated_at) on public.accounts to talos_owner;
grant update (expired_at) on public.trials to talos_owner;
grant insert, update (withdrawn_at) on public.contact_permissions to talos_owner;
grant insert on public.notifications to talos_owner;

create or replace view saas.accounts as
select a.id::text as account_id, a.name, a.email::text as email, a.phone, a.locale, a.kind::text as kind, a.status::text as status,
  a.created_at, seen.last_login_at, a.last_activity_at
from public.accounts a
left join (
  select m.account_id, max(u.last_sign_in_at) as last_login_at
  from public.account_members m join auth.users u on u.id = m.user_id group by m.account_id
) seen on seen.account_id = a.id;

create or replace view saas.leads as
select id::text as lead_id, created_at, account_id::text as account_id, name, phone from public.leads;

create or replace view saas.archive_blockers as
select account_id::text as account_id, 'subscription' as reason from public.subscriptions where ended_at is null
union
select account_id::text, 'unpaid_invoice' from public.invoices where status = 'open'
union
select account_id::text, 'legal_hold' from public.legal_holds where released_at is null
union
-- The only owner, while somebody else of the same organisation has been there in the last six months.
select owner.account_id::text, 'last_owner'
from public.account_members owner
where owner.role = 'owner'
  and not exists (select from public.account_members other where other.account_id = owner.account_id
                  and other.role = 'owner' and other.user_id <> owner.user_id)
  and exists (select from public.account_members other join auth.users u on u.id = other.user_id
              where other.account_id = owner.account_id and other.user_id <> owner.user_id
                and u.last_sign_in_at > now() - interval '6 months');

create or replace view saas.trials as
select id::text as trial_id, account_id::text as account_id, started_at, ends_at, expired_at, converted_at from public.trials;

create or replace view saas.subscription_terms as
select h.subscription_id::text as subscription_id, s.account_id::text as account_id, h.valid_from, h.valid_to, h.status::text as status,
  h.interval_months, h.amount_cents, h.currency::text as currency, h.discount_pct::numeric as discount_pct, h.discount_until
from public.subscription_history h join public.subscriptions s on s.id = h.subscription_id
where h.status <> 'canceled';

-- Payments are stored tax included, with the tax that the invoice shows beside them: subtracting it is exact.
create or replace view saas.payments as
select id::text as payment_id, account_id::text as account_id, at, kind::text as kind, status::text as status,
  amount_incl_tax_cents - tax_cents as amount_cents, currency::text as currency
from public.payments;

create or replace view saas.fx_rates as
select currency::text as currency, day, eur_per_unit::numeric as eur_per_unit from public.fx_rates;

create or replace view saas.acquisition_costs as
select month, label, amount_cents from public.acquisition_costs;

create or replace view saas.goals as
select period, metric, target from public.goals;

create or replace view saas.activity as
select user_id::text as user_id, account_id::text as account_id, at from public.activity_events;

create or replace view saas.tickets as
select id::text as ticket_id, created_at, auto_reply_at, first_human_reply_at, resolved_at, csat::integer as csat from public.tickets;

create or replace view saas.api_calls as
select at, ms, status::integer as status from public.api_request_logs;

create or replace view saas.page_loads as
select at, lcp_ms::double precision as ms from public.page_loads;

create or replace view saas.contact_permissions as
select account_id::text as account_id, channel, basis, granted_at, withdrawn_at from public.contact_permissions;

create or replace function saas.expire_trial(trial_id text, at timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
declare expired_account uuid;
begin
  update public.trials t set expired_at = at
  where t.id = expire_trial.trial_id::uuid and t.expired_at is null and t.converted_at is null and t.ends_at <= at
  returning t.account_id into expired_account;
  if not found then
    return false;
  end if;
  -- An account that is a customer by another way keeps its access.
  update public.accounts a set status = 'expired', deactivated_at = at where a.id = expired_account and a.status = 'trial';
  return true;
end $$;

create or replace function saas.set_account_status(account_id text, status text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare wanted public.account_status;
begin
  if status <> all (enum_range(null::public.account_status)::text[]) then
    raise exception 'saas.set_account_status: no status "%"; there are: %', status, enum_range(null::public.account_status)
      using errcode = 'invalid_parameter_value';
  end if;
  wanted := status;
  update public.accounts a
  set status = wanted,
      deactivated_at = case when wanted in ('trial', 'active') then null else coalesce(a.deactivated_at, now()) end,
      archived_at = case when wanted = 'archived' then now() when wanted = 'anonymized' then a.archived_at end,
      anonymized_at = case when wanted = 'anonymized' then now() end
  where a.id = set_account_status.account_id::uuid and a.status <> wanted and a.status <> 'anonymized';
  return found;
end $$;

create or replace function saas.withdraw_permission(account_id text, channel text, at timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  -- The row keeps the refusal even where nothing had been granted: a legal basis by default must not outvote it.
  insert into public.contact_permissions as p (account_id, channel, basis, source, withdrawn_at)
  select a.id, withdraw_permission.channel, 'none', 'opposition', withdraw_permission.at
  from public.accounts a where a.id = withdraw_permission.account_id::uuid
  on conflict on constraint contact_permissions_pkey do update set withdrawn_at = excluded.withdrawn_at
    where p.withdrawn_at is null;
  return found;
end $$;

create or replace function saas.insert_notification(level text, title text, body text, key text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.notifications (level, title, body, key) values (level, title, body, key)
  on conflict on constraint notifications_key_key do nothing;
  return found;
end $$;
