import type { ObjectStore } from '../clients/object-store.ts';
import type { ToolOptions } from '../tools/index.ts';
import { findFittingKey, type OperatorKey } from './keys.ts';
import { backupIdOf } from './layout.ts';
import { findBackup } from './list.ts';
import type { Proof } from './manifest.ts';
import { checkObject, checkSmallFiles } from './stored.ts';
import { restoreAndCompare, verifyParts, type VerifiedPart } from './verify-parts.ts';

export interface VerifyOptions {
  store: ObjectStore;
  /** An id, the beginning of one, or `latest`. */
  wanted: string;
  /** Without any, only what is stored is checked. */
  keys?: readonly OperatorKey[];
  tools: ToolOptions;
  workDir: string;
  verifyDatabaseUrl?: string;
  signal: AbortSignal;
  onProgress: (line: string) => void;
}

export interface VerifyReport {
  backupId: string;
  takenAt: string;
  database: string;
  location: string;
  /** What is stored is what was written; with a key, also: it was restored, and is equal to its manifest. */
  good: boolean;
  differences: string[];
  bytesRead: number;
  /** With a key, when what is stored is whole: of the main database. */
  proof?: Proof;
  /** With a key: what lies beside it. */
  parts?: VerifiedPart[];
}

/** Checks one backup in the bucket, whole; what is wrong with it is a result, trouble on the way is thrown. */
export async function verifyBackup(options: VerifyOptions): Promise<VerifyReport> {
  const { store, keys } = options;
  const { folder, manifest } = await findBackup(store, options.wanted);
  const { takenAt, source } = manifest;
  const differences = await checkSmallFiles(store, folder, manifest);
  // A key that does not fit is said before terabytes are read.
  const found = keys && (await findFittingKey(store, folder, manifest, keys));
  if (found && 'problem' in found) differences.push(found.problem);
  let bytesRead = 0;
  for (const object of found && 'problem' in found ? [] : manifest.objects) {
    const checked = await checkObject(options, folder, object);
    bytesRead += checked.bytes;
    differences.push(...checked.differences);
  }
  let proof: Proof | undefined;
  let parts: VerifiedPart[] | undefined;
  if (differences.length === 0 && found && 'key' in found) {
    const opened = { folder, manifest, identity: found.key.identity };
    proof = await restoreAndCompare(options, opened);
    const beside = await verifyParts(options, opened);
    differences.push(...proof.differences, ...beside.differences);
    parts = beside.parts;
  }
  const good = differences.length === 0 && proof?.result !== 'not proven';
  const what = { backupId: backupIdOf(folder), takenAt, database: source.database };
  return { ...what, location: store.url(folder), good, differences, bytesRead, proof, parts };
}
