import type { LockMode, ObjectStore } from '../clients/object-store.ts';
import { readFolders } from './folder.ts';
import { MANIFEST } from './layout.ts';

/** The store's answer to whoever removes a locked object, or would shorten its lock. */
export const isLocked = (error: unknown): boolean => (error as { type?: unknown }).type === 'ObjectLocked';

/**
 * Locks all objects of a complete backup. Only after its manifest is written: what a locked half-done attempt left
 * could not be cleared. The manifest goes first, so that a removal is refused before anything is gone, even when
 * this was cut short; the next retention locks the rest.
 */
export async function lockBackup(
  store: ObjectStore,
  folder: string,
  until: Date,
  mode: LockMode,
): Promise<void> {
  const names = [...((await readFolders(store, `${folder}/`)).get(folder)?.keys() ?? [])];
  names.sort((a, b) => Number(b === MANIFEST) - Number(a === MANIFEST));
  for (const name of names) {
    try {
      await store.lock(`${folder}/${name}`, until, mode);
    } catch (error) {
      // Locked for longer already, by a policy that kept more.
      if (!isLocked(error)) throw error;
    }
  }
}
