-- What nettoyage-donnees-temporaires and nettoyage-logs need in Supabase's schema auth, and nothing more: talos_app may
-- delete from tables of sessions, tokens and sign-ins, and see that an account exists. Run it as the tables' owner (in
-- Supabase's SQL editor), again after Supabase has added tables. Repeating it changes nothing.
do $$
declare
  name text;
begin
  grant usage on schema auth to talos_app;
  foreach name in array array['sessions', 'refresh_tokens', 'one_time_tokens', 'flow_state', 'saml_relay_states',
    'oauth_client_states', 'mfa_challenges', 'webauthn_challenges', 'oauth_authorizations', 'audit_log_entries', 'users']
  loop
    continue when to_regclass('auth.' || name) is null;
    if name = 'users' then
      grant select (id) on auth.users to talos_app;
    else
      execute format('grant select, update, delete on auth.%I to talos_app', name);
    end if;
    -- Supabase hides every row of auth from roles that it does not know.
    continue when not (select relrowsecurity from pg_class where oid = to_regclass('auth.' || name));
    execute format('drop policy if exists talos_cleanup on auth.%I', name);
    execute format('create policy talos_cleanup on auth.%I for %s to talos_app using (true)', name,
      case when name = 'users' then 'select' else 'all' end);
  end loop;
end $$;
