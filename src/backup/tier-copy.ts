import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { copyObject } from '../vault/index.ts';
import { readFolders, type FolderFiles } from './folder.ts';
import { GUIDE, MANIFEST, RESTORE_LIST, SUMS, sumsFile } from './layout.ts';
import type { ObjectFacts } from './manifest.ts';

export interface TierCopyOptions {
  store: ObjectStore;
  from: string;
  to: string;
  /** What the manifest says that the folder holds. */
  objects: readonly ObjectFacts[];
  signal: AbortSignal;
}

const filesOf = async (store: ObjectStore, folder: string): Promise<FolderFiles> =>
  (await readFolders(store, `${folder}/`)).get(folder) ?? new Map();

/** The guide names the folder that it lies in: in another tier it would lead to one that is soon gone. */
async function copyGuide({ store, from, to }: TierCopyOptions): Promise<void> {
  const body = await store.get(`${from}/${GUIDE}`);
  if (!body) return;
  const text = Buffer.concat((await body.toArray()) as Buffer[]).toString('utf8');
  await store.put(`${to}/${GUIDE}`, text.replaceAll(from, to), 'text/markdown; charset=utf-8');
}

/**
 * Copies a backup into another tier, its manifest last: until then the copy is none. Whatever an interrupted copy
 * already brought over stays and is not copied again: objects of one name in folders of one id are never changed.
 */
export async function copyBackup(options: TierCopyOptions): Promise<void> {
  const { store, from, to, objects, signal } = options;
  const before = await filesOf(store, to);
  for (const { name, bytes } of objects) {
    signal.throwIfAborted();
    if (before.get(name)?.bytes !== bytes)
      await copyObject(store, `${from}/${name}`, `${to}/${name}`, signal);
  }
  await store.put(`${to}/${SUMS}`, sumsFile({ objects: [...objects] }), 'text/plain; charset=utf-8');
  await copyGuide(options);
  if ((await filesOf(store, from)).has(RESTORE_LIST))
    await copyObject(store, `${from}/${RESTORE_LIST}`, `${to}/${RESTORE_LIST}`, signal);

  const after = await filesOf(store, to);
  for (const { name, bytes } of objects) {
    const found = after.get(name)?.bytes;
    if (found !== bytes)
      throw ApplicationFailure.retryable(
        `${store.url(to)}/${name} has ${String(found ?? 0)} bytes after copying instead of ${String(bytes)}`,
        'CopyIncomplete',
      );
  }
  signal.throwIfAborted();
  await copyObject(store, `${from}/${MANIFEST}`, `${to}/${MANIFEST}`, signal);
}

/** Another run may have copied the backup, and let its source go, while this one was at it. */
export const isCopied = async (store: ObjectStore, to: string): Promise<boolean> =>
  (await filesOf(store, to)).has(MANIFEST);
