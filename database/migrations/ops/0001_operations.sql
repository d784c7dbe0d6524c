-- Schema `ops`: what must outlive a crash, and survive a restore, of the application's database. Run as talos_owner.
grant usage on schema ops to talos_app;
alter default privileges in schema ops grant select, insert, update, delete on tables to talos_app;
alter default privileges in schema ops grant usage, select on sequences to talos_app;

create table ops.notifications (
  key text not null,
  channel text not null,
  level text not null,
  template text not null,
  data jsonb not null default '{}',
  status text not null check (status in ('claimed', 'sent', 'failed', 'unknown', 'skipped')),
  attempts int not null default 0,
  message_id text,
  provider_id text,
  claimed_at timestamptz,
  closed_at timestamptz,
  error_code text,
  created_at timestamptz not null default now(),
  primary key (key, channel)
);
create index notifications_unclosed_idx on ops.notifications (created_at) where closed_at is null;
comment on table ops.notifications is
  'One row per notice and channel, claimed before the call and closed after it, so that a retry never sends twice.';

create table ops.runs (
  workflow_id text not null,
  run_id text not null,
  schedule_id text,
  workflow_type text not null,
  mode text not null check (mode in ('armed', 'observe', 'dry-run')),
  scheduled_at timestamptz,
  period_from timestamptz,
  period_to timestamptz,
  started_at timestamptz not null,
  finished_at timestamptz,
  outcome text not null check (outcome in ('running', 'succeeded', 'failed', 'skipped')),
  result jsonb,
  error_type text,
  primary key (workflow_id, run_id)
);
create index runs_schedule_idx on ops.runs (schedule_id, started_at desc);
comment on table ops.runs is 'Every run of every job, with what it answered.';

create table ops.samples (
  metric text not null,
  target text not null,
  at timestamptz not null,
  value double precision,
  count bigint,
  sum double precision,
  primary key (metric, target, at)
);
create index samples_at_idx on ops.samples (at);
comment on table ops.samples is 'What monitoring measured: 35 days raw, then hourly.';

create table ops.arming (
  schedule_id text primary key,
  armed_at timestamptz not null,
  armed_by text not null,
  preview_workflow_id text,
  preview_run_id text,
  database_id text not null
);
comment on table ops.arming is 'Jobs that may change data. A job that is not listed here only observes.';
comment on column ops.arming.database_id is
  'Fingerprint of the application database it was armed for; with another database the job observes again.';

create table ops.proofs (
  backup_id text primary key,
  workflow_id text not null,
  run_id text not null,
  database_name text not null,
  result text not null check (result in ('proven', 'proven except', 'not proven')),
  proved_at timestamptz not null,
  tables int,
  rows bigint,
  stored_bytes bigint,
  raw_bytes bigint,
  backup_seconds numeric,
  restore_seconds numeric,
  detail jsonb
);
create index proofs_proved_at_idx on ops.proofs (proved_at desc);
comment on table ops.proofs is 'Backups that were restored and compared, and how that ended.';
