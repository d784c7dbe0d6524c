-- What survives a restore of the application's database: who must not come back, and the proof that they went.
create table ops.erasures (
  subject text primary key,
  key_id text not null,
  begun_at timestamptz not null default now(),
  done_at timestamptz,
  proof_id bigint
);
create index erasures_begun_idx on ops.erasures (begun_at);
comment on table ops.erasures is
  'Customers who were erased, so that a restored backup does not bring them back. Kept as long as the oldest backup and a month.';
comment on column ops.erasures.subject is
  'HMAC-SHA-256 of the account''s id under ERASURE_LEDGER_KEY: pseudonymous, and personal data for as long as it is kept.';
comment on column ops.erasures.key_id is 'Which key that was: with another one nobody would be found.';
comment on column ops.erasures.done_at is 'Null: decided and not finished; doing it again finishes it.';

-- What lies elsewhere and is not gone yet; a row leaves with what it names.
create table ops.erasure_steps (
  subject text not null references ops.erasures on delete cascade,
  kind text not null check (kind in ('archive', 'file', 'message')),
  target text not null,
  planned_at timestamptz not null default now(),
  primary key (subject, kind, target)
);
comment on column ops.erasure_steps.target is
  'archive: its reference; file: bucket/name; message: the provider''s id.';

create table ops.erasure_proofs (
  id bigint generated always as identity primary key,
  receipt uuid not null unique,
  at timestamptz not null default now(),
  map_version text not null,
  reason text not null check (reason in ('inactive', 'request', 'restore')),
  counts jsonb not null,
  previous text not null,
  hash text not null unique
);
comment on table ops.erasure_proofs is
  'One row an anonymisation, without anything that names the customer. Each holds the hash of the one before.';
create function ops.keep_proofs() returns trigger language plpgsql as $$
begin
  raise exception 'ops.erasure_proofs is only ever added to' using errcode = 'restrict_violation';
end $$;
create trigger erasure_proofs_kept before update or delete or truncate on ops.erasure_proofs
  for each statement execute function ops.keep_proofs();
