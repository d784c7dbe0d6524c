import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { TIERS } from '../shared/calendar.ts';
import { readFolders, readManifest, type FolderFiles } from './folder.ts';
import { backupIdOf, MANIFEST } from './layout.ts';
import type { ObjectFacts, ProofResult } from './manifest.ts';
import type { TierBackup } from './retention.ts';

export interface HeldBackup extends TierBackup {
  folder: string;
  objects: readonly ObjectFacts[];
}

/** What retention needs of a manifest. The manifest itself may have megabytes, and is let go. */
interface Facts {
  takenAt: string;
  proof: ProofResult;
  objects: { name: string; bytes: number; sha256: string }[];
}

async function readFacts(store: ObjectStore, folder: string): Promise<Facts | undefined> {
  const manifest = await readManifest(store, folder);
  if (!manifest) return undefined;
  const { backupId, takenAt, proof, objects } = manifest;
  if (backupId !== backupIdOf(folder))
    throw ApplicationFailure.nonRetryable(
      `${store.url(folder)}/${MANIFEST} is the one of ${backupId}`,
      'ManifestUnreadable',
    );
  return {
    takenAt,
    proof: proof.result,
    objects: objects.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 })),
  };
}

const isWhole = (files: FolderFiles, { objects }: Facts): boolean =>
  objects.every(({ name, bytes }) => files.get(name)?.bytes === bytes);

/**
 * Reads which backups the bucket holds, all tiers, as often as it is called; each manifest once, because none changes.
 * A backup of which an object is missing or has another size counts as not proven, whatever its manifest says.
 */
export function inventoryReader(store: ObjectStore, signal: AbortSignal): () => Promise<HeldBackup[]> {
  const known = new Map<string, Facts>();
  return async () => {
    const backups: HeldBackup[] = [];
    for (const tier of TIERS)
      for (const [folder, files] of await readFolders(store, `${tier}/`)) {
        signal.throwIfAborted();
        if (!files.has(MANIFEST)) continue;
        const facts = known.get(folder) ?? (await readFacts(store, folder));
        if (!facts) continue;
        known.set(folder, facts);
        const { takenAt, objects } = facts;
        const proof = isWhole(files, facts) ? facts.proof : 'not proven';
        backups.push({ tier, backupId: backupIdOf(folder), takenAt, proof, folder, objects });
      }
    return backups;
  };
}
