-- Messages to customers: what nobody may send twice, and who asked not to be written to.
alter table ops.notifications add column handed_over_at timestamptz;
comment on column ops.notifications.handed_over_at is
  'Messages to customers: the content was about to leave. A claim that died after it stays unknown, and is not sent again.';

create table ops.contact_refusals (
  account_id text not null,
  channel text not null check (channel in ('email', 'sms')),
  refused_at timestamptz not null,
  passed_on_at timestamptz,
  primary key (account_id, channel)
);
create index contact_refusals_waiting_idx on ops.contact_refusals (refused_at) where passed_on_at is null;
comment on table ops.contact_refusals is
  'Who unsubscribed here, kept before the application is told (saas.withdraw_permission): a refusal counts at once, also while the application''s database is away.';
comment on column ops.contact_refusals.passed_on_at is 'When saas.withdraw_permission took it.';
