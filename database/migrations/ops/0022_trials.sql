-- Who ended a trial and told of it, and who was nudged. Ids only: people stand in the application's database.
create table ops.trial_endings (
  trial_id text primary key,
  account_id text not null,
  ends_at timestamptz not null,
  due_at timestamptz not null,
  claimed_at timestamptz not null default now(),
  outcome text not null default 'claimed' check (outcome in ('claimed', 'ended', 'converted', 'elsewhere')),
  told text,
  told_code text,
  told_at timestamptz
);
create index trial_endings_open_idx on ops.trial_endings (claimed_at)
  where outcome = 'claimed' or (outcome = 'ended' and told_at is null);
comment on column ops.trial_endings.due_at is
  'The instant given to saas.expire_trial: a trial expired at another one was ended by somebody else.';
comment on column ops.trial_endings.told is
  'What became of the end-of-trial e-mail: sent, skipped, failed, or unknown (perhaps left, and not sent again).';

create table ops.trial_nudges (
  trial_id text not null,
  number int not null,
  account_id text not null,
  due_at timestamptz not null,
  claimed_at timestamptz not null default now(),
  email text,
  sms text,
  counts boolean not null default true,
  closed_at timestamptz,
  primary key (trial_id, number),
  unique (trial_id, due_at)
);
comment on column ops.trial_nudges.counts is 'False where nothing left: neither against the week nor against the trial''s number.';
