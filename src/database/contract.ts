import type { Queryable } from '../clients/postgres.ts';

/** How precise a type must be for what reads it: an adapter may give a narrower one of the family. */
const FAMILIES = {
  text: { accepted: ['text', 'varchar', 'bpchar'], asked: 'text' },
  instant: { accepted: ['timestamptz'], asked: 'timestamptz' },
  day: { accepted: ['date'], asked: 'date' },
  whole: { accepted: ['int2', 'int4', 'int8'], asked: 'a whole number (integer or bigint)' },
  number: { accepted: ['numeric', 'int2', 'int4', 'int8', 'float4', 'float8'], asked: 'a number' },
} as const;
export type Family = keyof typeof FAMILIES;

/** How, where a bare cast would run and be wrong: by the hours of a zone, or a hundredfold. */
const HOW: Partial<Record<Family, Readonly<Record<string, string>>>> = {
  instant: { timestamp: `: (column at time zone 'UTC'), naming the zone it was stored in` },
  whole: { numeric: ': round(column)::bigint, or round(column * 100)::bigint for money in units' },
};

interface View {
  optional?: true;
  columns: Record<string, Family>;
}

/** Schema `saas` as programs read it; database/contract.sql says what each means. A test keeps the two equal. */
export const VIEWS: Record<string, View> = {
  accounts: {
    columns: {
      ...{ account_id: 'text', name: 'text', email: 'text', phone: 'text', locale: 'text', kind: 'text' },
      ...{ status: 'text', created_at: 'instant', last_login_at: 'instant', last_activity_at: 'instant' },
    },
  },
  leads: {
    columns: { lead_id: 'text', created_at: 'instant', account_id: 'text', name: 'text', phone: 'text' },
  },
  archive_blockers: { columns: { account_id: 'text', reason: 'text' } },
  trials: {
    columns: {
      ...{ trial_id: 'text', account_id: 'text', started_at: 'instant', ends_at: 'instant' },
      ...{ expired_at: 'instant', converted_at: 'instant' },
    },
  },
  subscription_terms: {
    columns: {
      ...{ subscription_id: 'text', account_id: 'text', valid_from: 'instant', valid_to: 'instant' },
      ...{ status: 'text', interval_months: 'whole', amount_cents: 'whole', currency: 'text' },
      ...{ discount_pct: 'number', discount_until: 'instant' },
    },
  },
  payments: {
    columns: {
      ...{ payment_id: 'text', account_id: 'text', at: 'instant', kind: 'text', status: 'text' },
      ...{ amount_cents: 'whole', currency: 'text' },
    },
  },
  activity: { columns: { user_id: 'text', account_id: 'text', at: 'instant' } },
  fx_rates: { optional: true, columns: { currency: 'text', day: 'day', eur_per_unit: 'number' } },
  acquisition_costs: { optional: true, columns: { month: 'day', label: 'text', amount_cents: 'whole' } },
  goals: { optional: true, columns: { period: 'text', metric: 'text', target: 'number' } },
  tickets: {
    optional: true,
    columns: {
      ...{ ticket_id: 'text', created_at: 'instant', auto_reply_at: 'instant' },
      ...{ first_human_reply_at: 'instant', resolved_at: 'instant', csat: 'whole' },
    },
  },
  api_calls: { optional: true, columns: { at: 'instant', ms: 'number', status: 'whole' } },
  page_loads: { optional: true, columns: { at: 'instant', ms: 'number' } },
  contact_permissions: {
    optional: true,
    columns: {
      ...{ account_id: 'text', channel: 'text', basis: 'text' },
      ...{ granted_at: 'instant', withdrawn_at: 'instant' },
    },
  },
};

export const FUNCTIONS = [
  'expire_trial(text,timestamptz)',
  'set_account_status(text,text)',
  'withdraw_permission(text,text,timestamptz)',
  'insert_notification(text,text,text,text)',
];

export interface ContractMistake {
  /** `saas.payments`, `saas.payments.amount_cents` or `saas.expire_trial(text,timestamptz)`. */
  object: string;
  /** `optional`: a view one can do without; its figures are null. */
  problem: 'missing' | 'wrong type' | 'optional';
  /** What is wrong and how to mend it. */
  message: string;
}

const PLACEHOLDER = 'Not provided by the adapter.';

/** Compares schema `saas` with the contract, column by column. Empty: everything is there. */
export async function checkContract(db: Queryable): Promise<ContractMistake[]> {
  const columns = await db.query<{ view: string; column: string; type: string }>(
    `select c.relname as view, a.attname as column, coalesce(base.typname, t.typname)::text as type
     from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_type t on t.oid = a.atttypid left join pg_type base on base.oid = nullif(t.typbasetype, 0)
     where c.relnamespace = to_regnamespace('saas') and c.relkind in ('v', 'm', 'r', 'p', 'f')
       and coalesce(obj_description(c.oid, 'pg_class'), '') not like $1 || '%'`,
    [PLACEHOLDER],
  );
  const types = new Map(columns.map(({ view, column, type }) => [`${view}.${column}`, type]));
  const views = new Set(columns.map(({ view }) => view));
  const functions = await db.query<{ signature: string; result: string | null }>(
    `select signature, p.prorettype::regtype::text as result
     from unnest($1::text[]) as signature
     left join pg_proc p on p.oid = to_regprocedure('saas.' || signature)
       and coalesce(obj_description(p.oid, 'pg_proc'), '') not like $2 || '%'`,
    [FUNCTIONS, PLACEHOLDER],
  );
  return [
    ...Object.entries(VIEWS).flatMap(([name, view]) =>
      views.has(name) ? wrongColumns(name, view, types) : [missingView(name, view)],
    ),
    ...functions.flatMap(({ signature, result }) => wrongFunction(`saas.${signature}`, result)),
  ];
}

function missingView(name: string, { optional, columns }: View): ContractMistake {
  const mend = `Create it in the adapter with the columns ${Object.keys(columns).join(', ')}.`;
  return optional
    ? {
        object: `saas.${name}`,
        problem: 'optional',
        message: `saas.${name} is not there: figures that need it are null. ${mend}`,
      }
    : { object: `saas.${name}`, problem: 'missing', message: `saas.${name} is missing. ${mend}` };
}

function wrongColumns(name: string, { columns }: View, types: Map<string, string>): ContractMistake[] {
  return Object.entries(columns).flatMap(([column, family]): ContractMistake[] => {
    const object = `saas.${name}.${column}`;
    const { accepted, asked } = FAMILIES[family];
    const type = types.get(`${name}.${column}`);
    if (type === undefined)
      return [
        {
          object,
          problem: 'missing',
          message: `${object} is missing. Select it, as ${asked}, in the adapter.`,
        },
      ];
    if ((accepted as readonly string[]).includes(type)) return [];
    const how = HOW[family]?.[type] ?? ' in the adapter';
    return [{ object, problem: 'wrong type', message: `${object} is ${type}. Cast it to ${asked}${how}.` }];
  });
}

function wrongFunction(object: string, result: string | null): ContractMistake[] {
  if (result === 'boolean') return [];
  return result === null
    ? [
        {
          object,
          problem: 'missing',
          message: `${object} is missing. Create it in the adapter, returning boolean.`,
        },
      ]
    : [{ object, problem: 'wrong type', message: `${object} returns ${result}. Make it return boolean.` }];
}
