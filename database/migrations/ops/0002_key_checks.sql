-- A backup nobody can open is none, and the program never holds the private key: a person tries it, and this is when.
create table ops.key_checks (
  recipient text not null,
  backup_id text not null,
  checked_at timestamptz not null,
  primary key (recipient, backup_id, checked_at)
);
comment on table ops.key_checks is
  'Each time a person opened a real backup with a private key (talos backup check-key), by its public key.';

-- The guard asks every minute which of its alerts are not yet answered; the ledger keeps all notices of all years.
create index notifications_guard_idx on ops.notifications (key) where key like 'talos-guard/%';
