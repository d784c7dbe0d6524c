-- A preview made on one database must not arm a job for another.
alter table ops.runs add column database_id text;
comment on column ops.runs.database_id is
  'Fingerprint of the application database, for jobs that change nothing until they are armed.';
