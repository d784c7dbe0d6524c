-- Who may archive rows of a source. Each attempt begins by raising the epoch: from then on an earlier attempt that is
-- only slow, and believes itself alone, enters nothing in the journal and deletes nothing.
create table ops.archive_sources (
  source text primary key,
  epoch bigint not null,
  run text not null,
  gone_before bigint not null,
  taken_at timestamptz not null default now()
);
comment on table ops.archive_sources is 'The attempt that archives a source now; an earlier one is refused.';
comment on column ops.archive_sources.run is 'Temporal''s run id: attempts of one run count their rows together.';
comment on column ops.archive_sources.gone_before is 'Sum of ops.log_archives.gone when that run began.';

alter table ops.log_archives
  add column epoch bigint not null default 0,
  add column gone integer not null default 0,
  add column abandoned_at timestamptz;
update ops.log_archives set gone = rows where verified_at is not null and pending is null;
comment on column ops.log_archives.epoch is 'Of the attempt that planned it; it stands in the key too.';
comment on column ops.log_archives.gone is 'Rows that were archived and are known to have left their table.';
comment on column ops.log_archives.abandoned_at is
  'Its attempt was succeeded before it was verified: the object counts for nothing, and is deleted.';
