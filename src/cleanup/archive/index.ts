/** Rows that are kept in the bucket before they leave their table (LG4). */
import { createHash } from 'node:crypto';
import type { Postgres } from '../../clients/postgres.ts';
import {
  dropEntry,
  entryPruned,
  entryVerified,
  planEntry,
  prunableEntries,
  type Entry,
  type Pending,
} from './journal.ts';
import { storeVerified, type ArchiveTarget } from './object.ts';

export { entryDeleted, openEntries, type Entry, type Pending } from './journal.ts';
export { storeVerified, type ArchiveTarget } from './object.ts';

export interface Archive extends ArchiveTarget {
  ops: Postgres;
}

export interface ArchivedRow {
  key: Pending;
  /** The row as JSON. */
  line: string;
  at: Date | null;
}

export interface Segment {
  source: string;
  relation: string;
  rows: readonly ArchivedRow[];
}

/** Where archives stand in the bucket. */
export const ARCHIVE_PREFIX = 'logs/important';

/**
 * Makes one object of rows and proves it; only then may they be deleted. Its key is that of the first row's content, so
 * that a successor that begins with the same rows writes the same object.
 */
export async function archiveRows(archive: Archive, segment: Segment, signal: AbortSignal): Promise<Entry> {
  const { source, relation, rows } = segment;
  const { firstAt, lastAt } = span(rows);
  const hash = createHash('sha256').update(rows.map(({ key }) => key.join('\0')).join('\n'));
  const day = (firstAt ?? new Date(0)).toISOString().slice(0, 10);
  const objectKey = `${ARCHIVE_PREFIX}/${safe(source)}/${day}-${hash.digest('hex').slice(0, 16)}.ndjson.zst.age`;
  const pending = rows.map(({ key }) => key);
  await planEntry(archive.ops, { objectKey, source, relation, pending, firstAt, lastAt });
  return write(archive, { objectKey, source, relation, pending, verified: false }, rows, signal);
}

/**
 * Finishes what a killed run planned: the same object, of those rows that still are as they were. The others went on by
 * themselves and, if they came back, are rows of their own.
 */
export async function archiveAgain(
  archive: Archive,
  entry: Entry,
  rows: readonly ArchivedRow[],
  signal: AbortSignal,
): Promise<Entry | undefined> {
  const { objectKey, source, relation } = entry;
  if (rows.length === 0) {
    // An object that was written and not entered as verified holds rows that somebody else deleted: not ours to keep.
    await archive.store.remove(objectKey);
    await dropEntry(archive.ops, objectKey);
    return undefined;
  }
  const pending = rows.map(({ key }) => key);
  await planEntry(archive.ops, { objectKey, source, relation, pending, ...span(rows) });
  return write(archive, { ...entry, pending }, rows, signal);
}

async function write(
  archive: Archive,
  entry: Entry,
  rows: readonly ArchivedRow[],
  signal: AbortSignal,
): Promise<Entry> {
  const { objectKey: key, source } = entry;
  const lines = rows.map(({ line }) => line);
  const verified = await storeVerified(archive, { key, source, lines, ...span(rows) }, signal);
  await entryVerified(archive.ops, key, verified);
  return { ...entry, verified: true };
}

function span(rows: readonly ArchivedRow[]): { firstAt: Date | undefined; lastAt: Date | undefined } {
  const times = rows.flatMap(({ at }) => at ?? []).sort((a, b) => a.getTime() - b.getTime());
  return { firstAt: times[0], lastAt: times.at(-1) };
}

/** A table's name may hold anything; a key is read by people and by shells. */
const safe = (source: string): string => source.replace(/[^\w.-]+/g, '_');

/** Deletes objects that were kept for so many months. Only what this program wrote and entered is ever touched. */
export async function pruneArchives(
  { ops, store }: Archive,
  { at, months }: { at: Date; months: number },
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (;;) {
    const entries = await prunableEntries(ops, at, months);
    for (const { objectKey } of entries) {
      signal.throwIfAborted();
      await store.remove(`${objectKey}.json`);
      await store.remove(objectKey);
      await entryPruned(ops, objectKey);
      count += 1;
    }
    if (entries.length === 0) return count;
  }
}
