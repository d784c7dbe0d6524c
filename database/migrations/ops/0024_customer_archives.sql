-- Archives of customers in the bucket, written before the object: none may lie there that nobody would destroy.
create table ops.customer_archives (
  reference text primary key,
  account_id text not null,
  planned_at timestamptz not null default now(),
  released_at timestamptz
);
create index customer_archives_account_idx on ops.customer_archives (account_id);
comment on column ops.customer_archives.reference is 'Random: the names of objects say nothing of the customer.';
comment on column ops.customer_archives.released_at is
  'The customer came back. The archive stays until no backup can ask for it: one that is restored may know the customer as archived.';
