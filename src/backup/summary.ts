import type { ObjectStore } from '../clients/object-store.ts';
import { GUIDE, MANIFEST, RESTORE_LIST, SUMS } from './layout.ts';
import { dumpFacts, isProven, totalRows, type Manifest, type PartFacts, type Proof } from './manifest.ts';
import { hasProjectList } from './supabase.ts';

/** A backup as a person reads it: the workflow's result and the e-mail's data. Sizes in bytes, times in seconds. */
export interface BackupSummary {
  backupId: string;
  proven: boolean;
  proof: Proof;
  takenAt: string;
  database: string;
  serverVersion: string;
  tables: number;
  rows: number;
  rawBytes: number;
  storedBytes: number;
  seconds: number;
  location: string;
  keys: string[];
  /** False: a big database whose rows were only counted. */
  digests: boolean;
  parts: (Pick<PartFacts, 'part' | 'result' | 'entries' | 'warnings'> & { storedBytes?: number })[];
}

export function summaryOf(manifest: Manifest, store: ObjectStore, folder: string): BackupSummary {
  const dump = dumpFacts(manifest);
  const list = hasProjectList(manifest) ? [RESTORE_LIST] : [];
  return {
    backupId: manifest.backupId,
    proven: isProven(manifest.proof),
    proof: manifest.proof,
    takenAt: manifest.takenAt,
    database: manifest.source.database,
    serverVersion: manifest.source.serverVersion,
    tables: manifest.tables.length,
    rows: totalRows(manifest),
    rawBytes: dump.rawBytes ?? 0,
    storedBytes: dump.bytes,
    seconds: manifest.seconds,
    location: store.url(folder),
    keys: [...manifest.objects.map(({ name }) => name), ...list, SUMS, GUIDE, MANIFEST].map(
      (name) => `${folder}/${name}`,
    ),
    digests: manifest.tables.length === 0 || manifest.tables.some(({ digest }) => digest !== undefined),
    parts: (manifest.parts ?? []).map(({ part, object, result, entries, warnings }) => {
      const storedBytes = manifest.objects.find(({ name }) => name === object)?.bytes;
      return { part, result, warnings, entries, storedBytes };
    }),
  };
}
