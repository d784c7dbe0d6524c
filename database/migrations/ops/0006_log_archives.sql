-- What clean-up archived before it deleted: one row an object. Written before the object, so that a run that was killed
-- is gone on with, and nothing is archived twice.
create table ops.log_archives (
  object_key text primary key,
  source text not null,
  relation text not null,
  rows integer not null,
  first_at timestamptz,
  last_at timestamptz,
  content_sha256 text,
  sha256 text,
  bytes bigint,
  pending jsonb,
  planned_at timestamptz not null default now(),
  verified_at timestamptz,
  deleted_at timestamptz,
  pruned_at timestamptz
);
create index on ops.log_archives (source) where pending is not null;
comment on table ops.log_archives is 'Objects of the log archive; a row leaves its table only after verified_at.';
comment on column ops.log_archives.source is 'schema.table, as configured.';
comment on column ops.log_archives.relation is 'Quoted name of the table or partition that held the rows.';
comment on column ops.log_archives.content_sha256 is 'Of the plain NDJSON.';
comment on column ops.log_archives.sha256 is 'Of the sealed object, as read back.';
comment on column ops.log_archives.pending is
  'Rows that are not known to be gone: arrays of the primary key''s values and the MD5 of the row''s text. Null: none.';
comment on column ops.log_archives.pruned_at is 'The object was deleted: it was kept long enough.';
