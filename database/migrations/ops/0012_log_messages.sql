-- The most frequent messages of the logs, normalised: histories and notices hold their MD5 only, a mail their text.
create table ops.log_messages (
  hash text primary key,
  message text not null,
  seen_at timestamptz not null
);
comment on table ops.log_messages is 'Texts of the log report: without numbers, addresses and quoted names.';
