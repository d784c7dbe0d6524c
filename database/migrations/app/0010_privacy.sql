-- Names and addresses of invoices, apart from the rest, for as long as the law wants them (Code de commerce L123-22).
create table maintenance.legal_store (
  id uuid primary key default gen_random_uuid(),
  table_name text not null,
  row_key text not null,
  data jsonb not null,
  keep_until date not null,
  unique (table_name, row_key)
);
comment on table maintenance.legal_store is
  'What the law keeps of anonymised customers. Nobody reads it in daily work; talos_privacy adds, and deletes after keep_until.';
comment on column maintenance.legal_store.row_key is 'Primary key of the invoice or payment it completes.';
revoke all on maintenance.legal_store from talos_app;

create function maintenance.keep_legal_store() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' or old.keep_until >= current_date then
    raise exception 'the legal store keeps this row, unchanged, until %', old.keep_until using errcode = 'restrict_violation';
  end if;
  return old;
end $$;
create trigger legal_store_kept before update or delete on maintenance.legal_store
  for each row execute function maintenance.keep_legal_store();

-- Left by the transaction that anonymises, so that the proof is written once and with its figures, whenever that is.
create table maintenance.erasure_receipts (
  subject text primary key,
  receipt uuid not null default gen_random_uuid(),
  reason text not null,
  map_version text not null,
  counts jsonb not null
);
comment on table maintenance.erasure_receipts is
  'Anonymisations whose proof is not in ops.erasure_proofs yet; usually empty. subject is the pseudonym of the ledger.';

-- Customers whose rows are in the bucket. Written by the transaction that removes them: a restored database knows its own.
create table maintenance.customer_archives (
  account_id text primary key,
  reference text not null unique,
  status_before text not null,
  map_version text not null,
  counts jsonb not null,
  bytes bigint not null,
  archived_at timestamptz not null default now()
);
comment on table maintenance.customer_archives is 'One row a customer who is archived; gone with reactivation and anonymisation.';
