import type { ObjectStore, OpenUpload } from '../clients/object-store.ts';
import type { Tier } from '../shared/calendar.ts';
import { readFolders, removeFolder, type FolderFiles } from './folder.ts';
import { backupIdOf, dueAtOf, folderOf, MANIFEST, runEnd, runEndOf } from './layout.ts';
import { isLocked } from './lock.ts';

export interface Swept {
  /** Folders without a manifest, with all that lay in them. */
  folders: string[];
  /** Keys of uploads that nobody will end. */
  uploads: string[];
  /** Folders that the store still guards. */
  locked: string[];
}

export interface SweepOptions {
  now: Date;
  /** Of all runs that may still write; the caller asked Temporal. */
  liveRunIds: readonly string[];
  /** Younger ones stay: their run may have begun after the caller asked. */
  olderThanMs?: number;
}

const YOUNG_MS = 15 * 60_000;
/** A copy bears the name of its source's run and not of its own: only a long silence says that nobody is at it. */
const COPY_SILENCE_MS = 6 * 3_600_000;

/** By its own name: a listing with a hole must not cost a backup. */
async function hasManifest(store: ObjectStore, folder: string): Promise<boolean> {
  const body = await store.get(`${folder}/${MANIFEST}`);
  body?.destroy();
  return body !== undefined;
}

async function uploadsByFolder(store: ObjectStore, tier: Tier): Promise<Map<string, OpenUpload[]>> {
  const uploads = new Map<string, OpenUpload[]>();
  for (const upload of await store.openUploads(`${tier}/`)) {
    const folder = folderOf(upload.key);
    if (folder) uploads.set(folder, [...(uploads.get(folder) ?? []), upload]);
  }
  return uploads;
}

/** The last sign of life in a folder. A store that does not date uploads leaves the run's own date. */
function lastWriteMs(folder: string, files: FolderFiles, uploads: readonly OpenUpload[]): number {
  const due = dueAtOf(backupIdOf(folder));
  return Math.max(
    ...[...files.values()].map(({ modifiedAt }) => modifiedAt.getTime()),
    ...uploads.map(({ initiatedAt }) => (initiatedAt ?? due).getTime()),
  );
}

async function sweepTier(
  store: ObjectStore,
  tier: Tier,
  isOrphan: (folder: string, silentMs: number) => boolean,
  now: Date,
  swept: Swept,
): Promise<void> {
  // Uploads first: one that ends in between shows as an object, and a young one.
  const uploads = await uploadsByFolder(store, tier);
  const folders = await readFolders(store, `${tier}/`);
  for (const folder of new Set([...folders.keys(), ...uploads.keys()])) {
    const files = folders.get(folder) ?? (new Map() as FolderFiles);
    const open = uploads.get(folder) ?? [];
    if (files.has(MANIFEST) && open.length === 0) continue;
    if (!isOrphan(folder, now.getTime() - lastWriteMs(folder, files, open))) continue;
    for (const upload of open) {
      await store.abortUpload(upload);
      swept.uploads.push(upload.key);
    }
    if (files.size === 0 || (await hasManifest(store, folder))) continue;
    try {
      await removeFolder(store, folder);
      swept.folders.push(folder);
    } catch (error) {
      if (!isLocked(error)) throw error;
      swept.locked.push(folder);
    }
  }
}

/** Clears interrupted copies between the tiers, but for the folders that the caller is about to complete. */
export async function sweepCopies(
  store: ObjectStore,
  now: Date,
  wanted: ReadonlySet<string> = new Set(),
  silenceMs = COPY_SILENCE_MS,
): Promise<Swept> {
  const swept: Swept = { folders: [], uploads: [], locked: [] };
  const isOrphan = (folder: string, silentMs: number) => !wanted.has(folder) && silentMs >= silenceMs;
  for (const tier of ['weekly', 'monthly'] as const) await sweepTier(store, tier, isOrphan, now, swept);
  return swept;
}

/**
 * Removes what dead runs left: folders without a manifest, and open uploads (which cost as much as objects and that
 * no listing shows). Nothing of a living run, nothing young, no complete backup, and no key that is not ours.
 */
export async function sweepOrphans(store: ObjectStore, options: SweepOptions): Promise<Swept> {
  const { now, liveRunIds, olderThanMs = YOUNG_MS } = options;
  const live = new Set(liveRunIds.map(runEnd));
  const swept = await sweepCopies(store, now, new Set(), Math.max(olderThanMs, COPY_SILENCE_MS));
  await sweepTier(
    store,
    'daily',
    (folder, silentMs) => !live.has(runEndOf(backupIdOf(folder))) && silentMs >= olderThanMs,
    now,
    swept,
  );
  return swept;
}
