import type { ObjectStore } from '../clients/object-store.ts';
import { listFolders, readManifest } from './folder.ts';
import { backupIdOf, DAILY } from './layout.ts';
import { dumpFacts, totalRows, type Manifest } from './manifest.ts';

export interface ListedBackup {
  backupId: string;
  takenAt: string;
  database: string;
  proof: Manifest['proof']['result'];
  restoreSeconds?: number;
  tables: number;
  rows: number;
  storedBytes: number;
  location: string;
}

/** Every complete backup in the bucket, the newest first; what has no manifest is no backup. */
export async function listBackups(store: ObjectStore): Promise<ListedBackup[]> {
  const backups: ListedBackup[] = [];
  for (const [folder, { complete }] of await listFolders(store, DAILY)) {
    const manifest = complete ? await readManifest(store, folder) : undefined;
    if (!manifest) continue;
    backups.push({
      backupId: manifest.backupId,
      takenAt: manifest.takenAt,
      database: manifest.source.database,
      proof: manifest.proof.result,
      restoreSeconds: manifest.proof.restoreSeconds,
      tables: manifest.tables.length,
      rows: totalRows(manifest),
      storedBytes: dumpFacts(manifest).bytes,
      location: store.url(folder),
    });
  }
  return backups.sort((a, b) => b.takenAt.localeCompare(a.takenAt));
}

/** The one backup that `wanted` names: `latest` (the newest proven one), an id, or the beginning of one id only. */
export async function findBackup(
  store: ObjectStore,
  wanted: string,
): Promise<{ folder: string; manifest: Manifest }> {
  const ids: string[] = [];
  if (wanted === 'latest') {
    const newest = (await listBackups(store)).find(({ proof }) => proof === 'proven');
    if (!newest) throw new Error(`there is no proven backup under ${store.url(DAILY)}: talos backup list`);
    ids.push(newest.backupId);
  } else {
    for (const [folder, { complete }] of await listFolders(store, DAILY))
      if (complete && backupIdOf(folder).startsWith(wanted)) ids.push(backupIdOf(folder));
  }
  const [id] = ids;
  if (!id) throw new Error(`there is no backup '${wanted}' under ${store.url(DAILY)}: talos backup list`);
  if (ids.length > 1)
    throw new Error(`'${wanted}' is the beginning of ${String(ids.length)} backups: ${ids.join(', ')}`);
  const folder = `${DAILY}${id}`;
  const manifest = await readManifest(store, folder);
  if (!manifest) throw new Error(`${store.url(folder)} has lost its manifest`);
  return { folder, manifest };
}
