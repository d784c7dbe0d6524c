/** What `/metrics` says of the jobs and of what they watch: names of schedules, targets and levels only, never an id. */
import { Gauge, type Registry } from 'prom-client';
import type { Facts, OpsFacts } from '../status/facts.ts';
import type { JobState } from '../status/jobs.ts';
import type { Reading } from '../status/read-samples.ts';
import type { RunCount } from './read-counts.ts';

const LEVELS = ['critical', 'important', 'info'] as const;
const seconds = (at: Date): number => at.getTime() / 1_000;

type Value = readonly [labels: Record<string, string>, value: number | undefined];

/** A gauge that is written whole, of what one scrape has read. */
function gauge(registry: Registry, name: string, help: string, values: readonly Value[]): void {
  const [first] = values;
  const labelNames = Object.keys(first?.[0] ?? {});
  const made = new Gauge({ name, help, labelNames, registers: [registry] });
  for (const [labels, value] of values) if (value !== undefined) made.set(labels, value);
}

/** Whether each source has answered: without this an alert on what is absent says nothing of why. */
export function sourceFamily(registry: Registry, { ops, app, temporal }: Facts): void {
  gauge(registry, 'talos_source_up', '1: it answered this scrape. 0: what is read from it is absent below.', [
    [{ source: 'operations_database' }, Number(ops.known)],
    [{ source: 'application_database' }, Number(app.known)],
    [{ source: 'temporal' }, Number(temporal.known)],
  ]);
  if (temporal.known)
    gauge(registry, 'talos_workers', 'Workers that poll the task queue.', [[{}, temporal.value.workers]]);
}

export function jobFamilies(
  registry: Registry,
  { at }: Facts,
  jobs: readonly JobState[],
  counts: readonly RunCount[],
): void {
  const each = (name: string, help: string, value: (job: JobState) => number | undefined): void =>
    gauge(
      registry,
      name,
      help,
      jobs.map((job) => [{ schedule: job.id }, value(job)]),
    );
  each('talos_job_enabled', '1: it has its settings and is not paused.', ({ state }) =>
    state === 'unknown' ? undefined : Number(state === 'active' || state === 'observe'),
  );
  each('talos_job_armed', '1: it may change data. 0: it only observes, is off or is paused.', ({ state }) =>
    state === 'unknown' ? undefined : Number(state === 'active'),
  );
  each(
    'talos_job_last_run_timestamp_seconds',
    'When the last run began.',
    ({ last }) => last && seconds(last.startedAt),
  );
  each(
    'talos_job_last_duration_seconds',
    'How long the last run took that has ended.',
    ({ trend }) => trend.at(-1)?.seconds,
  );
  each(
    'talos_job_last_run_failed',
    '1: the last run failed, or never ended.',
    ({ last }) => last && Number(last.lost || last.outcome === 'failed'),
  );
  each(
    'talos_job_late_seconds',
    'How long ago it should have begun and has not; 0: it is in time.',
    ({ lateSince, last }) => last && (lateSince ? (at.getTime() - lateSince.getTime()) / 1_000 : 0),
  );
  each('talos_job_next_run_timestamp_seconds', 'When it is due next.', ({ next }) => next && seconds(next));
  gauge(
    registry,
    'talos_job_last_success_timestamp_seconds',
    'When the last run that succeeded ended.',
    counts.map(({ schedule, lastSuccess }) => [{ schedule }, lastSuccess ? seconds(lastSuccess) : undefined]),
  );
  gauge(
    registry,
    'talos_job_runs_last_day',
    'Runs that began within 24 hours, by how they ended.',
    counts.flatMap(({ schedule, ...count }) =>
      (['succeeded', 'failed', 'running'] as const).map((outcome): Value => [
        { schedule, outcome },
        count[outcome],
      ]),
    ),
  );
}

