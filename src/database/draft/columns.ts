/** Columns of the contract out of an application's own, by name and type. Pure. */
import { quote, type CatalogueColumn, type CatalogueTable } from '../catalogue.ts';
import type { Family } from '../contract.ts';
import { PEOPLE_COLUMNS, rank } from './guess.ts';

/** What columns of that meaning are called, the likeliest first; `view.column` before `column`. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  name: ['name', 'display_name', 'full_name', 'label', 'title', 'who', 'nom'],
  email: ['email', 'mail', 'email_address', 'contact_email', 'contact_mail'],
  phone: ['phone', 'phone_number', 'mobile', 'telephone', 'tel'],
  locale: ['locale', 'language', 'lang'],
  kind: ['kind', 'type', 'category'],
  status: ['status', 'state', 'stage', 'outcome'],
  created_at: ['created_at', 'inserted_at', 'created', 'registered_at', 'signed_up_at', 'opened', 'received'],
  last_login_at: ['last_login_at', 'last_sign_in_at', 'last_login', 'current_sign_in_at'],
  last_activity_at: ['last_activity_at', 'last_seen_at', 'last_active_at', 'last_activity'],
  started_at: ['started_at', 'starts_at', 'start_at', 'begins_at', 'begins', 'start', 'created_at'],
  ends_at: ['ends_at', 'end_at', 'expires_at', 'trial_ends_at', 'ends', 'end'],
  expired_at: ['expired_at', 'stopped_at', 'stopped'],
  converted_at: ['converted_at', 'subscribed_at', 'bought_at', 'bought'],
  valid_from: ['valid_from', 'started_at', 'starts_at', 'current_period_start', 'start', 'created_at', 'at'],
  valid_to: ['valid_to', 'ended_at', 'canceled_at', 'cancelled_at', 'ends_at', 'end'],
  interval_months: ['interval_months', 'months'],
  amount_cents: ['amount_cents', 'price_cents', 'unit_amount', 'amount', 'price', 'total'],
  currency: ['currency', 'currency_code', 'devise'],
  discount_pct: ['discount_pct', 'discount_percent', 'percent_off'],
  discount_until: ['discount_until', 'discount_ends_at'],
  at: ['at', 'happened_at', 'occurred_at', 'paid_at', 'charged_at', 'created_at', 'inserted_at'],
  user_id: PEOPLE_COLUMNS,
  day: ['day', 'date'],
  eur_per_unit: ['eur_per_unit', 'rate'],
  month: ['month', 'day', 'date'],
  label: ['label', 'name', 'source', 'campaign'],
  period: ['period'],
  metric: ['metric', 'name', 'kpi'],
  target: ['target', 'value', 'goal'],
  auto_reply_at: ['auto_reply_at'],
  first_human_reply_at: ['first_human_reply_at', 'first_reply_at', 'first_response_at'],
  resolved_at: ['resolved_at', 'closed_at', 'solved_at'],
  csat: ['csat', 'satisfaction', 'rating'],
  ms: ['ms', 'duration_ms', 'milliseconds', 'duration', 'lcp_ms'],
  'api_calls.status': ['status', 'status_code', 'http_status'],
  channel: ['channel'],
  basis: ['basis', 'legal_basis'],
  granted_at: ['granted_at', 'given_at', 'created_at'],
  withdrawn_at: ['withdrawn_at', 'revoked_at'],
};

/** What is likely where the application has no such column. */
const ASSUMED: Readonly<Record<string, string>> = {
  'accounts.kind': `'b2b'`,
  'accounts.locale': `'fr-FR'`,
  interval_months: '1',
  currency: `'EUR'`,
  discount_pct: '0',
  'subscription_terms.status': `'active'`,
  'payments.kind': `'subscription'`,
  'payments.status': `'succeeded'`,
};

/** Their words are the contract's own. */
const WORDS = new Set([
  ...['accounts.kind', 'accounts.status', 'subscription_terms.status', 'payments.kind', 'payments.status'],
  ...['contact_permissions.channel', 'contact_permissions.basis'],
]);

export const SQL_TYPES: Record<Family, string> = {
  text: 'text',
  instant: 'timestamptz',
  day: 'date',
  whole: 'bigint',
  number: 'numeric',
};

export interface Guess {
  sql: string;
  /** A column of the table that it reads. */
  reads?: string;
  /** What a person should look at. */
  todo?: string;
}

const NUMERIC = /^(numeric|real|double precision)/;
const WHOLE = /^(smallint|integer|bigint)$/;

/** Undefined: of a type that cannot become it. */
function cast(
  sql: string,
  { type, name }: CatalogueColumn,
  family: Family,
  column: string,
): Guess | undefined {
  switch (family) {
    case 'text':
      return /^(jsonb?|bytea|boolean)/.test(type) || type.endsWith('[]')
        ? undefined
        : { sql: `${sql}::text` };
    case 'instant':
      if (type.startsWith('timestamp') && type.endsWith('with time zone')) return { sql };
      if (type.startsWith('timestamp'))
        return { sql: `(${sql} at time zone 'UTC')`, todo: 'the zone it was stored in' };
      return type === 'date'
        ? {
            sql: `(${sql}::timestamp at time zone 'Europe/Paris')`,
            todo: 'a day: from its midnight in Paris',
          }
        : undefined;
    case 'day':
      return type === 'date' ? { sql } : type.startsWith('timestamp') ? { sql: `${sql}::date` } : undefined;
    case 'number':
      return NUMERIC.test(type) || WHOLE.test(type) ? { sql: `${sql}::numeric` } : undefined;
    case 'whole':
      if (column === 'amount_cents' && NUMERIC.test(type))
        return {
          sql: `round(${sql} * 100)::bigint`,
          todo: 'euros with tax? See docs/adapter.md, “Taking tax out”',
        };
      if (!WHOLE.test(type)) return NUMERIC.test(type) ? { sql: `round(${sql})::bigint` } : undefined;
      return column === 'amount_cents'
        ? {
            sql,
            todo: /cents/.test(name)
              ? 'without tax?'
              : 'cents without tax? See docs/adapter.md, “Taking tax out”',
          }
        : { sql };
  }
}

/** A column of a view, from the table that was guessed for it. */
export function guessColumn(view: string, column: string, family: Family, table: CatalogueTable): Guess {
  const key = `${view}.${column}`;
  const words = COLUMNS[key] ?? COLUMNS[column] ?? [column];
  const ranked = [...table.columns.values()].flatMap((found) => {
    const at = rank(found.name.toLowerCase(), words);
    const guess = at === undefined ? undefined : cast(`t.${quote(found.name)}`, found, family, column);
    return at === undefined || guess === undefined ? [] : [{ at, guess: { ...guess, reads: found.name } }];
  });
  const best = ranked.sort((a, b) => a.at - b.at)[0]?.guess;
  if (best) return WORDS.has(key) ? { ...best, todo: 'in the words of docs/adapter.md' } : best;
  const assumed = ASSUMED[key] ?? ASSUMED[column];
  return assumed === undefined
    ? { sql: `null::${SQL_TYPES[family]}`, todo: 'no column looks like it' }
    : { sql: family === 'text' ? `${assumed}::text` : assumed, todo: 'assumed: no column looks like it' };
}
