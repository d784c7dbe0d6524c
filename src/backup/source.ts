import { ApplicationFailure } from '@temporalio/common';
import { openPostgresSession, type PostgresSession } from '../clients/postgres.ts';
import { FACTS_SESSION } from './facts.ts';

export interface SourceFacts {
  database: string;
  /** As the server says it, `15.18`. */
  serverVersion: string;
  /** 15 */
  serverMajor: number;
  encoding: string;
  collate: string;
  ctype: string;
  bytes: number;
  /** Tables that stay out of the dump: the service's own, and the role may not read them. */
  leftOut: UnreadableTable[];
}

export interface UnreadableTable {
  oid: number;
  schema: string;
  name: string;
}

const refuse = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, type);

/** Opens a session of its own for reading facts; a server that cannot be reached is worth another try. */
export async function openSource(url: string, setting = 'BACKUP_DATABASE_URL'): Promise<PostgresSession> {
  try {
    const session = await openPostgresSession({ url, applicationName: 'talos-backup' });
    await session.query(FACTS_SESSION);
    return session;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // 28xxx: the server refused the login. 3D000: no such database.
    const permanent = code !== undefined && /^(28|3D)/.test(code);
    throw ApplicationFailure.create({
      type: permanent ? 'DatabaseRefused' : 'DatabaseUnreachable',
      message: `${setting}: cannot connect: ${message}`,
      nonRetryable: permanent,
    });
  }
}

/**
 * A transaction pooler hands one server connection to several clients, so two open sessions of ours show the same
 * backend; a direct connection or a session pooler never does. A snapshot and `pg_dump` need a session of their own.
 */
async function refuseTransactionPooler(first: PostgresSession, url: string, setting: string): Promise<void> {
  const second = await openSource(url, setting);
  try {
    const pid = async (session: PostgresSession): Promise<number | undefined> =>
      (await session.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;
    const pids = [await pid(first), await pid(second), await pid(first)];
    if (new Set(pids).size !== 2 || pids[0] !== pids[2])
      throw refuse(
        'TransactionPooler',
        `${setting} leads to a transaction pooler, which cannot hold a snapshot: use the direct connection or the session pooler (Supabase: port 5432 instead of 6543)`,
      );
  } finally {
    await second.close();
  }
}

/** Owners of what Supabase keeps for itself. Of their tables only those with nobody's data may be missing. */
const PLATFORM_OWNER = /^(supabase_.+|pgsodium_.+|pgbouncer|dashboard_user)$/;
/** Rows of customers stand here: the owner of the platform's own book-keeping alone does not excuse them. */
const CUSTOMER_SCHEMAS = ['auth', 'storage'];
const BOOK_KEEPING = /^(auth\.schema_migrations|storage\.migrations)$/;

/** Relations that `pg_dump` would stop at. Those of the service itself are left out, all others refuse the backup. */
async function unreadableTables(
  session: PostgresSession,
  role: string,
  setting: string,
): Promise<UnreadableTable[]> {
  const rows = await session.query<UnreadableTable & { owner: string }>(`
    select c.oid::int8 as oid, n.nspname as schema, c.relname as name, pg_get_userbyid(c.relowner) as owner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p', 'S') and c.relpersistence <> 't'
       and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
       and not (has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select'))
       -- pg_dump leaves an extension's own relations to the extension, but for the few that hold data of the user
       and not exists (select from pg_depend d join pg_extension x on x.oid = d.refobjid
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
                          and not c.oid = any(coalesce(x.extconfig, '{}')))
     order by 2, 3`);
  const ours = rows.filter(
    ({ schema, name, owner }) =>
      !PLATFORM_OWNER.test(owner) ||
      (CUSTOMER_SCHEMAS.includes(schema) && !BOOK_KEEPING.test(`${schema}.${name}`)),
  );
  if (ours.length > 0) {
    const names = ours.slice(0, 5).map(({ schema, name }) => `${schema}.${name}`);
    const rest = ours.length - names.length;
    throw refuse(
      'TableNotReadable',
      `${setting}: role ${role} may not read ${names.join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}: grant pg_read_all_data to ${role} (or use talos_backup, see talos database apply)`,
    );
  }
  return rows.map(({ oid, schema, name }) => ({ oid: Number(oid), schema, name }));
}

/** Refuses, before anything is written, a source that could only give a bad backup: each refusal names its mend. */
export async function checkSource(
  session: PostgresSession,
  url: string,
  pgDumpVersion: string,
  setting = 'BACKUP_DATABASE_URL',
): Promise<SourceFacts> {
  await refuseTransactionPooler(session, url, setting);
  const [facts] = await session.query<
    Omit<SourceFacts, 'leftOut'> & { role: string; sees_all: boolean; hides: boolean }
  >(`
    select current_database() as database, current_setting('server_version') as "serverVersion",
           current_setting('server_version_num')::int / 10000 as "serverMajor",
           pg_encoding_to_char(d.encoding) as encoding, d.datcollate as collate, d.datctype as ctype,
           pg_database_size(d.oid) as bytes, current_user as role, r.rolsuper or r.rolbypassrls as sees_all,
           exists (select from pg_class where relrowsecurity) as hides
      from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`);
  if (!facts) throw refuse('DatabaseRefused', `${setting}: the server does not describe its database`);
  const { role, sees_all: seesAll, hides, ...source } = facts;
  // The application's database may get a policy any day; another one is judged by those it has.
  if (!seesAll && (hides || setting === 'BACKUP_DATABASE_URL'))
    throw refuse(
      'MissingBypassRls',
      `${setting}: role ${role} has no BYPASSRLS, so that row level security would hide rows from the backup: alter role ${role} bypassrls (or use talos_backup, see talos database apply)`,
    );
  const dumpMajor = Number.parseInt(pgDumpVersion, 10);
  if (dumpMajor < source.serverMajor)
    throw refuse(
      'DumpToolOlderThanServer',
      `pg_dump ${pgDumpVersion} is older than the server ${source.serverVersion}: install postgresql-client-${String(source.serverMajor)} or set PG_BIN to its folder`,
    );
  return { ...source, leftOut: await unreadableTables(session, role, setting) };
}
