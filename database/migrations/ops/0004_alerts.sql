-- Every alert that was ever open: what its workflow knows, for lists, for the signed link and for the record.
create table ops.alerts (
  alert_id bigint generated always as identity primary key,
  workflow_id text not null,
  run_id text not null,
  episode int not null,
  rule text not null,
  target text not null,
  level text not null check (level in ('critical', 'important', 'info')),
  test boolean not null default false,
  since timestamptz not null,
  opened_at timestamptz not null,
  acknowledged_at timestamptz,
  acknowledged_by text,
  silenced_at timestamptz,
  silenced_until timestamptz,
  silenced_by text,
  recovering_since timestamptz,
  resolved_at timestamptz,
  resolved_by text,
  flaps int not null default 0,
  group_key text,
  revision int not null default 0,
  data jsonb not null default '{}',
  unique (run_id, episode)
);
create index alerts_open_idx on ops.alerts (opened_at) where resolved_at is null;
create index alerts_key_idx on ops.alerts (rule, target, alert_id desc);
create index alerts_group_idx on ops.alerts (group_key) where group_key is not null;
comment on table ops.alerts is
  'One row an incident (A17 is alert_id 17), written by its workflow; Temporal holds the truth while it is open.';
comment on column ops.alerts.run_id is 'The first run of the workflow''s chain: with the episode it names the incident.';
comment on column ops.alerts.revision is 'Of what the workflow knew: an older one never overwrites a newer one.';
comment on column ops.alerts.acknowledged_by is 'The way it was asked for (cli, link, sms), never a person.';
comment on column ops.alerts.group_key is 'Alerts that began together and were told in one notice have the same.';
