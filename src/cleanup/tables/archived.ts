/** Important rows: read, recognised, and deleted exactly as they were archived. */
import type { Postgres, Queryable, Transaction } from '../../clients/postgres.ts';
import {
  abandon,
  checkFence,
  entryGone,
  lineOf,
  openEntries,
  writeManifest,
  type Archive,
  type Fence,
  type Lines,
  type Pending,
} from '../archive/index.ts';
import type { Relation } from './relation.ts';
import { quoted } from './rule.ts';
import { inTransaction, isBusy, STATEMENT_MS } from './session.ts';

const KEYS_AT_ONCE = 2_000;

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

/** Important rows of some blocks. Texts that the database made and takes back: this process does not look into them. */
export interface ImportantRows extends Lines {
  text: string;
  /** JSON without its brackets: `Pending` of each. */
  pending: string;
  /** PostgreSQL's own text of arrays: where each one stood (ctid), and which version it was (xmin). */
  places: string;
  versions: string;
  /** The table's file: rewritten (VACUUM FULL, CLUSTER), a place means another row. */
  file: number;
  firstAt: Date | null;
  lastAt: Date | null;
}

/** A row as its object has it. */
const lineAt = ({ alias, relation }: Place): string =>
  lineOf(
    alias,
    relation.columns.map(({ type }) => type),
  );

/** Of what its object has of a row, its key in it: no two rows of a table have the same. */
const fingerprint = (place: Place): string => `md5(${lineAt(place)})`;

const fileOf = ({ leaf }: Place): string => `pg_relation_filenode('${leaf.replaceAll("'", "''")}'::regclass)`;

/** Rows that `within` and `important` choose, without those that an object holds already. */
export async function readImportant(
  tx: Transaction,
  place: Place,
  { within, important, at, held }: { within: string; important: string; at: Date; held: Set<string> },
): Promise<ImportantRows | undefined> {
  const { relation, leaf, alias, time } = place;
  const keys = relation.key.map((_, index) => `to_json(k${String(index)})::text || ','`);
  const [row] = await tx.query<ImportantRows>(
    `select count(*) as rows, string_agg(line, E'\\n') || E'\\n' as text,
            min(at) filter (where isfinite(at)) as "firstAt", max(at) filter (where isfinite(at)) as "lastAt",
            '{' || string_agg('"' || place || '"', ',') || '}' as places, '{' || string_agg(version, ',') || '}' as versions,
            ${fileOf(place)}::int8 as file,
            string_agg('[' || ${keys.join(' || ')} || '"' || md5(line) || '"]', ',') as pending
       from (select ${lineAt(place)} as line, ${alias}.ctid::text as place, ${alias}.xmin::text as version,
                    ${time === undefined ? 'null::timestamptz' : `${alias}.${time}::timestamptz`} as at,
                    ${relation.key.map((name, index) => `${alias}.${quoted(name)}::text as k${String(index)}`).join(', ')}
               from only ${leaf} as ${alias} where ${within} and ${important}
                    ${held.size > 0 ? `and ${fingerprint(place)} <> all ($2::text[])` : ''} offset 0) chosen`,
    held.size > 0 ? [at, [...held]] : [at],
  );
  return row === undefined || row.rows === 0 ? undefined : row;
}

/** Deletes rows of a verified object; resolves with those that somebody held: they stay pending. */
export async function deleteImportant(
  db: Postgres,
  fence: Fence,
  place: Place,
  rows: ImportantRows,
): Promise<Pending[]> {
  const { leaf, alias } = place;
  try {
    const gone = await inTransaction(db, { statementMs: STATEMENT_MS }, async (tx) => {
      const count = await tx.execute(
        // No text of a row is made again. Changed meanwhile, also while this statement waits, it has another xmin.
        `delete from only ${leaf} as ${alias} using unnest($1::tid[], $2::xid[]) as seen (place, version)
          where ${alias}.ctid = seen.place and ${alias}.xmin = seen.version and ${fileOf(place)} = $3`,
        [rows.places, rows.versions, rows.file],
      );
      await checkFence(fence);
      return count;
    });
    if (gone === rows.rows) return [];
  } catch (error) {
    if (!isBusy(error)) throw error;
  }
  // Some have moved, have changed (rows of their own then), or are held: each is looked for by its key.
  return deleteByKey(db, fence, place, JSON.parse(`[${rows.pending}]`) as Pending[]);
}

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

/** Which of them are still as they were archived. */
const readWanted = (tx: Queryable, place: Place, rows: readonly Pending[]): Promise<{ hash: string }[]> => {
  const { join, values } = wanted(place);
  return tx.query(`select wanted.hash from only ${place.leaf} as ${place.alias} join ${join}`, values(rows));
};

async function deleteByKey(
  db: Postgres,
  fence: Fence,
  place: Place,
  pending: readonly Pending[],
): Promise<Pending[]> {
  const { leaf, alias } = place;
  const { join, values } = wanted(place);
  const left: Pending[] = [];
  for (let from = 0; from < pending.length; from += KEYS_AT_ONCE) {
    const rows = pending.slice(from, from + KEYS_AT_ONCE);
    await inTransaction(db, { statementMs: STATEMENT_MS }, async (tx) => {
      const gone = await tx.execute(
        `with here as materialized (
           select ${alias}.ctid as at from only ${leaf} as ${alias} join ${join} for update of ${alias} skip locked)
         delete from only ${leaf} as ${alias} where ${alias}.ctid = any (array(select at from here))`,
        values(rows),
      );
      await checkFence(fence);
      if (gone === rows.length) return;
      const still = new Set((await readWanted(tx, place, rows)).map(({ hash }) => hash));
      left.push(...rows.filter((row) => still.has(hashOf(row))));
    });
  }
  return left;
}

export const hashOf = (row: Pending): string => row.at(-1) ?? '';

/**
 * Goes on with what earlier attempts left: deletes the rows of what is verified, and gives up what is not. Resolves
 * with the keys of the objects, and adds to `held` what somebody still holds: it is not to be archived once more.
 */
export async function recover(
  db: Postgres,
  archive: Archive,
  fence: Fence,
  { placeOf, held, signal }: Recovering,
): Promise<string[]> {
  const objects: string[] = [];
  for (const { objectKey, relation, verified, pending, ...entry } of await openEntries(fence)) {
    signal.throwIfAborted();
    if (!verified) {
      await abandon(archive.store, fence, objectKey);
      continue;
    }
    await writeManifest(archive.store, { objectKey, relation, verified, ...entry }, fence.source);
    // Where there is no such table any more, it was dropped after its last row had been archived.
    const place = await placeOf(relation);
    const left = place ? await deleteByKey(db, fence, place, pending) : [];
    await entryGone(fence, objectKey, left);
    for (const row of left) held.add(hashOf(row));
    objects.push(objectKey);
  }
  return objects;
}

interface Recovering {
  placeOf: (leaf: string) => Promise<Place | undefined>;
  held: Set<string>;
  signal: AbortSignal;
}
