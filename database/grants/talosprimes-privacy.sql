-- What archiving and anonymising customers need, and nothing more (`talos privacy grants` prints it from the data map).
-- talos_privacy cannot log in. talos_app takes it for single transactions (set local role) and has none of its rights else.
-- Run it as the tables' owner (on Supabase in the SQL editor), again after the map has changed. Repeating it changes nothing.
do $$
declare
  wanted text[];
begin
  if not exists (select from pg_roles where rolname = 'talos_privacy') then
    create role talos_privacy nologin noinherit;
  end if;
  if current_setting('server_version_num')::int >= 160000 then
    execute 'grant talos_privacy to talos_app with inherit false, set true';
  elsif not pg_has_role('talos_app', 'talos_privacy', 'member') then
    -- Before PostgreSQL 16 that is a property of the member; talos_app has nothing else to inherit.
    execute 'alter role talos_app noinherit';
    execute 'grant talos_privacy to talos_app';
  end if;
  grant usage on schema "auth", "storage", "public", "maintenance" to talos_privacy;
  grant select, insert, delete on maintenance.legal_store to talos_privacy;
  grant select, insert, update, delete on maintenance.erasure_receipts to talos_privacy;
  grant select, insert, delete on maintenance.customer_archives to talos_privacy;
  foreach wanted slice 1 in array array[
    ['auth.users', 'select, delete'],
    ['auth.identities', 'select, delete'],
    ['auth.sessions', 'select, delete'],
    ['auth.refresh_tokens', 'select, delete'],
    ['auth.one_time_tokens', 'select, delete'],
    ['auth.flow_state', 'select, delete'],
    ['auth.audit_log_entries', 'select, delete'],
    ['auth.mfa_factors', 'select, delete'],
    ['auth.mfa_challenges', 'select, delete'],
    ['auth.mfa_amr_claims', 'select, delete'],
    ['auth.oauth_authorizations', 'select, delete'],
    ['auth.oauth_consents', 'select, delete'],
    ['auth.saml_relay_states', 'select, delete'],
    ['storage.objects', 'select'],
    ['public.accounts', 'select, insert, update, delete'],
    ['public.account_status_history', 'select, delete'],
    ['public.profiles', 'select, insert, delete'],
    ['public.account_members', 'select, delete'],
    ['public.leads', 'select, insert, delete'],
    ['public.trials', 'select, delete'],
    ['public.subscriptions', 'select, delete'],
    ['public.subscription_history', 'select, delete'],
    ['public.invoices', 'select, update ("account_id", "subscription_id", "billing_name", "billing_address", "pdf_path")'],
    ['public.payments', 'select, update ("account_id", "provider_ref", "failure_code", "card_last4")'],
    ['public.legal_holds', 'select, delete'],
    ['public.contact_permissions', 'select, delete'],
    ['public.tickets', 'select, insert, delete'],
    ['public.ticket_messages', 'select, insert, delete'],
    ['public.activity_events', 'select, insert, delete'],
    ['public.api_request_logs', 'select, delete'],
    ['public.messages', 'select, insert, delete'],
    ['public.api_tokens', 'select, delete'],
    ['maintenance.trial_offers', 'select, delete']
  ] loop
    continue when to_regclass(wanted[1]) is null;
    execute format('revoke all on %s from talos_privacy', to_regclass(wanted[1]));
    execute format('grant %s on %s to talos_privacy', wanted[2], to_regclass(wanted[1]));
    continue when not (select relrowsecurity from pg_class where oid = to_regclass(wanted[1]));
    execute format('drop policy if exists talos_privacy on %s', to_regclass(wanted[1]));
    execute format('create policy talos_privacy on %s to talos_privacy using (true) with check (true)', to_regclass(wanted[1]));
  end loop;
end $$;
