/** Rows that are kept in the bucket before they leave their table (LG4), and the week's logs (BS2). */
import { createHash } from 'node:crypto';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Postgres } from '../../clients/postgres.ts';
import { checkFence, fenced, isTakenOver, type Fence } from './fence.ts';
import {
  entryAbandoned,
  entryPruned,
  entryVerified,
  planEntry,
  prunableEntries,
  type Entry,
} from './journal.ts';
import { manifestKey, storeProven, writeManifest, type ArchiveTarget, type Lines } from './object.ts';

export { checkFence, takeOver, type Fence } from './fence.ts';
export {
  entryAt,
  entryGone,
  entryPruned,
  goneInRun,
  openEntries,
  type Entry,
  type OpenEntry,
  type Pending,
} from './journal.ts';
export { lineOf, manifestKey, writeManifest, type ArchiveTarget, type Lines } from './object.ts';

export interface Archive extends ArchiveTarget {
  ops: Postgres;
}

/** What becomes one object. */
export interface Segment {
  /** Quoted name of the table or partition. */
  relation: string;
  rows: number;
  lines: Iterable<Lines> | AsyncIterable<Lines>;
  firstAt: Date | null;
  lastAt: Date | null;
  /** JSON: an array of `Pending`. */
  pending: () => string;
}

/** Where archives stand in the bucket. */
export const ARCHIVE_PREFIX = 'logs/important';

/** A table's name may hold anything; a key is read by people and by shells. */
export const safe = (source: string): string => source.replace(/[^\w.-]+/g, '_');

/**
 * The key of a batch: of its rows and of the attempt that they belong to. No other attempt ever writes or removes it, so
 * that a late upload of a slow one meets nobody's object.
 */
export function keyOf({ source, epoch }: Fence, { pending, firstAt }: Segment): string {
  const hash = createHash('sha256').update(pending()).digest('hex').slice(0, 16);
  const day = (firstAt ?? new Date(0)).toISOString().slice(0, 10);
  return `${ARCHIVE_PREFIX}/${safe(source)}/${day}-${hash}-${String(epoch)}.ndjson.zst.age`;
}

/** Makes one object of rows and proves it; only then, and only by this attempt, may they be deleted. */
export async function archiveRows(
  archive: ArchiveTarget,
  fence: Fence,
  segment: Segment,
  { objectKey, source, signal }: { objectKey: string; source: string; signal: AbortSignal },
): Promise<Entry> {
  const { relation, rows, firstAt, lastAt, lines } = segment;
  await planEntry(fence, { objectKey, relation, rows, firstAt, lastAt });
  const target = { ...archive, store: fenced(archive.store, fence) };
  // Best effort: the journal has it, and whoever comes next removes it too.
  const discard = async (error: unknown): Promise<never> => {
    await archive.store.remove(objectKey).catch(() => undefined);
    // To one that has been succeeded a missing upload or object is no fault of the bucket.
    await checkFence(fence);
    throw error;
  };
  const verified = await storeProven(target, objectKey, lines, signal).catch(discard);
  const entry = await entryVerified(fence, objectKey, verified, segment.pending()).catch((error: unknown) =>
    // After any other failure it may be entered, and then its rows may go: the object stays.
    isTakenOver(error) ? discard(error) : Promise.reject(error as Error),
  );
  await writeManifest(archive.store, entry, source);
  return entry;
}

/** What an earlier attempt did not come to prove counts for nothing: its rows are still there, and found again. */
export async function abandon(store: ObjectStore, fence: Fence, objectKey: string): Promise<void> {
  for (const upload of await store.openUploads(objectKey)) await store.abortUpload(upload);
  await store.remove(objectKey);
  await entryAbandoned(fence, objectKey);
}

/**
 * Deletes objects that were kept for so many months, and once more those that never counted: a slow attempt may have
 * written one after it was abandoned. Only what this program wrote and entered is ever touched.
 */
export async function pruneArchives(
  { ops, store }: Archive,
  { at, months }: { at: Date; months: number },
  signal: AbortSignal,
): Promise<number> {
  let count = 0;
  for (;;) {
    const entries = await prunableEntries(ops, `${ARCHIVE_PREFIX}/`, at, months);
    for (const { objectKey, abandoned } of entries) {
      signal.throwIfAborted();
      await store.remove(manifestKey(objectKey));
      await store.remove(objectKey);
      await entryPruned(ops, objectKey);
      if (!abandoned) count += 1;
    }
    if (entries.length === 0) return count;
  }
}
