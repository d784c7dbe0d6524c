/** A SaaS like the demo's (its tables, the adapter of TalosPrimes) whose customers came evenly over some months. */
export const NOW = '2026-12-15T10:00:00Z';
/** Rows of twelve months. */
const YEAR = { accounts: 200_000, payments: 1_000_000, activity: 6_000_000, leads: 300_000, tickets: 60_000 };
const MONTHS = 12;

const SCHEMAS = ['schema-auth', 'schema-app', 'schema-usage'];

export const rowsOf = (months, scale) =>
  Object.fromEntries(
    Object.entries(YEAR).map(([name, rows]) => [name, Math.round((rows * months * scale) / MONTHS)]),
  );

/** Row n of `rows` comes at this instant: they are in the order of time, as tables grow. */
const at = (n, rows, months) =>
  `(timestamptz '${NOW}' - interval '${months} months') + (interval '${months} months') * (${n}::float8 / ${rows})`;

const uuid = (what, n) => `md5('${what}' || ${n})::uuid`;

/** SQL statements, each with what it makes. */
export function fill(months, scale) {
  const { accounts, payments, activity, leads, tickets } = rowsOf(months, scale);
  const users = Math.round((accounts * 3) / 10);
  return [
    `insert into public.plans (id, name, rank, monthly_cents, yearly_cents) values ('solo', 'Solo', 1, 2900, 29000)`,
    `insert into public.fx_rates select c, d::date, case c when 'USD' then 0.9 else 1.05 end + extract(doy from d) / 10000
       from unnest(array['USD', 'CHF']) c, generate_series(date '2025-10-01', date '2027-01-01', interval '1 day') d`,
    `insert into public.acquisition_costs (month, label, amount_cents)
     select d::date, 'ads', 1500000 from generate_series(date '2025-10-01', date '2026-12-01', interval '1 month') d`,
    `insert into public.accounts (id, name, kind, status, created_at)
     select ${uuid('a', 'n')}, 'account ' || n, 'b2b', 'active', ${at('n', accounts, months)} from generate_series(1, ${accounts}) n`,
    `insert into public.trials (account_id, started_at, ends_at, converted_at)
     select id, created_at, created_at + interval '14 days', case when created_at + interval '10 days' < '${NOW}' then created_at + interval '10 days' end
       from public.accounts`,
    `insert into public.subscriptions (id, account_id, plan_id, status, interval_months, amount_cents, started_at)
     select ${uuid('s', 'n')}, ${uuid('a', 'n')}, 'solo', 'active', 1, 2900, ${at('n', accounts, months)} from generate_series(1, ${accounts}) n`,
    // Two terms each: one that ends within weeks, and another price, a late payment or a pause; a third of them leave.
    `insert into public.subscription_history (subscription_id, status, plan_id, interval_months, amount_cents, currency, discount_pct, discount_until, valid_from, valid_to)
     select ${uuid('s', 'n')}, status::public.subscription_status, 'solo', case when n % 5 = 0 then 12 else 1 end, 2900 + 100 * (n % 40) + 500 * term,
            case when n % 100 < 6 then 'USD' when n % 100 < 12 then 'CHF' else 'EUR' end,
            case when n % 10 = 3 then 20 else 0 end, case when n % 10 = 3 then began + interval '3 months' end,
            case term when 0 then began else turned end, case term when 0 then turned else ended end
       from (select n, began, turned, case when n % 3 = 1 then turned + interval '1 day' * (1 + n % 9) end as ended
               from (select n, ${at('n', accounts, months)} as began, ${at('n', accounts, months)} + interval '1 day' * (1 + n % 9) as turned
                       from generate_series(1, ${accounts}) n) as begun) as spans,
            lateral (values (0, 'active'), (1, case when n % 50 = 7 then 'past_due' when n % 50 = 8 then 'paused' else 'active' end)) as terms(term, status)`,
    `insert into public.payments (id, account_id, kind, status, at, amount_incl_tax_cents, tax_cents, currency)
     select ${uuid('p', 'n')}, ${uuid('a', `(1 + n % ${accounts})`)}, case when n % 80 = 0 then 'refund' else 'subscription' end::public.payment_kind,
            case when n % 25 = 1 then 'failed' else 'succeeded' end::public.payment_status, ${at('n', payments, months)}, 3480, 580,
            case when n % 100 < 6 then 'USD' when n % 100 < 12 then 'CHF' else 'EUR' end
       from generate_series(1, ${payments}) n`,
    `insert into public.leads (created_at, account_id, name, source)
     select ${at('n', leads, months)}, case when n % 3 > 0 then ${uuid('a', `(1 + n * 2 / 3)`)} end, 'lead', 'site' from generate_series(1, ${leads - 1}) n
      where n * 2 / 3 < ${accounts}`,
    `insert into public.tickets (created_at, first_human_reply_at, resolved_at, csat, subject)
     select c, c + interval '1 minute' * (n % 600), c + interval '1 hour' * (n % 90), 1 + n % 5, 'help'
       from (select n, ${at('n', tickets, months)} as c from generate_series(1, ${tickets}) n) as asked`,
    // Three things in a row by one user; who comes is as good as random.
    `insert into public.activity_events (user_id, account_id, kind, at)
     select ${uuid('u', `((n / 3)::bigint * 7919 % ${users})`)}, ${uuid('a', `(1 + (n / 3)::bigint * 7919 % ${users})`)}, 'click', ${at('n', activity, months)}
       from generate_series(1, ${activity}) n`,
  ];
}

/** Makes the tables in an empty database and fills them. */
export async function makeSaas(session, { months, scale, readDatabaseFile, signal }) {
  for (const name of SCHEMAS) await session.query(await readDatabaseFile(`demo/${name}.sql`));
  await session.query(`set timezone = 'UTC'; set jit = off; set synchronous_commit = off`);
  for (const statement of fill(months, scale)) {
    signal.throwIfAborted();
    await session.query(statement);
  }
  await session.query('vacuum analyze');
}
