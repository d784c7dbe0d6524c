-- What SMS need of the ledger: proof of acceptance by callback, fates nobody knows, and the hourly cap.
alter table ops.notifications
  add column ref bigint generated always as identity unique,
  add column callback_secret uuid not null default gen_random_uuid(),
  add column undecided_at timestamptz,
  add column unknown_sends int not null default 0,
  add column provider_status text,
  add column provider_error text;
comment on column ops.notifications.ref is 'Names the row in the address that Twilio calls back, with callback_secret.';
comment on column ops.notifications.undecided_at is
  'Begin of an attempt that may have sent and never said so: looked up at the provider before another one sends.';
comment on column ops.notifications.unknown_sends is 'Attempts whose fate is unknown: how often it may have left twice.';
comment on column ops.notifications.provider_status is
  'How far the provider says it came (queued … delivered, undelivered, failed); it only goes forward.';
create unique index notifications_provider_id_idx on ops.notifications (provider_id) where channel = 'sms';

create table ops.sms_slots (
  slot int primary key,
  key text,
  used_at timestamptz not null default '-infinity'
);
comment on table ops.sms_slots is
  'The hourly cap on SMS: a notice needs a slot that nobody took within the hour. Slot 0 is the digest above the cap.';
