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
}

const refuse = (type: string, message: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(message, type);

/** Opens a session of its own for reading facts; a server that cannot be reached is worth another try. */
export async function openSource(url: string): Promise<PostgresSession> {
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
      message: `BACKUP_DATABASE_URL: cannot connect: ${message}`,
      nonRetryable: permanent,
    });
  }
}

/**
 * A transaction pooler hands one server connection to several clients, so two open sessions of ours show the same
 * backend; a direct connection or a session pooler never does. A snapshot and `pg_dump` need a session of their own.
 */
async function refuseTransactionPooler(first: PostgresSession, url: string): Promise<void> {
  const second = await openSource(url);
  try {
    const pid = async (session: PostgresSession): Promise<number | undefined> =>
      (await session.query<{ pid: number }>('select pg_backend_pid() as pid'))[0]?.pid;
    const pids = [await pid(first), await pid(second), await pid(first)];
    if (new Set(pids).size !== 2 || pids[0] !== pids[2])
      throw refuse(
        'TransactionPooler',
        'BACKUP_DATABASE_URL leads to a transaction pooler, which cannot hold a snapshot: use the direct connection or the session pooler (Supabase: port 5432 instead of 6543)',
      );
  } finally {
    await second.close();
  }
}

/** Refuses, before anything is written, a source that could only give a bad backup: each refusal names its mend. */
export async function checkSource(
  session: PostgresSession,
  url: string,
  pgDumpVersion: string,
): Promise<SourceFacts> {
  await refuseTransactionPooler(session, url);
  const [facts] = await session.query<SourceFacts & { role: string; sees_all: boolean }>(`
    select current_database() as database, current_setting('server_version') as "serverVersion",
           current_setting('server_version_num')::int / 10000 as "serverMajor",
           pg_encoding_to_char(d.encoding) as encoding, d.datcollate as collate, d.datctype as ctype,
           pg_database_size(d.oid) as bytes, current_user as role, r.rolsuper or r.rolbypassrls as sees_all
      from pg_database d, pg_roles r where d.datname = current_database() and r.rolname = current_user`);
  if (!facts)
    throw refuse('DatabaseRefused', 'BACKUP_DATABASE_URL: the server does not describe its database');
  const { role, sees_all: seesAll, ...source } = facts;
  if (!seesAll)
    throw refuse(
      'MissingBypassRls',
      `BACKUP_DATABASE_URL: role ${role} has no BYPASSRLS, so that row level security would hide rows from the backup: alter role ${role} bypassrls (or use talos_backup, see talos database apply)`,
    );
  const dumpMajor = Number.parseInt(pgDumpVersion, 10);
  if (dumpMajor < source.serverMajor)
    throw refuse(
      'DumpToolOlderThanServer',
      `pg_dump ${pgDumpVersion} is older than the server ${source.serverVersion}: install postgresql-client-${String(source.serverMajor)} or set PG_BIN to its folder`,
    );
  return source;
}
