import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ObjectStore } from '../clients/object-store.ts';
import { openPostgresSession, type PostgresSession, type Queryable } from '../clients/postgres.ts';
import { startStage } from '../tools/stage.ts';
import { openSealed } from '../vault/index.ts';
import { libpqEnvironment } from './dump.ts';
import { readCatalogue } from './catalogue.ts';
import { FACTS_SESSION, listTables, readSequences, tableFacts } from './facts.ts';
import type { RestoredFacts } from './compare.ts';

export interface RestoreOptions {
  store: ObjectStore;
  /** Key of the dump in the bucket. */
  key: string;
  identities: readonly string[];
  /** The target: an existing database without objects of its own. */
  url: string;
  tools: { zstd: string; pg_restore: string };
  /** False: everything belongs to the connecting role and grants are left out. */
  owners: boolean;
  /** Only these lines of `readToc`; all when left out. */
  list?: readonly string[];
  signal?: AbortSignal;
  onRead?: (bytes: number) => void;
}

export interface Restored {
  bytes: number;
  sha256: string;
  /** What `pg_restore` could not do and went on after; empty when all went well. */
  complaints: string[];
}

/** Streams one dump from the bucket into a database: decrypt, decompress, restore, without a file in between. */
export async function restoreDump(options: RestoreOptions): Promise<Restored> {
  const environment = libpqEnvironment(options.url, 'talos-restore');
  const complaints: string[] = [];
  const list = options.list && (await writeList(options.list));
  const restore = startStage(
    options.tools.pg_restore,
    [
      `--dbname=${environment.PGDATABASE ?? ''}`,
      '--no-password',
      ...(options.owners ? [] : ['--no-owner', '--no-acl']),
      ...(list ? [`--use-list=${list.file}`] : []),
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: environment,
      failure: 'RestoreFailed',
      signal: options.signal,
      onStderr: (line) => {
        if (line.includes('error:')) complaints.push(line.replace(/^pg_restore: /, ''));
      },
    },
  );
  const stdin = restore.child.stdin;
  if (!stdin) throw new Error('pg_restore has no stdin');
  stdin.on('error', () => undefined);
  let readWhole = false;
  try {
    const opened = await openSealed({ ...options, zstd: options.tools.zstd }, stdin);
    const content = await opened.read;
    readWhole = true;
    await opened.stage.done;
    // Exit code 1 with complaints: it went on after them, and the comparison says what they cost.
    await restore.done.catch((error: unknown) => {
      if (complaints.length === 0) throw error;
    });
    return { ...content, complaints };
  } catch (error) {
    restore.child.kill('SIGTERM');
    const [ending] = await Promise.allSettled([restore.done]);
    // With the object whole, a restore that broke off (no connection, say) is the cause of the broken pipe before it.
    if (readWhole && ending.status === 'rejected') throw ending.reason;
    throw error;
  } finally {
    await list?.remove();
  }
}

/** `pg_restore` takes the list from a file only: names of objects, for this user alone, gone afterwards. */
async function writeList(lines: readonly string[]): Promise<{ file: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-list-'));
  const file = path.join(folder, 'restore.list');
  await writeFile(file, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  return { file, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Creates the roles that owners, grants and policies of the dump name, where missing; they cannot log in. */
export async function createMissingRoles(
  session: PostgresSession,
  roles: readonly string[],
  attributes: 'nologin' | 'nologin superuser',
): Promise<string[]> {
  const missing = await session.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where not exists (select from pg_roles where rolname = name)`,
    [roles],
  );
  for (const { name } of missing)
    await session.query(`create role "${name.replaceAll('"', '""')}" ${attributes}`);
  return missing.map(({ name }) => name);
}

/** Reads of a restored copy what the manifest says of the source, with the same statements and session settings. */
export async function readFacts(
  db: Queryable,
  signal?: AbortSignal,
  digests?: boolean,
): Promise<RestoredFacts> {
  await db.query(FACTS_SESSION);
  const tables = [];
  for (const name of await listTables(db)) {
    signal?.throwIfAborted();
    tables.push(await tableFacts(db, name, digests));
  }
  return { tables, sequences: await readSequences(db, true), catalogue: await readCatalogue(db) };
}

export async function readRestored(
  url: string,
  signal?: AbortSignal,
  digests?: boolean,
): Promise<RestoredFacts> {
  const session = await openPostgresSession({ url, applicationName: 'talos-proof' });
  return readFacts(session, signal, digests).finally(() => session.close());
}
