-- What this project needs of an application: schema `saas` (design.md 3, docs/adapter.md).
-- An adapter is one SQL file that creates these views and functions over the application's own tables
-- (adapters/talosprimes.sql is ours). Run after it, this file documents what it gave and puts an empty view, or a
-- function that says so, where it gave nothing, so that everything built on the contract always compiles.
--
-- Ids are text. Money is integer cents, tax excluded. Instants are timestamptz. Spans are half-open [from, to).
-- Columns may be added after these; those named here keep their names and types.

create function pg_temp.view(view_name text, columns text, meaning text) returns void language plpgsql as $$
begin
  if to_regclass('saas.' || quote_ident(view_name)) is null then
    execute format('create view saas.%I as select * from jsonb_to_recordset(''[]''::jsonb) as nothing(%s)', view_name, columns);
    meaning := 'Not provided by the adapter. ' || meaning;
  end if;
  execute format('comment on view saas.%I is %L', view_name, meaning);
end $$;

create function pg_temp.function(signature text, parameters text, meaning text) returns void language plpgsql as $$
begin
  if to_regprocedure('saas.' || signature) is null then
    execute format('create function saas.%s(%s) returns boolean language plpgsql as %L', split_part(signature, '(', 1), parameters,
      format('begin raise exception ''adapter missing: saas.%s is not provided by the adapter'' using errcode = ''0A000''; end', signature));
    meaning := 'Not provided by the adapter. ' || meaning;
  end if;
  execute format('comment on function saas.%s is %L', signature, meaning);
end $$;

-- Required views ------------------------------------------------------------------------------------------------

select pg_temp.view('accounts',
  'account_id text, name text, email text, phone text, locale text, kind text, status text, created_at timestamptz, last_login_at timestamptz, last_activity_at timestamptz',
  'Customers: companies or persons. kind: b2b, b2c. status: trial, active, expired, inactive, archived, anonymized. phone in E.164 form, locale as fr-FR.');
select pg_temp.view('leads',
  'lead_id text, created_at timestamptz, account_id text, name text, phone text',
  'People who showed interest; account_id once they have signed up.');
select pg_temp.view('archive_blockers',
  'account_id text, reason text',
  'Accounts that must not be archived. reason: subscription, unpaid_invoice, legal_hold, last_owner.');
select pg_temp.view('trials',
  'trial_id text, account_id text, started_at timestamptz, ends_at timestamptz, expired_at timestamptz, converted_at timestamptz',
  'Free trials. expired_at: when the account was deactivated for it; converted_at: when it became a customer.');
select pg_temp.view('subscription_terms',
  'subscription_id text, account_id text, valid_from timestamptz, valid_to timestamptz, status text, interval_months integer, amount_cents bigint, currency text, discount_pct numeric, discount_until timestamptz',
  'One row per constant state of a subscription, never overlapping; valid_to null while it lasts. status: trialing, active, past_due, paused. amount_cents is the price of one interval before the discount; discount_until null is for ever.');
select pg_temp.view('payments',
  'payment_id text, account_id text, at timestamptz, kind text, status text, amount_cents bigint, currency text',
  'Attempts to move money. kind: subscription, one_off, refund. status: succeeded, failed. amount_cents is positive, refunds too.');
select pg_temp.view('activity',
  'user_id text, account_id text, at timestamptz',
  'Qualifying events of people, without staff and robots.');

-- Optional views: without one, its figures are null and reports say « donnée manquante » --------------------------

select pg_temp.view('fx_rates', 'currency text, day date, eur_per_unit numeric',
  'Euros for one unit of a currency on a day. Needed as soon as one term or payment is not in euros.');
select pg_temp.view('acquisition_costs', 'month date, label text, amount_cents bigint',
  'What was spent to win customers; month is its first day.');
select pg_temp.view('goals', 'period text, metric text, target numeric',
  'Targets. period: 2026-W13 or 2026-03; metric: a name of maintenance.statistics, in its unit.');
select pg_temp.view('tickets',
  'ticket_id text, created_at timestamptz, auto_reply_at timestamptz, first_human_reply_at timestamptz, resolved_at timestamptz, csat integer',
  'Support requests; csat is 1 to 5.');
select pg_temp.view('api_calls', 'at timestamptz, ms integer, status integer', 'Requests the API answered, and in how many milliseconds.');
select pg_temp.view('page_loads', 'at timestamptz, ms double precision', 'Largest contentful paint as browsers reported it, in milliseconds.');
select pg_temp.view('contact_permissions',
  'account_id text, channel text, basis text, granted_at timestamptz, withdrawn_at timestamptz',
  'On which legal basis a person may be written to. channel: email, sms. Once withdrawn_at is set nobody writes.');

-- Functions: one transaction, safe to repeat, true when they changed something ------------------------------------

select pg_temp.function('expire_trial(text, timestamptz)', 'trial_id text, at timestamptz',
  'Deactivates the account and marks the trial expired. False when it already was, has converted, or ends after `at`.');
select pg_temp.function('set_account_status(text, text)', 'account_id text, status text',
  'Archives, reactivates or anonymises. False when it already has that status, does not exist, or is anonymized, which is final.');
select pg_temp.function('withdraw_permission(text, text, timestamptz)', 'account_id text, channel text, at timestamptz',
  'Unsubscribes an account from a channel, also where no permission was ever recorded. False when it already was.');
select pg_temp.function('insert_notification(text, text, text, text)', 'level text, title text, body text, key text',
  'Shows a notification inside the application, once per key. level: info, important, critical.');

drop function pg_temp.view(text, text, text);
drop function pg_temp.function(text, text, text);
