/** What 90 days of operation leave behind, for pages, metrics, dashboards and benchmarks: invented, and the same each time. */
import { localDays, startOfDay } from '../../src/shared/calendar.ts';
import { SCHEDULE_IDS } from '../../src/shared/ids.ts';
import type { Queryable } from '../../src/clients/postgres.ts';

const ZONE = 'Europe/Paris';
export const TARGETS = ['app', 'database', 'n8n', 'supabase', 'vps'];

export interface OperationsOptions {
  now: Date;
  /** Between two looks; the watches' own is 20. */
  everySeconds?: number;
}

/** 35 days raw and 55 hourly, as the clean-up leaves them: an outage of n8n five days ago, all up since. */
export async function fillSamples(
  ops: Queryable,
  { now, everySeconds = 300 }: OperationsOptions,
): Promise<void> {
  await ops.query(
    `insert into ops.samples (metric, target, at, value)
     select 'availability:' || target, target, at,
            case when target = 'n8n' and at > $1::timestamptz - interval '5 days'
                  and at < $1::timestamptz - interval '5 days' + interval '42 minutes' then 0 else 1 end
       from unnest($2::text[]) as target,
            generate_series($1::timestamptz - interval '35 days', $1::timestamptz, make_interval(secs => $3)) as at`,
    [now, TARGETS, everySeconds],
  );
  await ops.query(
    `insert into ops.samples (metric, target, at, value, count, sum)
     select 'availability:' || target, target, at, 1, 180, 180
       from unnest($2::text[]) as target,
            generate_series($1::timestamptz - interval '90 days', $1::timestamptz - interval '36 days', interval '1 hour') as at`,
    [now, TARGETS],
  );
  await ops.query(
    `insert into ops.samples (metric, target, at, value)
     select metric, target, at, 20 + (extract(epoch from at)::bigint / 300) % 40
       from (values ('cpu_percent', 'vps'), ('ram_percent', 'vps'), ('disk_percent', 'vps:/'), ('disk_percent', 'vps:/var'),
                    ('load_per_core', 'vps'), ('bandwidth_bytes', 'vps'), ('db_bytes', 'database'),
                    ('db_connections_percent', 'database'), ('db_ms', 'database'), ('api_ms', 'app')) as series(metric, target),
            generate_series($1::timestamptz - interval '35 days', $1::timestamptz, make_interval(secs => $2)) as at`,
    [now, everySeconds],
  );
  await ops.query('analyze ops.samples');
}

/** Every job has run: monitoring every few minutes, the others once a day, one of them failed last night. */
export async function fillRuns(ops: Queryable, { now }: OperationsOptions): Promise<void> {
  await ops.query(
    `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, scheduled_at, started_at, finished_at, outcome)
     select id || '-' || to_char(at, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), md5(id || at::text), id, id,
            'armed', at, at, at + make_interval(secs => 5 + abs(hashtext(id || at::text)) % 55),
            case when id = 'nettoyage-logs' and at > $1::timestamptz - interval '1 day' then 'failed' else 'succeeded' end
       from unnest($2::text[]) as id,
            lateral generate_series($1::timestamptz - interval '90 days', $1::timestamptz - interval '1 minute',
              case when id = 'monitoring-disponibilite' then interval '5 minutes'
                   when id = 'monitoring-performance' then interval '15 minutes'
                   when id = 'update-statistiques' then interval '1 hour' else interval '1 day' end) as at`,
    [now, [...SCHEDULE_IDS]],
  );
  await ops.query('analyze ops.runs');
}

export async function fillBackups(ops: Queryable, { now }: OperationsOptions): Promise<void> {
  await ops.query(
    `insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at, tables, rows, stored_bytes,
                             raw_bytes, backup_seconds, restore_seconds)
     select 'backup-' || day, 'backup-database-' || day, md5('b' || day), 'app', 'proven',
            $1::timestamptz - interval '16 hours' - make_interval(days => day), 72, 500000 - day * 900, 86400000 - day * 40000,
            512000000, 74, 31
       from generate_series(0, 89) as day`,
    [now],
  );
}

export const ALERTS = { critical: 1, important: 1, acknowledged: 1 } as const;

/** One critical alert rings, one important too, and somebody sees to the third. */
export async function fillAlerts(ops: Queryable, { now }: OperationsOptions): Promise<void> {
  const open = (
    rule: string,
    target: string,
    level: string,
    minutes: number,
    data: object,
    acknowledged = false,
  ): Promise<object[]> =>
    ops.query(
      `insert into ops.alerts (workflow_id, run_id, episode, rule, target, level, since, opened_at, acknowledged_at,
                               acknowledged_by, data)
       values ('alert/' || $1 || '/' || $2, md5($1 || $2), 1, $1, $2, $3, $4, $4, $5, $6, $7)`,
      [
        ...[rule, target, level, new Date(now.getTime() - minutes * 60_000)],
        ...[acknowledged ? new Date(now.getTime() - 60_000 * 4) : null, acknowledged ? 'link' : null],
        JSON.stringify({ event: 'firing', rule, target, level, at: now.toISOString(), ...data }),
      ],
    );
  await open('AL4', 'app', 'critical', 12, { reason: 'status 503' });
  await open('AL3', 'vps:/var', 'important', 190, { value: 91, threshold: 90, unit: '%' });
  await open('AL1', 'vps', 'important', 34, { value: 97, threshold: 90, unit: '%' }, true);
}

/** Availability of 90 days; two of them had an outage. */
export async function fillAvailability(app: Queryable, { now }: OperationsOptions): Promise<void> {
  const today = localDays(ZONE)(now);
  const starts = Array.from({ length: 90 }, (_, at) => startOfDay(ZONE, today - 89 + at));
  await app.query(
    `insert into maintenance.statistics (metric, period_kind, period_start, value, numerator, denominator, unit, rule_version)
     select 'availability:' || target, 'day', start,
            case when target = 'n8n' and number = 85 then 0.9708 when target = 'app' and number = 60 then 0.9931 else 1 end,
            86400, 86400, 'ratio', 1
       from unnest($1::text[]) as target, unnest($2::timestamptz[]) with ordinality as days(start, number)
         on conflict (metric, period_kind, period_start) do update set value = excluded.value`,
    [TARGETS, starts],
  );
}
