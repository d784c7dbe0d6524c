-- What an hourly look knew, so that the next one tells what has changed: once when it begins, once when it ends.
create table ops.rule_states (
  name text primary key,
  state jsonb not null,
  judged_at timestamptz not null
);
comment on table ops.rule_states is
  'Rules that no watch judges: since when each holds, as of the last look. The watches carry theirs from run to run.';
