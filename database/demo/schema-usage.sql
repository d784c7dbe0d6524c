-- The demo SaaS, 3 of 4: what people do and what the application writes down about it.

create type public.log_level as enum ('debug', 'info', 'warn', 'error');
create type public.ticket_status as enum ('open', 'waiting', 'resolved');

create table public.tickets (
  id bigint generated always as identity primary key,
  account_id uuid references public.accounts on delete cascade,
  user_id uuid,
  subject text not null,
  status public.ticket_status not null default 'open',
  created_at timestamptz not null default now(),
  auto_reply_at timestamptz,
  first_human_reply_at timestamptz,
  resolved_at timestamptz,
  csat smallint check (csat between 1 and 5),
  csat_comment text
);
create index tickets_created_at_idx on public.tickets (created_at);
create index tickets_first_human_reply_at_idx on public.tickets (first_human_reply_at);
create index tickets_resolved_at_idx on public.tickets (resolved_at);

create table public.ticket_messages (
  id bigint generated always as identity primary key,
  ticket_id bigint not null references public.tickets on delete cascade,
  author text not null check (author in ('customer', 'agent', 'robot')),
  body text not null,
  created_at timestamptz not null
);
create index ticket_messages_ticket_id_idx on public.ticket_messages (ticket_id);

create table public.activity_events (
  id bigint generated always as identity primary key,
  user_id uuid not null,
  account_id uuid not null,
  kind text not null,
  at timestamptz not null,
  detail jsonb
);
create index activity_events_at_idx on public.activity_events (at);
create index activity_events_account_id_idx on public.activity_events (account_id, at);

create table public.api_request_logs (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  method text not null,
  path text not null,
  status smallint not null,
  ms int not null,
  account_id uuid,
  ip inet
);
create index api_request_logs_at_idx on public.api_request_logs (at);

create table public.page_loads (
  at timestamptz not null,
  path text not null,
  device text not null,
  lcp_ms real not null
);
create index page_loads_at_idx on public.page_loads using brin (at);

-- One partition a month (made by the seed, as the months depend on its instant).
create table public.app_logs (
  id bigint generated always as identity,
  at timestamptz not null,
  level public.log_level not null,
  source text not null,
  message text not null,
  context jsonb,
  primary key (id, at)
) partition by range (at);
create index app_logs_at_idx on public.app_logs (at);

create table public.messages (
  id uuid primary key default gen_random_uuid(),
  account_id uuid references public.accounts on delete cascade,
  channel text not null check (channel in ('email', 'sms')),
  recipient text not null,
  template text not null,
  body text,
  provider_sid text,
  sent_at timestamptz not null
);
create index messages_account_id_idx on public.messages (account_id);

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  key text unique,
  level text not null check (level in ('info', 'important', 'critical')),
  title text not null,
  body text not null,
  created_at timestamptz not null default now(),
  read_at timestamptz
);

create table public.api_tokens (
  id uuid primary key,
  account_id uuid not null references public.accounts on delete cascade,
  token_hash bytea not null unique,
  scopes text[] not null,
  created_at timestamptz not null,
  expires_at timestamptz
);

-- The table the application itself already shows on its dashboard.
create table public.statistics (
  name text not null,
  day date not null,
  value numeric,
  updated_at timestamptz not null,
  primary key (name, day)
);

create unlogged table public.rate_limits (bucket text primary key, hits int not null, resets_at timestamptz not null);
