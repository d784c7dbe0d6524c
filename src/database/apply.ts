import { openPostgresSession } from '../clients/postgres.ts';
import type { PostgresSession } from '../clients/postgres.ts';
import { isTransactionPooler } from '../config/index.ts';
import { applyAdapter } from './adapter.ts';
import { checkContract } from './contract.ts';
import type { ContractMistake } from './contract.ts';
import { ADAPTER_FILE } from './files.ts';
import { migrate } from './migrate.ts';
import { ensureRoles } from './roles.ts';

export interface ApplyOptions {
  /** An administrator's URL of the application's database: a direct connection or a session pooler. */
  appUrl: string;
  /** The same of the operations database; both may be one database. */
  opsUrl: string;
  adapterFile?: string;
}

export interface ApplyReport {
  /** False: everything was already as it should be, and nothing was written. */
  changed: boolean;
  /** What was done to roles and schemas, as SQL. */
  statements: string[];
  /** Migrations run now. */
  migrations: { app: string[]; ops: string[] };
  adapter: 'applied' | 'unchanged';
  /** What the application does not provide: required views (then `talos database check` fails) and optional ones. */
  contract: ContractMistake[];
  warnings: string[];
  /** Login roles made now, without a password. */
  withoutPassword: string[];
}

// Any number will do that nobody else uses; the same for both databases.
const APPLY_LOCK = 7_460_201;

/** Roles, migrations, contract and adapter. Each step is idempotent; a second apply waits for the first. */
export async function applyDatabase(options: ApplyOptions): Promise<ApplyReport> {
  const app = await locked('the application database', options.appUrl, async (session) => ({
    ...(await prepare(session, ['maintenance', 'saas'])),
    migrations: await migrate(session, 'maintenance', 'app'),
    adapter: await applyAdapter(session, options.adapterFile ?? ADAPTER_FILE),
    contract: await checkContract(session),
  }));
  const ops = await locked('the operations database', options.opsUrl, async (session) => ({
    ...(await prepare(session, ['ops'])),
    migrations: await migrate(session, 'ops', 'ops'),
  }));
  const statements = [...app.changes, ...ops.changes];
  const migrations = { app: app.migrations, ops: ops.migrations };
  return {
    changed:
      statements.length + migrations.app.length + migrations.ops.length > 0 || app.adapter === 'applied',
    statements,
    migrations,
    adapter: app.adapter,
    contract: app.contract,
    warnings: [...new Set([...app.warnings, ...ops.warnings])],
    withoutPassword: [...app.withoutPassword, ...ops.withoutPassword],
  };
}

async function locked<Result>(
  what: string,
  url: string,
  work: (session: PostgresSession) => Promise<Result>,
): Promise<Result> {
  if (isTransactionPooler(url))
    throw new Error(
      `${what}: its URL leads to a transaction pooler, which cannot hold a lock. Use the direct connection or the session pooler (Supabase: port 5432 instead of 6543).`,
    );
  const session = await openPostgresSession({ url, applicationName: 'talos-apply' });
  try {
    // Gone with the session, however it ends.
    await session.query('select pg_advisory_lock($1)', [APPLY_LOCK]);
    return await work(session);
  } finally {
    await session.close();
  }
}

/** The roles, and schemas that only talos_owner and those it names can enter. */
async function prepare(session: PostgresSession, schemas: string[]) {
  const roles = await ensureRoles(session);
  for (const schema of schemas) {
    const [existing] = await session.query('select from pg_namespace where nspname = $1', [schema]);
    if (existing !== undefined) continue;
    const create = `create schema ${schema} authorization talos_owner`;
    await session.query(create);
    roles.changes.push(create);
  }
  const open = await session.query<{ revoke: string }>(
    // Grantee 0 is PUBLIC.
    `select distinct format('revoke all on schema %I from %s', nspname, coalesce(quote_ident(rolname), 'public')) as revoke
     from pg_namespace, aclexplode(nspacl) as acl left join pg_roles on pg_roles.oid = acl.grantee
     where nspname = any ($1) and (acl.grantee = 0 or rolname in ('anon', 'authenticated'))`,
    [schemas],
  );
  for (const { revoke } of open) {
    await session.query(revoke);
    roles.changes.push(revoke);
  }
  return roles;
}
