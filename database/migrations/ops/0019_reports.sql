-- Reports: what was told of a period, as it was known then. Deliveries are rows of the notification ledger.
create table ops.report_runs (
  kind text not null check (kind in ('daily', 'weekly', 'monthly')),
  period text not null,
  revision int not null check (revision >= 1),
  period_from timestamptz not null,
  period_to timestamptz not null,
  content_hash text not null,
  data jsonb not null,
  mail text check (mail in ('automatic', 'asked')),
  workflow_id text not null,
  run_id text not null,
  stored_at timestamptz not null default clock_timestamp(),
  primary key (kind, period, revision)
);
create unique index report_runs_automatic_idx on ops.report_runs (kind, period) where mail = 'automatic';
create unique index report_runs_run_idx on ops.report_runs (workflow_id, run_id, kind);
comment on table ops.report_runs is
  'One row a period and revision. The same figures are the same revision; ids only, never a name or a number to call.';
comment on column ops.report_runs.mail is
  'automatic: the one revision of its period that leaves by itself. asked: sent because a person wanted it. Null: only kept.';
comment on column ops.report_runs.content_hash is 'SHA-256 of the figures: what decides whether anything has changed.';

create view ops.deliveries as
select report.kind, report.period, report.revision, notice.channel, notice.status, notice.attempts, notice.message_id,
       notice.provider_id, notice.error_code, notice.created_at as claimed_first_at, notice.closed_at
  from ops.report_runs report
  join ops.notifications notice
    on notice.key = 'report/' || report.kind || '/' || report.period || '/' || report.revision::text;
comment on view ops.deliveries is
  'What became of each report''s mail: the row of the ledger, unique by report, revision and channel.';
