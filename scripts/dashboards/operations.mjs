/** Operations, from Prometheus: `/metrics` of every process that serves HTTP says the same, so `max` takes one of them. */
import { build, ofPrometheus } from './panels.mjs';

const small = { width: 4, height: 4 };
const wide = { width: 12, height: 8 };

const now = [
  ofPrometheus(
    'stat',
    'Alerts nobody has acknowledged',
    [['sum(max by (level) (talos_alerts_open{acknowledged="false"}))']],
    small,
  ),
  ofPrometheus(
    'stat',
    'Targets down',
    [['count(max by (target) (talos_target_up) == 0) or vector(0)']],
    small,
  ),
  ofPrometheus(
    'stat',
    'Age of the last proven backup',
    [['time() - max(talos_backup_last_proven_timestamp_seconds)']],
    { ...small, unit: 's' },
  ),
  ofPrometheus('stat', 'Its size', [['max(talos_backup_last_proven_bytes)']], { ...small, unit: 'decbytes' }),
  ofPrometheus('stat', 'Workers', [['max(talos_workers)']], small),
  ofPrometheus(
    'stat',
    'Notices that have not left',
    [['sum(max by (channel) (talos_notices_unsent))']],
    small,
  ),
];

const services = [
  ofPrometheus('states', 'Services', [['max by (target) (talos_target_up)', '{{target}}']], wide),
  ofPrometheus(
    'lines',
    'Since the last look',
    [['time() - max by (target) (talos_target_last_look_timestamp_seconds)', '{{target}}']],
    { ...wide, unit: 's' },
  ),
  ofPrometheus(
    'lines',
    'Open alerts',
    [['sum by (level) (max by (level, acknowledged) (talos_alerts_open))', '{{level}}']],
    wide,
  ),
  ofPrometheus('states', 'What answers', [['min by (source) (talos_source_up)', '{{source}}']], wide),
];

const jobs = [
  ofPrometheus(
    'lines',
    'Since the last success',
    [['time() - max by (schedule) (talos_job_last_success_timestamp_seconds)', '{{schedule}}']],
    { ...wide, unit: 's' },
  ),
  ofPrometheus(
    'lines',
    'Duration of the last run',
    [['max by (schedule) (talos_job_last_duration_seconds)', '{{schedule}}']],
    { ...wide, unit: 's' },
  ),
  ofPrometheus(
    'lines',
    'Runs that failed, last 24 hours',
    [['max by (schedule) (talos_job_runs_last_day{outcome="failed"})', '{{schedule}}']],
    wide,
  ),
  ofPrometheus('lines', 'Late', [['max by (schedule) (talos_job_late_seconds)', '{{schedule}}']], {
    ...wide,
    unit: 's',
  }),
  ofPrometheus('states', 'Armed', [['max by (schedule) (talos_job_armed)', '{{schedule}}']], wide),
  ofPrometheus(
    'lines',
    'Until the next run',
    [['max by (schedule) (talos_job_next_run_timestamp_seconds) - time()', '{{schedule}}']],
    { ...wide, unit: 's' },
  ),
];

const backup = [
  ofPrometheus('lines', 'Size of the proven backup', [['max(talos_backup_last_proven_bytes)', 'stored']], {
    unit: 'decbytes',
  }),
  ofPrometheus(
    'lines',
    'How long it takes',
    [
      ['max(talos_backup_last_proven_duration_seconds)', 'backup'],
      ['max(talos_backup_last_proven_restore_duration_seconds)', 'restore'],
    ],
    { unit: 's' },
  ),
  ofPrometheus('lines', 'Sleeping customers by phase', [['max by (phase) (talos_lifecycles)', '{{phase}}']]),
];

const server = [
  ofPrometheus('lines', 'Processor', [['max by (target) (talos_host_cpu_ratio)', '{{target}}']], {
    unit: 'percentunit',
  }),
  ofPrometheus('lines', 'Memory', [['max by (target) (talos_host_memory_ratio)', '{{target}}']], {
    unit: 'percentunit',
  }),
  ofPrometheus('lines', 'Disks', [['max by (target) (talos_host_disk_ratio)', '{{target}}']], {
    unit: 'percentunit',
  }),
  ofPrometheus(
    'lines',
    'Database connections',
    [['max by (target) (talos_database_connections_ratio)', '{{target}}']],
    { unit: 'percentunit' },
  ),
  ofPrometheus('lines', 'Database size', [['max by (target) (talos_database_bytes)', '{{target}}']], {
    unit: 'decbytes',
  }),
  ofPrometheus(
    'lines',
    'Answers',
    [
      ['max by (target) (talos_http_response_seconds)', '{{target}}'],
      ['max by (target) (talos_database_ping_seconds)', '{{target}} ping'],
    ],
    { unit: 's' },
  ),
];

const worker = [
  ofPrometheus('lines', 'Free slots', [
    ['min by (worker_type) (temporal_worker_task_slots_available)', '{{worker_type}}'],
  ]),
  ofPrometheus('lines', 'Pollers', [['sum by (poller_type) (temporal_num_pollers)', '{{poller_type}}']]),
  ofPrometheus(
    'lines',
    'Activities: 95th percentile',
    [
      [
        'histogram_quantile(0.95, sum by (le, activity_type) (rate(temporal_activity_execution_latency_seconds_bucket[15m])))',
        '{{activity_type}}',
      ],
    ],
    { unit: 's' },
  ),
  ofPrometheus(
    'lines',
    'Waiting for a worker: 95th percentile',
    [
      [
        'histogram_quantile(0.95, sum by (le) (rate(temporal_workflow_task_schedule_to_start_latency_seconds_bucket[15m])))',
        'workflow tasks',
      ],
    ],
    { unit: 's' },
  ),
  ofPrometheus(
    'lines',
    'Memory of the process',
    [['process_resident_memory_bytes{job="talos"}', '{{instance}}']],
    { unit: 'bytes' },
  ),
  ofPrometheus(
    'lines',
    'Event loop: 99th percentile',
    [['nodejs_eventloop_lag_p99_seconds', '{{instance}}']],
    { unit: 's' },
  ),
];

export const operations = () =>
  build({
    title: 'TalosPrimes Maintenance: operations',
    uid: 'talos-operations',
    from: 'now-24h',
    rows: [
      ['Now', now],
      ['Services and alerts', services],
      ['Jobs', jobs],
      ['Backup and lifecycles', backup],
      ['Server and database', server],
      ['Worker', worker],
    ],
  });
