-- What the clean-ups need in the demo's own tables. Partitions are handed over: only an owner may drop one.
do $$
declare
  name text;
  part regclass;
begin
  foreach name in array array['api_tokens', 'api_request_logs'] loop
    execute format('grant select, update, delete on public.%I to talos_app', name);
    execute format('drop policy if exists talos_cleanup on public.%I', name);
    execute format('create policy talos_cleanup on public.%I to talos_app using (true)', name);
  end loop;
  for part in select relid from pg_partition_tree('public.app_logs') loop
    execute format('alter table %s owner to talos_app', part);
  end loop;
end $$;
