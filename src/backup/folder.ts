import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { DUMP, folderOf, MANIFEST } from './layout.ts';
import type { Manifest } from './manifest.ts';

/**
 * Removes all that we wrote into a folder: open uploads first, so that none can still become an object. Rejects with
 * `ObjectLocked` when the store still guards the backup; it is whole then, because the manifest is guarded too.
 */
export async function removeFolder(store: ObjectStore, folder: string): Promise<void> {
  for (const upload of await store.openUploads(`${folder}/`))
    if (folderOf(upload.key) === folder) await store.abortUpload(upload);
  const keys: string[] = [];
  for await (const { key } of store.list(`${folder}/`)) if (folderOf(key) === folder) keys.push(key);
  // The manifest goes first: half a removal must not leave something that calls itself a backup.
  keys.sort((a, b) => Number(b.endsWith(MANIFEST)) - Number(a.endsWith(MANIFEST)));
  for (const key of keys) await store.remove(key);
}

/** What every reader of a manifest relies on; a file that lacks it was not written by us as it is now. */
const isManifest = (value: unknown): value is Manifest => {
  const { backupId, takenAt, source, objects, tables, proof } = (value ?? {}) as Partial<Manifest>;
  return (
    typeof backupId === 'string' &&
    typeof takenAt === 'string' &&
    typeof source?.database === 'string' &&
    typeof proof?.result === 'string' &&
    Array.isArray(tables) &&
    Array.isArray(objects) &&
    objects.some(({ name }) => name === DUMP)
  );
};

/** Undefined when there is none; rejects with `ManifestUnreadable`, which names the object. */
export async function readManifest(store: ObjectStore, folder: string): Promise<Manifest | undefined> {
  const body = await store.get(`${folder}/${MANIFEST}`);
  if (!body) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const unreadable = (why: string): ApplicationFailure =>
    ApplicationFailure.nonRetryable(`${store.url(folder)}/${MANIFEST} ${why}`, 'ManifestUnreadable');
  let content: unknown;
  try {
    content = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw unreadable(`cannot be read: ${error instanceof Error ? error.message : 'no JSON'}`);
  }
  const { format } = (content ?? {}) as { format?: unknown };
  if (format !== 1) throw unreadable(`has format ${JSON.stringify(format)}; this version reads format 1`);
  if (!isManifest(content)) throw unreadable('lacks what makes it a manifest');
  return content;
}

/** What of ours a folder holds, by file name. */
export type FolderFiles = Map<string, { bytes: number; modifiedAt: Date }>;

/** Our folders under a prefix; objects that are not ours are left out. */
export async function readFolders(store: ObjectStore, prefix: string): Promise<Map<string, FolderFiles>> {
  const folders = new Map<string, FolderFiles>();
  for await (const { key, bytes, modifiedAt } of store.list(prefix)) {
    const folder = folderOf(key);
    if (!folder) continue;
    const files = folders.get(folder) ?? (new Map() as FolderFiles);
    folders.set(folder, files.set(key.slice(folder.length + 1), { bytes, modifiedAt }));
  }
  return folders;
}

/** Our folders under a prefix, and which of them are complete. */
export async function listFolders(
  store: ObjectStore,
  prefix: string,
): Promise<Map<string, { complete: boolean }>> {
  const folders = await readFolders(store, prefix);
  return new Map(
    [...folders].map(([folder, files]) => [folder, { complete: files.has(MANIFEST) && files.has(DUMP) }]),
  );
}

/**
 * Clears what earlier attempts of this run left (a killed worker, a lost connection), and returns the backup that one
 * of them completed just before it was lost, if any: it is then the run's result, and not made a second time.
 */
export async function settleEarlierAttempts(
  store: ObjectStore,
  prefix: string,
): Promise<Manifest | undefined> {
  for (const upload of await store.openUploads(prefix)) await store.abortUpload(upload);
  let completed: Manifest | undefined;
  for (const [folder, { complete }] of await listFolders(store, prefix)) {
    // Asked for by its name: a listing with a hole must not cost a backup.
    const manifest = await readManifest(store, folder);
    if (!manifest) await removeFolder(store, folder);
    else if (complete) completed = manifest;
  }
  return completed;
}
