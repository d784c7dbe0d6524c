import type { PostgresSession } from '../clients/postgres.ts';
import { listTables, readCatalogue, readRoles, readSequences, tableFacts } from './facts.ts';
import type { Catalogue, SequenceFacts, TableFacts } from './manifest.ts';

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

export interface SnapshotFacts {
  tables: TableFacts[];
  catalogue: Catalogue;
  roles: string[];
}

/** Reads tables, digests and catalogue inside the snapshot, one statement a table, so that it can be stopped. */
export async function readSnapshot(
  session: PostgresSession,
  signal: AbortSignal,
  onTable: (done: number, of: number) => void,
): Promise<SnapshotFacts> {
  const catalogue = await readCatalogue(session);
  const roles = await readRoles(session);
  const names = await listTables(session);
  const tables: TableFacts[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    tables.push(await tableFacts(session, name));
    onTable(tables.length, names.length);
  }
  return { tables, catalogue, roles };
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
