-- Availability of the 90 days of operations.sql, in the application's database; run where talos.now is set.
insert into maintenance.statistics (metric, period_kind, period_start, value, numerator, denominator, unit, rule_version)
select 'availability:' || target, 'day', day.start::timestamp at time zone 'Europe/Paris',
       case when target = 'n8n' and day.back = 5 then 0.9708 when target = 'app' and day.back = 30 then 0.9931 else 1 end,
       86400, 86400, 'ratio', 1
  from unnest(array['app', 'database', 'n8n', 'supabase', 'vps']) as target,
       (select (current_setting('talos.now')::timestamptz at time zone 'Europe/Paris')::date - back as start, back
          from generate_series(0, 89) as back) as day
    on conflict (metric, period_kind, period_start) do update set value = excluded.value;
analyze maintenance.statistics;
