/** What one backup holds, as `manifest.json` says it. Pure types and comparison-free facts; sizes in bytes. */

export interface TableFacts {
  schema: string;
  name: string;
  rows: number;
  /** Sum over all rows of a 64-bit hash of the row's text: independent of order, changes with any value. */
  digest: string;
}

/** Sequences are not part of a snapshot: two readings bound what a restore may show. */
export interface SequenceFacts {
  schema: string;
  name: string;
  /** Last value before and after the dump; the value before the first when never called. */
  before: string;
  after: string;
  increment: string;
  cycles: boolean;
  /** The column that owns the sequence, when there is one, and its largest value in the snapshot. */
  column?: { schema: string; table: string; name: string; max: string | null };
}

/** Names by kind of object (`indexes`, `policies`, …), sorted: a lost one can be named, not only counted. */
export type Catalogue = Record<string, string[]>;

export interface ObjectFacts {
  name: string;
  bytes: number;
  sha256: string;
  /** Bytes of the dump before compression and encryption. */
  rawBytes?: number;
}

export type ProofResult = 'proven' | 'not proven';

export interface Proof {
  result: ProofResult;
  /** Why it could not be proven here, when the reason is local (no tool, no disk). */
  reason?: string;
  /** What differs between the manifest and the restored copy; empty when proven. */
  differences: string[];
  /** Seconds from the bucket to a restored database: the measured RTO. */
  restoreSeconds?: number;
  /** Seconds of the whole proof, comparison included. */
  seconds?: number;
  checkedWith?: string[];
}

export interface Manifest {
  format: 1;
  backupId: string;
  /** Instant of the snapshot, ISO 8601. */
  takenAt: string;
  run: { workflowId: string; runId: string };
  source: {
    database: string;
    serverVersion: string;
    encoding: string;
    collate: string;
    ctype: string;
    /** Roles that own objects or hold grants: they must exist before a restore. Never passwords. */
    roles: string[];
  };
  tools: { pgDump: string };
  /** age public keys that open the objects, the operator's own. */
  recipients: string[];
  objects: ObjectFacts[];
  tables: TableFacts[];
  sequences: SequenceFacts[];
  catalogue: Catalogue;
  seconds: number;
  proof: Proof;
}

export const totalRows = (manifest: Pick<Manifest, 'tables'>): number =>
  manifest.tables.reduce((sum, table) => sum + table.rows, 0);

export const dumpFacts = (manifest: Pick<Manifest, 'objects'>): ObjectFacts => {
  const dump = manifest.objects.find(({ name }) => name === 'db.dump.zst.age');
  if (!dump) throw new Error('the manifest names no db.dump.zst.age');
  return dump;
};
