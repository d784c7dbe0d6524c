import type { ObjectStore } from '../clients/object-store.ts';
import { DUMP, GUIDE, MANIFEST, SUMS } from './layout.ts';
import { dumpFacts, totalRows, type Manifest, type Proof } from './manifest.ts';

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
}

export function summaryOf(manifest: Manifest, store: ObjectStore, folder: string): BackupSummary {
  const dump = dumpFacts(manifest);
  return {
    backupId: manifest.backupId,
    proven: manifest.proof.result === 'proven',
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
    keys: [DUMP, SUMS, GUIDE, MANIFEST].map((name) => `${folder}/${name}`),
  };
}