export function careFamilies(registry: Registry, { alerts, backups, unsent, lifecycles }: OpsFacts): void {
  gauge(
    registry,
    'talos_alerts_open',
    'Open alerts, by level and by whether somebody sees to them.',
    LEVELS.flatMap((level) =>
      (['true', 'false'] as const).map((acknowledged): Value => {
        const open = alerts.filter(
          (alert) =>
            alert.level === level &&
            !alert.test &&
            (alert.acknowledgedAt !== undefined) === (acknowledged === 'true'),
        );
        return [{ level, acknowledged }, open.length];
      }),
    ),
  );
  const { proven } = backups;
  const backup = (name: string, help: string, value: number | null | undefined): void => {
    if (value !== null && value !== undefined) gauge(registry, name, help, [[{}, value]]);
  };
  backup(
    'talos_backup_last_proven_timestamp_seconds',
    'When the newest backup was proven by restoring it.',
    proven && seconds(proven.at),
  );
  backup(
    'talos_backup_last_proven_bytes',
    'What the newest proven backup takes in the bucket.',
    proven?.storedBytes,
  );
  backup(
    'talos_backup_last_proven_duration_seconds',
    'How long it took, without its proof.',
    proven?.backupSeconds,
  );
  backup(
    'talos_backup_last_proven_restore_duration_seconds',
    'How long its restore took.',
    proven?.restoreSeconds,
  );
  gauge(
    registry,
    'talos_notices_unsent',
    'Notices that have not left five minutes after they should have.',
    (['email', 'sms', 'in-app', 'webhook'] as const).map((channel) => [
      { channel },
      unsent.find((one) => one.channel === channel)?.count ?? 0,
    ]),
  );
  if (lifecycles.length > 0)
    gauge(
      registry,
      'talos_lifecycles',
      'Customers in the lifecycle of inactive accounts, by phase.',
      lifecycles.map(({ phase, count }) => [{ phase }, count]),
    );
}

/** Base units of Prometheus: of percent a ratio, of milliseconds seconds. */
const READINGS: Readonly<Record<string, { name: string; help: string; factor: number }>> = {
  cpu_percent: { name: 'talos_host_cpu_ratio', help: 'Processor in use, as read last.', factor: 0.01 },
  ram_percent: { name: 'talos_host_memory_ratio', help: 'Memory in use, as read last.', factor: 0.01 },
  disk_percent: { name: 'talos_host_disk_ratio', help: 'Disk in use, as read last.', factor: 0.01 },
  load_per_core: { name: 'talos_host_load_per_core', help: 'Load by core, as read last.', factor: 1 },
  db_bytes: { name: 'talos_database_bytes', help: 'Size of the application’s database.', factor: 1 },
  db_connections_percent: {
    ...{ name: 'talos_database_connections_ratio', help: 'Connections in use.', factor: 0.01 },
  },
  db_ms: {
    name: 'talos_database_ping_seconds',
    help: 'A round trip to the database, as measured last.',
    factor: 0.001,
  },
  api_ms: {
    name: 'talos_http_response_seconds',
    help: 'An answer of the application, as measured last.',
    factor: 0.001,
  },
};

export function readingFamilies(registry: Registry, readings: readonly Reading[]): void {
  const up = readings.filter(({ metric }) => metric.startsWith('availability:'));
  if (up.length > 0) {
    const help =
      '1: up at the last look. A look older than minutes says nothing: see talos_target_last_look_timestamp_seconds.';
    gauge(
      registry,
      'talos_target_up',
      help,
      up.map(({ target, value }) => [{ target }, Math.floor(value)]),
    );
    gauge(
      registry,
      'talos_target_last_look_timestamp_seconds',
      'When the target was looked at last.',
      up.map(({ target, at }) => [{ target }, seconds(at)]),
    );
  }
  for (const [metric, { name, help, factor }] of Object.entries(READINGS)) {
    const found = readings.filter((reading) => reading.metric === metric);
    if (found.length > 0)
      gauge(
        registry,
        name,
        help,
        found.map(({ target, value }) => [{ target }, value * factor]),
      );
  }
}
