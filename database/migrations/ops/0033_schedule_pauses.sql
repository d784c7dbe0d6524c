-- Which Schedules somebody has paused: Temporal alone knows it, and a Temporal that is lost knows nothing.
create table ops.schedule_pauses (
  schedule_id text primary key,
  note text not null default '',
  seen_at timestamptz not null
);
comment on table ops.schedule_pauses is
  'Noted by the guard each minute; `talos rebuild` pauses them again after a loss of Temporal.';
comment on column ops.schedule_pauses.seen_at is
  'The last time it was seen paused. A Schedule that was made later is another one: its not being paused says nothing.';
