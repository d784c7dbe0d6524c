/** Important rows: read, archived, and deleted exactly as they were archived. */
import type { Postgres, Queryable } from '../../clients/postgres.ts';
import {
  archiveAgain,
  entryDeleted,
  openEntries,
  type Archive,
  type ArchivedRow,
  type Entry,
  type Pending,
} from '../archive/index.ts';
import { createPace } from './pace.ts';
import type { Relation } from './relation.ts';
import { quoted } from './rule.ts';
import { inTransaction } from './session.ts';

const STATEMENT_MS = 30_000;

/** What all statements on the rows of one leaf share. */
export interface Place {
  relation: Relation;
  /** Quoted name of the leaf. */
  leaf: string;
  /** The table's own name, quoted: conditions may name it, in any partition. */
  alias: string;
  /** Column with the row's time, quoted. */
  time: string | undefined;
}

const fingerprint = ({ alias }: Place): string => `md5((${alias}.*)::text)`;
const keyText = ({ relation, alias }: Place): string =>
  relation.key.map((name) => `${alias}.${quoted(name)}::text`).join(', ');

interface Row {
  key: string[];
  line: string;
  at: Date | null;
}

/** Columns of a row as it goes to the archive. */
export const archiveColumns = (place: Place): string =>
  `array[${keyText(place)}, ${fingerprint(place)}] as key, row_to_json(${place.alias}.*)::text as line,
   ${place.time === undefined ? 'null::timestamptz' : `${place.alias}.${place.time}::timestamptz`} as at`;

/** `$n…` as the table's keys and their fingerprints: index lookups, and no row but exactly the one that was read. */
function wanted(place: Place): { join: string; values: (rows: readonly Pending[]) => string[][] } {
  const { relation, alias } = place;
  const types = relation.key.map(
    (name) => relation.columns.find((column) => column.name === name)?.type ?? 'text',
  );
  const names = relation.key.map((_, index) => `k${String(index)}`);
  const arrays = [...types, 'text'].map((type, index) => `$${String(index + 1)}::text[]::${type}[]`);
  return {
    join: `unnest(${arrays.join(', ')}) as wanted (${[...names, 'hash'].join(', ')})
      on ${relation.key.map((name, index) => `${alias}.${quoted(name)} = wanted.k${String(index)}`).join(' and ')}
     and ${fingerprint(place)} = wanted.hash`,
    values: (rows) => arrays.map((_, index) => rows.map((row) => row[index] ?? '')),
  };
}

const readWanted = (tx: Queryable, place: Place, rows: readonly Pending[]): Promise<Row[]> => {
  const { join, values } = wanted(place);
  return tx.query<Row>(
    `select ${archiveColumns(place)} from only ${place.leaf} as ${place.alias} join ${join}`,
    values(rows),
  );
};

/** Deletes the rows of a verified object, and returns those that somebody held: they stay pending. */
export async function deleteArchived(
  db: Postgres,
  archive: Archive,
  place: Place,
  entry: Entry,
  signal: AbortSignal,
): Promise<{ count: number; left: Pending[] }> {
  const { join, values } = wanted(place);
  const pace = createPace(500, 5_000);
  const left: Pending[] = [];
  let count = 0;
  for (let from = 0; from < entry.pending.length;) {
    signal.throwIfAborted();
    const rows = entry.pending.slice(from, from + pace.size);
    const began = performance.now();
    await inTransaction(db, { statementMs: STATEMENT_MS }, async (tx) => {
      const [gone] = await tx.query<{ count: number }>(
        `with here as materialized (
           select ${place.alias}.ctid as at from only ${place.leaf} as ${place.alias} join ${join}
              for update of ${place.alias} skip locked),
         gone as (delete from only ${place.leaf} as ${place.alias}
                   where ${place.alias}.ctid = any (array(select at from here)) returning 1)
         select count(*) as count from gone`,
        values(rows),
      );
      const deleted = gone?.count ?? 0;
      count += deleted;
      // Gone already, changed (a row of its own then), or held: only the last is looked for.
      if (deleted < rows.length) left.push(...(await readWanted(tx, place, rows)).map(({ key }) => key));
    });
    from += rows.length;
    pace.took(performance.now() - began);
  }
  await entryDeleted(archive.ops, entry.objectKey, left);
  return { count, left };
}

export interface Recovered {
  count: number;
  objects: string[];
  /** Archived and still held by somebody: not to be archived once more. */
  held: Set<string>;
}

export const idOf = (key: Pending): string => key.join('\0');

/** Goes on with what a killed run left: writes what was planned, deletes what is verified. */
export async function recover(
  db: Postgres,
  archive: Archive,
  source: string,
  placeOf: (leaf: string) => Place | undefined,
  signal: AbortSignal,
): Promise<Recovered> {
  const recovered: Recovered = { count: 0, objects: [], held: new Set() };
  for (const open of await openEntries(archive.ops, source)) {
    const place = placeOf(open.relation);
    // The partition was dropped after its last row was archived, or the whole table is another one now.
    if (place === undefined) {
      if (open.verified) await entryDeleted(archive.ops, open.objectKey, []);
      continue;
    }
    let entry: Entry | undefined = open;
    if (!open.verified) {
      const rows: ArchivedRow[] = await inTransaction(
        db,
        { readOnly: true, statementMs: STATEMENT_MS },
        (tx) => readWanted(tx, place, open.pending),
      );
      entry = await archiveAgain(archive, open, rows, signal);
    }
    if (entry === undefined) continue;
    const { count, left } = await deleteArchived(db, archive, place, entry, signal);
    recovered.count += count;
    recovered.objects.push(entry.objectKey);
    for (const key of left) recovered.held.add(idOf(key));
  }
  return recovered;
}
