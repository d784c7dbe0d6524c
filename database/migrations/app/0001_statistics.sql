-- Schema `maintenance`: figures live beside the data they are computed from. Run as talos_owner.
grant usage on schema maintenance to talos_app;
alter default privileges in schema maintenance grant select, insert, update, delete on tables to talos_app;
alter default privileges in schema maintenance grant usage, select on sequences to talos_app;

create table maintenance.statistics (
  metric text not null,
  period_kind text not null check (period_kind in ('hour', 'day', 'week', 'month')),
  period_start timestamptz not null,
  value numeric,
  numerator numeric,
  denominator numeric,
  unit text not null,
  rule_version int not null,
  computed_at timestamptz not null default now(),
  primary key (metric, period_kind, period_start)
);
create index statistics_period_idx on maintenance.statistics (period_kind, period_start);
comment on table maintenance.statistics is
  'One figure per metric and period. Hours are UTC; days, ISO weeks and months are those of Europe/Paris.';
comment on column maintenance.statistics.value is
  'Null where the denominator is 0 or a source is missing. Money is exact cents, tax excluded, rounded only when shown.';

create table maintenance.kpi_snapshots (
  taken_at timestamptz not null,
  metric text not null,
  period_kind text not null check (period_kind in ('hour', 'day', 'week', 'month')),
  period_start timestamptz not null,
  value numeric,
  numerator numeric,
  denominator numeric,
  unit text not null,
  rule_version int not null,
  primary key (taken_at, metric, period_kind, period_start)
);
comment on table maintenance.kpi_snapshots is 'What was known at each run: rows are added, never changed.';
revoke update on maintenance.kpi_snapshots from talos_app;
