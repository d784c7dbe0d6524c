-- 90 days of operation, invented and the same each time. Of the operations database; run in one transaction that has
-- set talos.now and talos.every (seconds between two looks of the watches; their own are 20).

-- 35 days raw and 55 hourly, as the clean-up leaves them. n8n was down for 42 minutes five days ago.
insert into ops.samples (metric, target, at, value)
select 'availability:' || target, target, looks.at,
       case when target = 'n8n' and looks.at > now.at - interval '5 days'
             and looks.at < now.at - interval '5 days' + interval '42 minutes' then 0 else 1 end
  from (select current_setting('talos.now')::timestamptz as at) as now, unnest(array['app', 'database', 'n8n', 'supabase', 'vps']) as target,
       generate_series(now.at - interval '35 days', now.at, make_interval(secs => current_setting('talos.every')::int)) as looks(at);

insert into ops.samples (metric, target, at, value, count, sum)
select 'availability:' || target, target, looks.at, 1, 180, 180
  from (select current_setting('talos.now')::timestamptz as at) as now, unnest(array['app', 'database', 'n8n', 'supabase', 'vps']) as target,
       generate_series(now.at - interval '90 days', now.at - interval '36 days', interval '1 hour') as looks(at);

insert into ops.samples (metric, target, at, value)
select metric, target, looks.at, 20 + (extract(epoch from looks.at)::bigint / 300) % 40
  from (select current_setting('talos.now')::timestamptz as at) as now,
       (values ('cpu_percent', 'vps'), ('ram_percent', 'vps'), ('disk_percent', 'vps:/'), ('disk_percent', 'vps:/var'),
               ('load_per_core', 'vps'), ('bandwidth_bytes', 'vps'), ('db_bytes', 'database'),
               ('db_connections_percent', 'database'), ('db_ms', 'database'), ('api_ms', 'app')) as series(metric, target),
       generate_series(now.at - interval '35 days', now.at, make_interval(secs => 5 * current_setting('talos.every')::int)) as looks(at);

-- Every job has run lately; the clean-up of logs failed the last time.
insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, scheduled_at, started_at, finished_at, outcome)
select id || '-' || to_char(due.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), md5(id || due.at), id, id, 'armed', due.at, due.at,
       due.at + make_interval(secs => 5 + abs(hashtext(id || due.at)) % 55),
       case when id = 'nettoyage-logs' and due.at > now.at - interval '1 day' then 'failed' else 'succeeded' end
  from (select current_setting('talos.now')::timestamptz as at) as now,
       unnest(array['monitoring-disponibilite', 'monitoring-performance', 'update-statistiques', 'expiration-essais',
                    'nettoyage-donnees-temporaires', 'backup-database', 'rapport-quotidien', 'relance-essais-inactifs',
                    'nettoyage-logs', 'rapport-hebdomadaire', 'archivage-clients-inactifs']) as id,
       lateral generate_series(now.at - interval '90 days 2 minutes', now.at - interval '1 minute',
         case id when 'monitoring-disponibilite' then interval '5 minutes' when 'monitoring-performance' then interval '15 minutes'
                 when 'update-statistiques' then interval '1 hour' else interval '1 day' end) as due(at);

insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at, tables, rows, stored_bytes,
                        raw_bytes, backup_seconds, restore_seconds)
select 'backup-' || day, 'backup-database-' || day, md5('b' || day), 'app', 'proven',
       current_setting('talos.now')::timestamptz - interval '16 hours' - make_interval(days => day),
       72, 500000 - day * 900, 86400000 - day * 40000, 512000000, 74, 31
  from generate_series(0, 89) as day;

analyze ops.samples, ops.runs, ops.proofs;
