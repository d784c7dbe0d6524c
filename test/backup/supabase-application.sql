-- What a customer of Supabase makes in the project, as its `postgres` role (`project` here), and what the platform wrote.

insert into auth.schema_migrations values ('20240101000000');
insert into storage.migrations values (1, 'initial');
insert into vault.secrets (secret) values ('opens only with the key of its project');

set role project;
create extension citext with schema extensions;
create schema reporting;
create schema supabase_migrations;
create table supabase_migrations.schema_migrations (version text primary key);
insert into supabase_migrations.schema_migrations values ('20250101000000');

create type public.mood as enum ('sad', 'très content');
create table public.profiles (
  id uuid primary key references auth.users on delete cascade, email extensions.citext, mood public.mood);
create table public.notes (
  id bigint generated always as identity primary key, author uuid not null references public.profiles, body text);
create view reporting.authors with (security_invoker = true) as
  select p.email, count(*) as notes from public.profiles p join public.notes n on n.author = p.id group by 1;
create materialized view reporting.totals as select count(*) as notes from public.notes;
grant usage on schema reporting to reporter;
grant select on reporting.authors to reporter;
alter default privileges in schema reporting grant select on tables to reporter;

create function public.handle_new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, email) values (new.id, new.email);
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users
  for each row execute function public.handle_new_user();
alter table public.notes enable row level security;
create policy "own notes" on public.notes to authenticated using (author = auth.uid());
create policy "own avatar" on storage.objects for insert to authenticated with check (bucket_id = 'avatars');
alter publication supabase_realtime add table public.notes;
create publication warehouse for table public.profiles;

insert into auth.users (id, email, raw_user_meta_data)
  select gen_random_uuid(), 'person' || i || '@exemple.fr', '{"langue": "français"}' from generate_series(1, 300) i;
insert into auth.identities (provider_id, user_id, identity_data, provider)
  select id, id, jsonb_build_object('email', email), 'email' from auth.users;
insert into auth.refresh_tokens (token, user_id) select md5(id::text), id from auth.users;
insert into storage.buckets (id, name) values ('avatars', 'avatars');
insert into storage.objects (bucket_id, name) select 'avatars', id || '/face.png' from auth.users;
insert into public.notes (author, body) select id, repeat(email, 9) from public.profiles, generate_series(1, 5);
refresh materialized view reporting.totals;
reset role;
