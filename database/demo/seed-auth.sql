-- Seed, 4 of 4: Supabase's own tables, among them what a clean-up must find: dead sessions, tokens and files.

insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token,
  recovery_token, email_change_token_new, email_change, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, phone, phone_confirmed_at)
select '00000000-0000-0000-0000-000000000000', id, 'authenticated', 'authenticated', email,
  '$2a$10$' || substr(encode(sha256(('password' || u)::bytea), 'base64'), 1, 43) || repeat('x', 10),
  case when not never_logged_in then joined_at + interval '3 minutes' end, '', '', '', '', last_seen_at,
  '{"provider": "email", "providers": ["email"]}', jsonb_build_object('first_name', first_name, 'last_name', last_name),
  joined_at, coalesce(last_seen_at, joined_at), case when demo.r(u, 120) < 0.2 then '3363998' || lpad((u % 10000)::text, 4, '0') || (u / 10000) end,
  case when demo.r(u, 120) < 0.2 and not never_logged_in then joined_at + interval '5 minutes' end
from (select s.*, case k when 0 then a.email else demo.ascii(s.first_name) || '.' || demo.ascii(s.last_name) || u || '@example.test' end as email
      from demo.user_state s join public.accounts a on a.id = s.account_id) people order by u;

insert into auth.identities (provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, id)
select u.id::text, u.id, jsonb_build_object('sub', u.id, 'email', u.email), 'email', u.last_sign_in_at, u.created_at, u.updated_at, demo.uuid('identity', s.u)
from demo.user_state s join auth.users u using (id) order by s.u;

insert into public.profiles (id, first_name, last_name, phone, avatar_path, created_at)
select id, first_name, last_name, case when demo.r(u, 121) < 0.4 then '+3363998' || lpad((u * 11 % 10000)::text, 4, '0') end,
  case when demo.r(u, 122) < 0.3 then id || '/avatar.png' end, joined_at from demo.user_state order by u;
insert into public.account_members (account_id, user_id, role, joined_at)
select account_id, id, case k when 0 then 'owner' when 1 then 'admin' else 'member' end, joined_at from demo.user_state order by u;

-- Up to three sessions a person, the newest first; some with an end, some years-old and never closed.
create table demo.sessions as
select u * 4 + i as key, demo.uuid('session', u * 4 + i) as id, id as user_id, i, last_seen_at - make_interval(days => 21 * i) as at,
  case when demo.r(u * 4 + i, 123) < 0.5 then last_seen_at - make_interval(days => 21 * i - 30) end as not_after
from demo.user_state, generate_series(0, 2) as i
where last_seen_at - make_interval(days => 21 * i) >= joined_at;
insert into auth.sessions (id, user_id, created_at, updated_at, aal, not_after, refreshed_at, user_agent, ip)
select id, user_id, at - interval '2 days', at, 'aal1', not_after, at at time zone 'UTC',
  demo.pick(array['Mozilla/5.0 (Macintosh) Safari/605', 'Mozilla/5.0 (Windows NT 10.0) Firefox/143', 'Mozilla/5.0 (Android 15) Chrome/141'], key, 124),
  '203.0.113.0'::inet + floor(255 * demo.r(key, 125))::bigint
from demo.sessions order by key;
insert into auth.mfa_amr_claims (session_id, created_at, updated_at, authentication_method, id)
select id, at, at, 'password', demo.uuid('amr', key) from demo.sessions order by key;

-- A chain of refresh tokens for each session: all but the last revoked; a few have lost their session.
insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id)
select '00000000-0000-0000-0000-000000000000', substr(md5('rt' || key * 4 + turn), 1, 22), user_id::text, turn < 2 or i > 0 and demo.r(key, 126) < 0.5,
  at - make_interval(days => 2 - turn), at - make_interval(days => 2 - turn), case when turn > 0 then substr(md5('rt' || key * 4 + turn - 1), 1, 22) end,
  case when demo.r(key * 4 + turn, 127) > 0.01 then id end
from demo.sessions, generate_series(0, 2) as turn order by key, turn;

insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to, created_at, updated_at)
select demo.uuid('ott', u), id, (case when never_logged_in then 'confirmation_token' else 'recovery_token' end)::auth.one_time_token_type,
  encode(sha256(('ott' || u)::bytea), 'hex'), demo.ascii(first_name) || '@example.test', at, at
from (select *, (greatest(joined_at, demo.now() - make_interval(secs => floor(86400 * 120 * demo.r(u, 128) ^ 3))) at time zone 'UTC') as at from demo.user_state) x
where never_logged_in or demo.r(u, 129) < 0.05 order by u;

insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, created_at, updated_at, authentication_method, auth_code_issued_at)
select demo.uuid('flow', u), id, demo.uuid('code', u)::text, 's256', encode(sha256(('flow' || u)::bytea), 'base64'), 'magiclink', at, at, 'magiclink', at
from (select *, demo.now() - make_interval(secs => floor(86400 * 45 * demo.r(u, 130) ^ 2)) as at from demo.user_state) x
where demo.r(u, 131) < 0.12 and at > joined_at order by u;

insert into auth.mfa_factors (id, user_id, friendly_name, factor_type, status, created_at, updated_at, secret)
select demo.uuid('factor', u), id, 'Téléphone', 'totp', 'verified', joined_at, joined_at, upper(substr(md5('totp' || u), 1, 32))
from demo.user_state where last_seen_at is not null and demo.r(u, 132) < 0.06 order by u;
insert into auth.mfa_challenges (id, factor_id, created_at, verified_at, ip_address)
select demo.uuid('challenge', s.u * 4 + i), f.id, s.last_seen_at - make_interval(days => 9 * i), case when i < 2 then s.last_seen_at - make_interval(days => 9 * i) end, '203.0.113.9'
from auth.mfa_factors f join demo.user_state s on s.id = f.user_id, generate_series(0, 2) as i order by s.u, i;

insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
select '00000000-0000-0000-0000-000000000000', demo.uuid('audit', d.key),
  json_build_object('action', case when demo.r(d.key, 133) < 0.8 then 'login' else 'token_refreshed' end, 'actor_id', d.user_id,
    'actor_username', u.email, 'actor_via_sso', false, 'log_type', case when demo.r(d.key, 133) < 0.8 then 'account' else 'token' end),
  at, host('203.0.113.0'::inet + floor(255 * demo.r(d.key, 134))::bigint)
from (select *, demo.at(day, demo.r(key * 3, 26)) as at from demo.user_days where demo.r(key, 135) < 0.15) d join auth.users u on u.id = d.user_id
where at < demo.now() order by at, d.key;

insert into auth.schema_migrations select '2024' || lpad((1000000 + i * 13791)::text, 10, '0') from generate_series(1, 60) as i;

insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types, created_at, updated_at) values
  ('avatars', 'avatars', true, 1048576, array['image/png'], demo.now() - interval '2 years', demo.now() - interval '2 years'),
  ('factures', 'factures', false, null, array['application/pdf'], demo.now() - interval '2 years', demo.now() - interval '2 years'),
  ('tmp', 'tmp', false, 52428800, null, demo.now() - interval '2 years', demo.now() - interval '2 years');
insert into storage.objects (id, bucket_id, name, owner_id, created_at, updated_at, last_accessed_at, metadata, version)
select demo.uuid(bucket, key), bucket, name, owner, at, at, at, jsonb_build_object('size', 2000 + floor(90000 * demo.r(key, 136)), 'mimetype', mime), demo.uuid('version', key)::text
from (
  select 'avatars' as bucket, s.u as key, p.avatar_path as name, p.id::text as owner, s.joined_at as at, 'image/png' as mime
  from public.profiles p join demo.user_state s on s.id = p.id where p.avatar_path is not null
  union all
  select 'factures', i, 'F-' || lpad(i::text, 7, '0') || '.pdf', null, issued_at, 'application/pdf' from demo.invoices where demo.r(i, 137) < 0.15
  union all
  select 'tmp', u, 'exports/' || u || '/contacts é ' || u || '.csv', id::text, last_seen_at, 'text/csv' from demo.user_state where last_seen_at is not null and demo.r(u, 138) < 0.1
) files order by bucket, key;

refresh materialized view public.monthly_revenue;
drop schema demo cascade;
