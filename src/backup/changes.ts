import type { BackupStoredData } from '../notifications/index.ts';
import { dumpFacts, totalRows, type Manifest } from './manifest.ts';

type Changes = NonNullable<BackupStoredData['changes']>;
type Change = Changes['tables'][number];

/** The mail names the largest; the two manifests hold every table. */
const NAMED_AT_MOST = 10;
/** Small tables empty and fill every day: losing 3 rows of 4 is no news. */
const WORTH_WATCHING = 100;

const lostMoreThanHalf = (before: number, now: number): boolean => now * 2 < before;

const rowsByName = ({ tables }: Pick<Manifest, 'tables'>): Map<string, number> =>
  new Map(tables.map(({ schema, name, rows }) => [`${schema}.${name}`, rows]));

/** Which of two changes is told first; the name decides between equals, so that the order is the same each time. */
const largestFirst = (a: Change, b: Change): number =>
  Math.abs(b.rows - b.before) - Math.abs(a.rows - a.before) || (a.name < b.name ? -1 : 1);

/**
 * What the database gained and lost between two backups. Pure. A proof says that a backup equals its source, not that
 * the source is still whole: a table emptied by mistake is proven empty. That is what `shrunk` is for.
 */
export function changesSince(before: Manifest, now: Manifest): Changes {
  const [earlier, later] = [rowsByName(before), rowsByName(now)];
  const changed = [...new Set([...earlier.keys(), ...later.keys()])]
    // A table that is new counts as empty before, a dropped one as empty now.
    .map((name) => ({ name, rows: later.get(name) ?? 0, before: earlier.get(name) ?? 0 }))
    .filter((table) => table.rows !== table.before)
    .sort(largestFirst);
  const bytesBefore = dumpFacts(before).rawBytes;
  const bytes = dumpFacts(now).rawBytes;
  return {
    since: before.takenAt,
    rawBytesBefore: bytesBefore ?? 0,
    rowsBefore: totalRows(before),
    tables: changed.slice(0, NAMED_AT_MOST),
    shrunk: changed.filter(
      (table) => table.before >= WORTH_WATCHING && lostMoreThanHalf(table.before, table.rows),
    ),
    // A manifest that does not say how large its dump was is no sign of a loss.
    databaseShrunk: bytesBefore !== undefined && bytes !== undefined && lostMoreThanHalf(bytesBefore, bytes),
  };
}
