-- What every Supabase project has beside the demo's `auth` and `storage`: as the superuser, into a new database.

create schema extensions;
create extension pgcrypto with schema extensions;
create schema realtime authorization supabase_admin;
create schema vault authorization supabase_admin;
grant usage on schema auth, storage, realtime, vault to project;
grant all on schema extensions to project;
grant all on all tables in schema auth, storage to project;
grant all on all sequences in schema auth, storage to project;
grant usage on schema public to anon, authenticated, service_role;

set role supabase_admin;
create table realtime.messages (id bigint generated always as identity primary key, topic text not null);
create table vault.secrets (id uuid primary key default gen_random_uuid(), secret text not null);
create publication supabase_realtime_messages_publication for table realtime.messages;
grant select, insert on realtime.messages, vault.secrets to project;
alter default privileges in schema auth grant all on tables to dashboard_user;
create function extensions.pgrst_ddl_watch() returns event_trigger language plpgsql as
  $$ begin notify pgrst, 'reload schema'; end $$;
create event trigger pgrst_ddl_watch on ddl_command_end execute function extensions.pgrst_ddl_watch();
reset role;

-- A platform trigger that answers to each new file with a row of its own: twice would be once too often.
set role supabase_storage_admin;
create table storage.migrations (id integer primary key, name text not null);
create table storage.prefixes (bucket_id text references storage.buckets, name text, primary key (bucket_id, name));
create function storage.add_prefix() returns trigger language plpgsql as $$
begin
  insert into storage.prefixes values (new.bucket_id, split_part(new.name, '/', 1));
  return new;
end $$;
create trigger objects_insert_create_prefix before insert on storage.objects
  for each row execute function storage.add_prefix();
alter default privileges in schema storage grant all on tables to service_role;
grant all on storage.prefixes to project;
reset role;

create publication supabase_realtime;
alter publication supabase_realtime owner to project;
alter default privileges for role project in schema public grant all on tables to anon, authenticated, service_role;
