/**
 * A first adapter, guessed from an application's tables: it can be applied as it is, keeps the contract's types, and
 * marks with TODO what a person must look at. Pure; `readTables` reads what it is made from.
 */
import type { Queryable } from '../../clients/postgres.ts';
import { qualified, quote, readCatalogue, type Catalogue, type CatalogueTable } from '../catalogue.ts';
import { VIEWS } from '../contract.ts';
import { guessColumn, SQL_TYPES, type Guess } from './columns.ts';
import { accountLink, guessTable } from './guess.ts';

export { accountLink, guessTable, PEOPLE_COLUMNS, shortName } from './guess.ts';

/** Supabase's own, extensions' and ours: no tables of an application. */
const NOT_THEIRS = [
  ...['auth', 'storage', 'extensions', 'graphql', 'graphql_public', 'realtime', '_realtime', 'vault'],
  ...['pgsodium', 'pgbouncer', 'net', 'cron', 'supabase_functions', 'supabase_migrations', '_analytics'],
  ...['information_schema', 'saas', 'maintenance', 'ops'],
];

/** The application's own tables, and `auth.users` where people sign in there. */
export async function readTables(db: Queryable): Promise<Catalogue> {
  const schemas = await db.query<{ name: string }>(
    `select nspname as name from pg_namespace where nspname !~ '^pg_' and nspname <> all ($1) order by 1`,
    [NOT_THEIRS],
  );
  return readCatalogue(
    db,
    schemas.map(({ name }) => name),
    ['auth.users'],
  );
}

export interface Draft {
  text: string;
  /** Places marked with TODO. */
  todos: number;
}

interface ViewDraft {
  sql: string;
  /** Columns that it reads, by table. */
  reads: Map<string, Set<string>>;
}

const OWN_ID = /^(lead|trial|payment|ticket|subscription|account)_id$/;

function draftView(
  catalogue: Catalogue,
  view: string,
  table: CatalogueTable | undefined,
  accounts: string | undefined,
): ViewDraft {
  const columns = Object.entries(VIEWS[view]?.columns ?? {});
  const reads = new Map<string, Set<string>>();
  const read = (name: string, column: string): string => {
    reads.set(name, (reads.get(name) ?? new Set()).add(column));
    return quote(column);
  };
  if (!table)
    return {
      reads,
      sql: `-- TODO: no table looks like it. As it stands, there are none.
create view saas.${view} as
select ${columns.map(([column, family]) => `null::${SQL_TYPES[family]} as ${column}`).join(', ')}
where false;`,
    };
  const link = view === 'accounts' ? undefined : accountLink(catalogue, table, accounts);
  const guesses = columns.map(([column, family]): [string, Guess] => {
    if (column === 'account_id' && view !== 'accounts') {
      if (!link) return [column, { sql: 'null::text', todo: 'no key leads to an account' }];
      const from = link.via ? 'via' : 't';
      return [column, { sql: `${from}.${read(link.via?.to ?? table.name, link.column)}::text` }];
    }
    const own = ownId(view, column, table);
    if (own !== undefined) return [column, { sql: `t.${quote(own)}::text`, reads: own }];
    return [column, guessColumn(view, column, family, table)];
  });
  for (const [, { reads: column }] of guesses) if (column !== undefined) read(table.name, column);
  if (link?.via) {
    for (const column of link.via.columns) read(link.via.from, column);
    for (const column of link.via.toColumns) read(link.via.to, column);
  }
  const lines = guesses.map(
    ([column, { sql, todo }], at) =>
      `  ${sql} as ${column}${at + 1 < guesses.length ? ',' : ''}${todo === undefined ? '' : ` -- TODO: ${todo}`}`,
  );
  const join = link?.via
    ? `\njoin ${qualified(link.via.to)} via on via.${quote(link.via.toColumns[0] ?? '')} = t.${quote(link.via.columns[0] ?? '')}`
    : '';
  return {
    reads,
    sql: `create view saas.${view} as
select
${lines.join('\n')}
from ${qualified(table.name)} t${join};`,
  };
}

/** The id of the thing itself: the column of that name, else the primary key. */
function ownId(view: string, column: string, { columns, primaryKey }: CatalogueTable): string | undefined {
  if (!OWN_ID.test(column) || (column === 'account_id' && view !== 'accounts')) return undefined;
  if (columns.has(column)) return column;
  return primaryKey.length === 1 ? primaryKey[0] : undefined;
}

/** Who still pays is not archived; everything else that forbids it, only the application knows. */
function draftBlockers(catalogue: Catalogue, accounts: string | undefined): ViewDraft {
  const table = guessTable(catalogue, 'subscription_terms');
  const link = table && accountLink(catalogue, table, accounts);
  const source = link?.via ? catalogue.tables.get(link.via.to) : table;
  const ended = source && guessColumn('subscription_terms', 'valid_to', 'instant', source).reads;
  const note = `-- TODO: a blocker that is forgotten here is an account archived too early: unpaid_invoice, legal_hold, last_owner.`;
  if (!source || !link || ended === undefined)
    return {
      reads: new Map(),
      sql: `${note}
create view saas.archive_blockers as
select null::text as account_id, null::text as reason where false; -- TODO: who pays: no table looks like it`,
    };
  return {
    reads: new Map([[source.name, new Set([link.column, ended])]]),
    sql: `${note}
create view saas.archive_blockers as
select t.${quote(link.column)}::text as account_id, 'subscription' as reason
from ${qualified(source.name)} t where t.${quote(ended)} is null; -- TODO: is that who still pays?`,
  };
}

const FUNCTIONS = `-- Functions: what jobs change in your tables (docs/adapter.md). One that is left out fails its job, and says so:
-- TODO: saas.expire_trial(trial_id text, at timestamptz), saas.set_account_status(account_id text, status text),
-- saas.withdraw_permission(account_id text, channel text, at timestamptz),
-- saas.insert_notification(level text, title text, body text, key text); each returns boolean.`;

export function draftAdapter(catalogue: Catalogue): Draft {
  const accounts = guessTable(catalogue, 'accounts')?.name;
  const reads = new Map<string, Set<string>>();
  const sections = Object.entries(VIEWS).map(([view, { optional }]) => {
    const table = guessTable(catalogue, view);
    if (optional && !table)
      return `-- saas.${view}: no table looks like it; left out, its figures say that nobody knows.`;
    const draft =
      view === 'archive_blockers'
        ? draftBlockers(catalogue, accounts)
        : draftView(catalogue, view, table, accounts);
    for (const [name, columns] of draft.reads)
      reads.set(name, new Set([...(reads.get(name) ?? []), ...columns]));
    return draft.sql;
  });
  const schemas = [...new Set([...reads.keys()].map((name) => quote(name.slice(0, name.indexOf('.')))))];
  const grants = [
    ...(schemas.length > 0 ? [`grant usage on schema ${schemas.join(', ')} to talos_owner;`] : []),
    ...[...reads].map(
      ([name, columns]) =>
        `grant select (${[...columns].map(quote).join(', ')}) on ${qualified(name)} to talos_owner;`,
    ),
  ];
  const text = `-- A draft of the contract saas over your tables, guessed from their names and types (docs/adapter.md).
-- It can be applied as it is: talos database apply --adapter <this file>. Until each TODO has been looked at, figures may be wrong.

${grants.join('\n')}

${sections.join('\n\n')}

${FUNCTIONS}
`;
  return { text, todos: text.split('TODO').length - 2 };
}
