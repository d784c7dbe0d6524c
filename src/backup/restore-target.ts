import { openPostgresSession, type PostgresSession } from '../clients/postgres.ts';
import { listTables } from './facts.ts';
import { display, type ChosenDatabase, type NamedTable } from './restore-source.ts';
import type { Present } from './restore-tables.ts';

export interface Target {
  database: string;
  serverVersion: string;
  encoding: string;
  role: string;
  tables: NamedTable[];
  /** Roles that the backup names and this server lacks. */
  rolesMissing: string[];
  mayCreate: boolean;
  mayCreateRoles: boolean;
  superuser: boolean;
}

/** Opens the target; a database that is not there yet is the commonest mistake, and has the plainest mend. */
export async function openTarget(url: string): Promise<PostgresSession> {
  try {
    return await openPostgresSession({ url, applicationName: 'talos-restore' });
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    const mend =
      code === '3D000'
        ? '. Create it first, empty: createdb -T template0 -E UTF8 <name>'
        : '. The target is named by --into or --into-env';
    throw new Error(`the target cannot be reached: ${message || String(code)}${mend}`, { cause: error });
  }
}

export async function readTarget(session: PostgresSession, roles: readonly string[]): Promise<Target> {
  const [facts] = await session.query<Omit<Target, 'tables' | 'rolesMissing'>>(`
    select current_database() as database, current_setting('server_version') as "serverVersion",
           pg_encoding_to_char(d.encoding) as encoding, current_user as role,
           has_database_privilege(current_database(), 'create') as "mayCreate",
           r.rolsuper or r.rolcreaterole as "mayCreateRoles", r.rolsuper as superuser
      from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`);
  if (!facts) throw new Error('the target does not describe itself: is it PostgreSQL?');
  const missing = await session.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where not exists (select from pg_roles where rolname = name)`,
    [roles],
  );
  return {
    ...facts,
    tables: await listTables(session),
    rolesMissing: missing.map(({ name }) => name),
  };
}

const major = (version: string): number => Number.parseInt(version, 10);

/** What forbids the restore, each with its mend. `tables`: only these are restored. */
export function problemsOf(
  target: Target,
  { source }: ChosenDatabase,
  tables: readonly NamedTable[] | undefined,
  owners: boolean,
): string[] {
  const problems: string[] = [];
  const there = target.tables.map(display);
  const twice = tables?.map(display).filter((name) => there.includes(name)) ?? [];
  if (!tables && there.length > 0)
    problems.push(
      `the target already holds ${String(there.length)} table(s) (${there.slice(0, 3).join(', ')}${there.length > 3 ? ' …' : ''}): restore into a new, empty database`,
    );
  if (twice.length > 0)
    problems.push(
      `the target already holds ${twice.join(', ')}: nothing is ever written over. Restore into a new, empty database and copy from there`,
    );
  if (major(target.serverVersion) < major(source.serverVersion))
    problems.push(
      `the target is PostgreSQL ${target.serverVersion}, the backup of ${source.serverVersion}: take a server of ${String(major(source.serverVersion))} or newer`,
    );
  if (target.encoding !== source.encoding)
    problems.push(
      `the target's encoding is ${target.encoding}, the backup's ${source.encoding}: createdb -T template0 -E ${source.encoding} <name>`,
    );
  if (!target.mayCreate)
    problems.push(
      `role ${target.role} may create nothing in ${target.database}: grant create on database ${target.database} to ${target.role}, or connect as its owner`,
    );
  if (owners && target.rolesMissing.length > 0 && !target.mayCreateRoles)
    problems.push(
      `role ${target.role} may not create the roles that are missing (${target.rolesMissing.join(', ')}): create them first, connect as a superuser, or add --no-owner`,
    );
  return problems;
}

/** Reads what schemas, types and routines the target has, under the names that `pg_restore --list` gives them. */
export async function readPresent(session: PostgresSession): Promise<Present> {
  const rows = await session.query<{ kind: string; names: string }>(`
    select 'SCHEMA' as kind, '- ' || nspname as names from pg_namespace
    union all select 'EXTENSION', '- ' || extname from pg_extension
    union all select 'RELATION', nspname || ' ' || relname from pg_class c join pg_namespace n on n.oid = relnamespace
    union all select 'TYPE', nspname || ' ' || typname from pg_type join pg_namespace n on n.oid = typnamespace
    union all select 'ROUTINE', nspname || ' ' || proname || '(' || oidvectortypes(proargtypes) || ')'
                from pg_proc join pg_namespace n on n.oid = pronamespace`);
  const found = new Set(rows.map(({ kind, names }) => `${kind} ${names}`));
  const kinds: Record<string, string> = {
    ...{ TABLE: 'RELATION', VIEW: 'RELATION', SEQUENCE: 'RELATION' },
    ...{ 'MATERIALIZED VIEW': 'RELATION', 'FOREIGN TABLE': 'RELATION' },
    ...{ FUNCTION: 'ROUTINE', PROCEDURE: 'ROUTINE', AGGREGATE: 'ROUTINE' },
    ...{ DOMAIN: 'TYPE', 'SHELL TYPE': 'TYPE' },
  };
  return ({ desc, namespace, tag }) => found.has(`${kinds[desc] ?? desc} ${namespace} ${tag}`);
}
