-- The contract `saas` over the tables of another SaaS (tables.sql). docs/adapter.md quotes it.
grant usage on schema public, billing to talos_owner;
grant select on public.organisations, public.users, public.visits, public.enquiries, public.tests, public.bills, public.opt_outs,
  billing.events, billing.transfers to talos_owner;
grant update (stage) on public.organisations to talos_owner;
grant update (stopped) on public.tests to talos_owner;
-- `on conflict` reads the key.
grant select (key), insert on public.notices to talos_owner;
grant insert on public.opt_outs to talos_owner;

create view saas.accounts as
select o.id::text as account_id, o.label as name, o.contact_mail as email, phone.phone, 'fr-FR' as locale,
  case when o.is_company then 'b2b' else 'b2c' end as kind,
  case o.stage when 'essai' then 'trial' when 'client' then 'active' when 'terminé' then 'expired' when 'endormi' then 'inactive'
               when 'archivé' then 'archived' else 'anonymized' end as status,
  -- Stored without a zone, in Paris time.
  o.opened at time zone 'Europe/Paris' as created_at, seen.last_login_at, seen.last_activity_at
from public.organisations o
left join lateral (select u.phone from public.users u where u.organisation_id = o.id and u.phone is not null order by u.id limit 1) phone on true
left join lateral (select max(v.at) filter (where v.signed_in) as last_login_at, max(v.at) as last_activity_at
                     from public.visits v join public.users u on u.id = v.user_id where u.organisation_id = o.id and not u.staff) seen on true;

create view saas.leads as
select id::text as lead_id, received as created_at, organisation_id::text as account_id, who as name, null::text as phone
from public.enquiries;

create view saas.trials as
select organisation_id::text as trial_id, organisation_id::text as account_id,
  begins::timestamp at time zone 'Europe/Paris' as started_at,
  -- Until the midnight that ends the last day.
  (begins + days)::timestamp at time zone 'Europe/Paris' as ends_at, stopped as expired_at, bought as converted_at
from public.tests;

-- A term lasts from one event to the next; VAT is taken out of the price, once, and rounded to the cent.
create view saas.subscription_terms as
select contract::text as subscription_id, organisation_id::text as account_id, at as valid_from, until as valid_to,
  case kind when 'late' then 'past_due' when 'pause' then 'paused' else 'active' end as status,
  case when yearly then 12 else 1 end as interval_months,
  round(price * 100 / (1 + vat_rate / 100))::bigint as amount_cents, 'EUR' as currency,
  0::numeric as discount_pct, null::timestamptz as discount_until
from (select e.*, lead(at) over (partition by contract order by at, id) as until from billing.events e) events
-- Of two events at one instant the later one counts.
where kind <> 'stop' and (until is null or until > at);

create view saas.payments as
select id::text as payment_id, organisation_id::text as account_id, at,
  case when amount < 0 then 'refund' when for_contract then 'subscription' else 'one_off' end as kind,
  case outcome when 'ok' then 'succeeded' else 'failed' end as status,
  round(abs(amount) * 100 / (1 + vat_rate / 100))::bigint as amount_cents, 'EUR' as currency
from billing.transfers;

create view saas.archive_blockers as
select organisation_id::text as account_id, 'subscription' as reason
  from (select distinct on (contract) organisation_id, kind from billing.events order by contract, at desc, id desc) last_event
 where kind <> 'stop'
union
select organisation_id::text, 'unpaid_invoice' from public.bills where not settled;

create view saas.activity as
select v.user_id::text as user_id, u.organisation_id::text as account_id, v.at
from public.visits v join public.users u on u.id = v.user_id where not u.staff;

create function saas.expire_trial(trial_id text, at timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.tests t set stopped = at
   where t.organisation_id = expire_trial.trial_id::int and t.stopped is null and t.bought is null
     and (t.begins + t.days)::timestamp at time zone 'Europe/Paris' <= at;
  if not found then return false; end if;
  update public.organisations o set stage = 'terminé' where o.id = expire_trial.trial_id::int and o.stage = 'essai';
  return true;
end $$;

create function saas.set_account_status(account_id text, status text) returns boolean
language plpgsql security definer set search_path = '' as $$
declare wanted text := case status when 'trial' then 'essai' when 'active' then 'client' when 'expired' then 'terminé'
  when 'inactive' then 'endormi' when 'archived' then 'archivé' when 'anonymized' then 'effacé' end;
begin
  if wanted is null then
    raise exception 'saas.set_account_status: no status "%"', status using errcode = 'invalid_parameter_value';
  end if;
  update public.organisations o set stage = wanted
   where o.id = set_account_status.account_id::int and o.stage not in (wanted, 'effacé');
  return found;
end $$;

create function saas.withdraw_permission(account_id text, channel text, at timestamptz) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.opt_outs (organisation_id, channel, at)
  select o.id, withdraw_permission.channel, withdraw_permission.at from public.organisations o
   where o.id = withdraw_permission.account_id::int
  on conflict on constraint opt_outs_pkey do nothing;
  return found;
end $$;

create function saas.insert_notification(level text, title text, body text, key text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.notices (level, title, body, key) values (level, title, body, key)
  on conflict on constraint notices_pkey do nothing;
  return found;
end $$;
