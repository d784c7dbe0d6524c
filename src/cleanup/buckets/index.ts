/** Files of one folder of a Supabase Storage bucket, by age. */
import type { StoredFile, SupabaseStorage } from '../../clients/supabase-storage.ts';
import { shown } from '../files/refused.ts';
import type { Found, RemoveContext, Removed, Source } from '../source.ts';
import { assertFolder, judge } from './guard.ts';

interface Settings {
  bucket: string;
  /** A folder within the bucket, with a / at its end. */
  prefix: string;
  /** Days since the last change. */
  keepDays: number;
  /** Where it is named, for whoever must mend it: `cleanup.temporaryFiles.buckets`. */
  setting: string;
}

const DAY_MS = 86_400_000;
const SAMPLES = 5;
/** To look at: what a page holds at the most, but for the room that awkward names need. */
const PAGE = 900;
/** To delete: a page and its deletion are one request each, at once, so that little can happen between them. */
const BATCH = 100;

export const createBucketSource = (storage: SupabaseStorage, settings: Settings): Source => {
  const { bucket, prefix, setting } = settings;
  const guarded = <Result>(work: () => Promise<Result>): Promise<Result> =>
    Promise.resolve()
      .then(() => assertFolder(bucket, prefix, setting))
      .then(work);
  return {
    name: `storage:${bucket}/${prefix}`,
    kind: 'bucket',
    check: (signal) =>
      guarded(async () => {
        await storage.checkBucket(bucket, signal);
        return [];
      }),
    find: (at, signal) => guarded(() => find(storage, settings, at, signal)),
    remove: (context) => guarded(() => remove(storage, settings, context)),
  };
};

/** Never later than our own clock allows, whatever the run's instant is. */
const changedBefore = (at: Date, keepDays: number): Date =>
  new Date(Math.min(at.getTime(), Date.now()) - keepDays * DAY_MS);

/** What expired of a page; the reasons for what else was left are added up. */
function expiredOf(
  files: readonly StoredFile[],
  { prefix }: Settings,
  before: Date,
  left: Record<string, number>,
): StoredFile[] {
  return files.filter((file) => {
    const verdict = judge(file, prefix, before);
    if (verdict === 'outside' || verdict === 'undated') left[verdict] = (left[verdict] ?? 0) + 1;
    return verdict === 'expired';
  });
}

const leftOf = (left: Record<string, number>) => (Object.keys(left).length > 0 ? { left } : {});

async function find(
  storage: SupabaseStorage,
  settings: Settings,
  at: Date,
  signal: AbortSignal,
): Promise<Found> {
  const { bucket, prefix, keepDays } = settings;
  const before = changedBefore(at, keepDays);
  const left: Record<string, number> = {};
  const found: Found = { count: 0, bytes: 0, samples: [], warnings: [] };
  for await (const files of storage.files(bucket, prefix, { pageSize: PAGE, signal }))
    for (const { name, changedAt, bytes = 0 } of expiredOf(files, settings, before, left)) {
      const changed = changedAt?.toISOString() ?? '';
      found.count += 1;
      found.bytes = (found.bytes ?? 0) + bytes;
      if (found.oldest === undefined || changed < found.oldest) found.oldest = changed;
      if (found.newest === undefined || changed > found.newest) found.newest = changed;
      if (found.samples.length < SAMPLES) found.samples.push(shown(name.slice(prefix.length)));
    }
  return { ...found, ...leftOf(left) };
}

/**
 * Storage deletes by name alone. So that a file which is replaced by a new one of its name is not taken for the old one,
 * each page is deleted from as soon as it was read: what is uploaded in that moment, as long as one request, goes too.
 * A successor begins again, as a place to go on from would be a file's name, which may be a person's; what is gone is
 * not listed again.
 */
async function remove(
  storage: SupabaseStorage,
  settings: Settings,
  { at, signal, progress, before: last, deadline }: RemoveContext,
): Promise<Removed> {
  const { bucket, prefix, keepDays } = settings;
  const before = changedBefore(at, keepDays);
  const left: Record<string, number> = {};
  let count = last?.count ?? 0;
  let bytes = last?.bytes ?? 0;
  const result = (finished: boolean): Removed => ({ count, bytes, ...leftOf(left), warnings: [], finished });
  for await (const files of storage.files(bucket, prefix, { pageSize: BATCH, signal })) {
    signal.throwIfAborted();
    if (Date.now() > deadline.getTime()) return result(false);
    const expired = new Map(expiredOf(files, settings, before, left).map((file) => [file.name, file]));
    const gone = await deleteAll(storage, bucket, [...expired.keys()], signal);
    count += gone.length;
    bytes += gone.reduce((sum, name) => sum + (expired.get(name)?.bytes ?? 0), 0);
    // Asked for, and not said to be gone: somebody was faster, or Storage would not.
    const unconfirmed = expired.size - gone.length;
    if (unconfirmed > 0) left['unconfirmed'] = (left['unconfirmed'] ?? 0) + unconfirmed;
    progress({ count, bytes });
  }
  return result(true);
}

/** A page may be longer than a batch where awkward names made it so. */
async function deleteAll(
  storage: SupabaseStorage,
  bucket: string,
  names: readonly string[],
  signal: AbortSignal,
): Promise<string[]> {
  const gone: string[] = [];
  for (let from = 0; from < names.length; from += BATCH)
    gone.push(...(await storage.remove(bucket, names.slice(from, from + BATCH), signal)));
  return gone;
}
