import type { PostgresSession } from '../clients/postgres.ts';
import { readCatalogue, readDependents } from './catalogue.ts';
import { listTables, readRoles, readSequences, tableFacts } from './facts.ts';
import type { DatabaseContent, SequenceFacts, TableFacts } from './manifest.ts';
import type { UnreadableTable } from './source.ts';

export interface Snapshot {
  /** For `pg_dump --snapshot`; valid as long as the session lives and its transaction is open. */
  id: string;
  takenAt: string;
}

/** Begins the transaction whose snapshot the dump and the manifest share. */
export async function beginSnapshot(session: PostgresSession): Promise<Snapshot> {
  await session.query('begin isolation level repeatable read, read only');
  const [row] = await session.query<{ id: string; at: Date }>(
    'select pg_export_snapshot() as id, now() as at',
  );
  if (!row) throw new Error('the server exported no snapshot');
  return { id: row.id, takenAt: row.at.toISOString() };
}

export type SnapshotFacts = Omit<DatabaseContent, 'sequences'> & { roles: string[] };

export interface SnapshotOptions {
  signal: AbortSignal;
  leftOut: readonly UnreadableTable[];
  /** False: rows are counted only. */
  digests: boolean;
  onTable: (done: number, of: number) => void;
}

/** Reads tables, digests and catalogue inside the snapshot, one statement a table, so that it can be stopped. */
export async function readSnapshot(
  session: PostgresSession,
  { signal, leftOut, digests, onTable }: SnapshotOptions,
): Promise<SnapshotFacts> {
  const catalogue = await readCatalogue(session);
  const dependents = await readDependents(
    session,
    leftOut.map(({ oid }) => oid),
  );
  const roles = await readRoles(session);
  const out = leftOut.map(({ schema, name }) => `${schema}.${name}`);
  const names = (await listTables(session)).filter(({ schema, name }) => !out.includes(`${schema}.${name}`));
  const tables: TableFacts[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    tables.push(await tableFacts(session, name, digests));
    onTable(tables.length, names.length);
  }
  return {
    tables,
    catalogue,
    roles,
    ...(Object.keys(dependents).length > 0 ? { dependents } : {}),
    ...(out.length > 0 ? { leftOut: out } : {}),
  };
}

/** Joins the readings taken before and after the dump; one that came or went in between is not in the snapshot. */
export async function boundSequences(
  session: PostgresSession,
  before: Awaited<ReturnType<typeof readSequences>>,
): Promise<SequenceFacts[]> {
  const after = new Map(
    (await readSequences(session, false)).map((sequence) => [
      `${sequence.schema}.${sequence.name}`,
      sequence.value,
    ]),
  );
  return before.map(({ value, ...sequence }) => ({
    ...sequence,
    before: value,
    after: after.get(`${sequence.schema}.${sequence.name}`) ?? value,
  }));
}
