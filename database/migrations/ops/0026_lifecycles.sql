-- The facts of each customer's lifecycle: what a sleeping workflow is rebuilt from when Temporal is lost. Ids only.
create table ops.lifecycles (
  account_id text primary key,
  episode int not null default 1,
  phase text not null check (phase in ('asking', 'asked', 'archived', 'erasing', 'reactivated', 'ended')),
  policy jsonb not null,
  inactive_since timestamptz,
  asked_at timestamptz,
  told text,
  remind_at timestamptz,
  reminded_at timestamptz,
  deadline timestamptz,
  archived_at timestamptz,
  held_since timestamptz,
  held_by text,
  blocked text[],
  trouble text,
  reactivation_by text,
  erasure_requested boolean not null default false,
  erased boolean not null default false,
  next_action_at timestamptz,
  ended_at timestamptz,
  ended_by text,
  run_id text,
  revision int not null default 0,
  started_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index lifecycles_next_action_idx on ops.lifecycles (next_action_at) where ended_at is null;
comment on table ops.lifecycles is
  'One row a customer whom the lifecycle concerns or has concerned; gone once they are anonymised, here and elsewhere.';
comment on column ops.lifecycles.episode is
  'Counts how often this customer was asked: part of the key of each message, so that none leaves twice.';
comment on column ops.lifecycles.deadline is
  'End of the phase: archiving while asked, anonymisation while archived.';
comment on column ops.lifecycles.told is 'What became of the question by e-mail: sent, unknown, or skipped and refused with why.';
comment on column ops.lifecycles.erased is 'Anonymised in the database; files, messages and the archive elsewhere are under way.';
comment on column ops.lifecycles.revision is 'A row only ever takes a newer one: an attempt that was lost changes nothing.';
