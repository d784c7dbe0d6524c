import type { ObjectStore } from '../clients/object-store.ts';
import { DUMP, folderOf, MANIFEST } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** Removes all that an attempt wrote: open uploads first, so that none can still become an object. */
export async function removeFolder(store: ObjectStore, folder: string): Promise<void> {
  for (const upload of await store.openUploads(`${folder}/`)) await store.abortUpload(upload);
  const keys: string[] = [];
  for await (const { key } of store.list(`${folder}/`)) if (folderOf(key) === folder) keys.push(key);
  // The manifest goes first: half a removal must not leave something that calls itself a backup.
  keys.sort((a, b) => Number(b.endsWith(MANIFEST)) - Number(a.endsWith(MANIFEST)));
  for (const key of keys) await store.remove(key);
}

export async function readManifest(store: ObjectStore, folder: string): Promise<Manifest | undefined> {
  const body = await store.get(`${folder}/${MANIFEST}`);
  if (!body) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk as Buffer);
  const manifest = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Manifest;
  if ((manifest.format as number) !== 1)
    throw new Error(
      `${store.url(folder)}/${MANIFEST} has format ${String(manifest.format)}; this version reads format 1`,
    );
  return manifest;
}

/** Our folders under a prefix, and which of them are complete; objects that are not ours are left out. */
export async function listFolders(
  store: ObjectStore,
  prefix: string,
): Promise<Map<string, { complete: boolean }>> {
  const names = new Map<string, Set<string>>();
  for await (const { key } of store.list(prefix)) {
    const folder = folderOf(key);
    if (folder) names.set(folder, (names.get(folder) ?? new Set()).add(key.slice(folder.length + 1)));
  }
  return new Map(
    [...names].map(([folder, files]) => [folder, { complete: files.has(MANIFEST) && files.has(DUMP) }]),
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
    if (complete) completed = (await readManifest(store, folder)) ?? completed;
    else await removeFolder(store, folder);
  }
  return completed;
}
