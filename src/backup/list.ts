import type { ObjectStore } from '../clients/object-store.ts';
import { TIERS, type Tier } from '../shared/calendar.ts';
import { listFolders, readManifest } from './folder.ts';
import { backupIdOf, DAILY, dueAtOf, folderIn } from './layout.ts';
import { dumpFacts, isProven, totalRows, type Manifest } from './manifest.ts';

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
  /** Where it lies, the first of them being `location`. */
  tiers: Tier[];
  /** Parts that could not be taken. */
  lacks: string[];
  /** Why its manifest says nothing of it; it counts as not proven, and the figures above are empty. */
  unreadable?: string;
}

/** The tiers of each complete backup by its id, daily first; what has no manifest is no backup. */
async function tiersOfBackups(store: ObjectStore): Promise<Map<string, Tier[]>> {
  const found = new Map<string, Tier[]>();
  for (const tier of TIERS)
    for (const [folder, { complete }] of await listFolders(store, `${tier}/`)) {
      const id = backupIdOf(folder);
      if (complete) found.set(id, [...(found.get(id) ?? []), tier]);
    }
  return found;
}

/** From the first tier that still has it: retention may delete one while we read. */
async function readFirst(
  store: ObjectStore,
  backupId: string,
  tiers: readonly Tier[],
): Promise<{ folder: string; manifest: Manifest } | undefined> {
  for (const tier of tiers) {
    const folder = folderIn(tier, backupId);
    const manifest = await readManifest(store, folder);
    if (manifest) return { folder, manifest };
  }
  return undefined;
}

async function describe(
  store: ObjectStore,
  backupId: string,
  tiers: Tier[],
): Promise<ListedBackup | undefined> {
  try {
    const found = await readFirst(store, backupId, tiers);
    if (!found) return undefined;
    const { folder, manifest } = found;
    return {
      backupId,
      takenAt: manifest.takenAt,
      database: manifest.source.database,
      proof: manifest.proof.result,
      restoreSeconds: manifest.proof.restoreSeconds,
      tables: manifest.tables.length,
      rows: totalRows(manifest),
      storedBytes: dumpFacts(manifest).bytes,
      location: store.url(folder),
      lacks: (manifest.parts ?? []).filter(({ object }) => !object).map(({ part }) => part),
      tiers: tiers.filter(
        (tier) => TIERS.indexOf(tier) >= TIERS.findIndex((t) => folder.startsWith(`${t}/`)),
      ),
    };
  } catch (error) {
    const { type, message } = error as { type?: string; message: string };
    // One damaged manifest must not hide the other backups from someone who needs one now.
    if (type !== 'ManifestUnreadable') throw error;
    return {
      ...{ backupId, takenAt: dueAtOf(backupId).toISOString(), database: '', proof: 'not proven' },
      ...{ tables: 0, rows: 0, storedBytes: 0, location: store.url(folderIn(tiers[0] ?? 'daily', backupId)) },
      ...{ tiers, lacks: [], unreadable: message },
    };
  }
}

/** Every complete backup in the bucket, the newest first, once however many tiers it lies in. */
export async function listBackups(store: ObjectStore): Promise<ListedBackup[]> {
  const backups: ListedBackup[] = [];
  for (const [backupId, tiers] of await tiersOfBackups(store)) {
    const listed = await describe(store, backupId, tiers);
    if (listed) backups.push(listed);
  }
  return backups.sort((a, b) => Date.parse(b.takenAt) - Date.parse(a.takenAt));
}

const listProven = async (store: ObjectStore): Promise<ListedBackup[]> =>
  (await listBackups(store)).filter(({ proof }) => isProven({ result: proof }));

async function open(
  store: ObjectStore,
  backupId: string,
  tiers: readonly Tier[],
): Promise<{ folder: string; manifest: Manifest }> {
  const found = await readFirst(store, backupId, tiers);
  if (!found) throw new Error(`${store.url(folderIn(tiers[0] ?? 'daily', backupId))} has lost its manifest`);
  return found;
}

/** The one backup that `wanted` names: `latest` (the newest proven one), an id, or the beginning of one id only. */
export async function findBackup(
  store: ObjectStore,
  wanted: string,
): Promise<{ folder: string; manifest: Manifest }> {
  if (wanted === 'latest') {
    const [newest] = await listProven(store);
    if (!newest) throw new Error(`there is no proven backup under ${store.url(DAILY)}: talos backup list`);
    return open(store, newest.backupId, newest.tiers);
  }
  const all = await tiersOfBackups(store);
  const ids = [...all.keys()].filter((id) => id.startsWith(wanted));
  const [id] = ids;
  if (!id) throw new Error(`there is no backup '${wanted}' under ${store.url('')}: talos backup list`);
  if (ids.length > 1)
    throw new Error(`'${wanted}' is the beginning of ${String(ids.length)} backups: ${ids.join(', ')}`);
  return open(store, id, all.get(id) ?? []);
}

/** The newest proven backup that was taken at an instant or before it. */
export async function findBackupAt(
  store: ObjectStore,
  at: Date,
): Promise<{ folder: string; manifest: Manifest }> {
  const proven = await listProven(store);
  const found = proven.find(({ takenAt }) => Date.parse(takenAt) <= at.getTime());
  if (found) return open(store, found.backupId, found.tiers);
  const oldest = proven.at(-1);
  throw new Error(
    oldest
      ? `no proven backup was taken at ${at.toISOString()} or before; the oldest is ${oldest.backupId}, taken at ${oldest.takenAt}`
      : `there is no proven backup under ${store.url('')}: talos backup list`,
  );
}
