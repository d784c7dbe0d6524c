/** What one backup holds, as `manifest.json` says it. Pure types and comparison-free facts; sizes in bytes. */

export interface TableFacts {
  schema: string;
  name: string;
  rows: number;
  /**
   * Sum over all rows of a 64-bit hash of the row's text: independent of order, changes with any value.
   * Absent on the days on which a big database is only counted.
   */
  digest?: string;
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

/** `proven except`: all is equal but what cannot be restored here (an extension this PostgreSQL lacks), named one by one. */
export type ProofResult = 'proven' | 'proven except' | 'not proven';

/** Retention, the guard and `latest` count on a backup of which this is true; an unknown result does not count. */
export const isProven = ({ result }: { result: string }): boolean =>
  result === 'proven' || result === 'proven except';

export interface Proof {
  result: ProofResult;
  /** Why it could not be proven here, when the reason is local (no tool, no disk). */
  reason?: string;
  /** What could be neither restored nor compared here, and why: one line each. Set with `proven except`. */
  exceptions?: string[];
  /** What differs between the manifest and the restored copy; empty when proven. */
  differences: string[];
  /** Seconds from the bucket to a restored database: the measured RTO. */
  restoreSeconds?: number;
  /** Seconds of the whole proof, comparison included. */
  seconds?: number;
  checkedWith?: string[];
}

/** One object that cannot be restored without an extension or a table. */
export interface Dependent {
  /** As in the catalogue; other kinds only stand in the dump's table of contents. */
  kind: string;
  name: string;
  /** What `pg_restore -l` shows of it: the catalogue's and the object's oid, `1259 16394`. */
  entry: string;
}

/** What a database held in the snapshot of its dump. */
export interface DatabaseContent {
  tables: TableFacts[];
  sequences: SequenceFacts[];
  catalogue: Catalogue;
  /** By extension: what falls with it where it is missing. Under `left out of the dump`: what falls with `leftOut`. */
  dependents?: Record<string, Dependent[]>;
  /** Tables that the role may not read and the service keeps to itself (Supabase's own): not in the dump. */
  leftOut?: string[];
}

export interface SourceDescription {
  database: string;
  serverVersion: string;
  encoding: string;
  collate: string;
  ctype: string;
  /** Roles that own objects or hold grants: they must exist before a restore. Never passwords. */
  roles: string[];
}

/** Something stored beside the main database: `globals`, `files`, `operations`, `temporal`, `n8n`, … */
export interface PartFacts {
  part: string;
  /** Name of its object in the folder; absent when it could not be taken. */
  object?: string;
  /** `read back`: decrypted and decompressed to its end, and as written. `failed`: not taken, `warnings` say why. */
  result: ProofResult | 'read back' | 'failed';
  /** What a person should know of it, with the mend. */
  warnings: string[];
  /** Files in an archive. */
  entries?: number;
  /** Of a database: what it held, for the comparison after a restore. */
  database?: DatabaseContent & { source: SourceDescription; takenAt: string; proof: Proof };
}

export interface Manifest extends DatabaseContent {
  format: 1;
  backupId: string;
  /** Instant of the snapshot, ISO 8601. */
  takenAt: string;
  run: { workflowId: string; runId: string };
  source: SourceDescription;
  tools: { pgDump: string };
  /** age public keys that open the objects, the operator's own. */
  recipients: string[];
  objects: ObjectFacts[];
  /** What lies beside the main database; absent in backups of earlier versions. */
  parts?: PartFacts[];
  /** Of a Supabase project: false when the dump could not be read back to make `restore.list` of it. */
  restoreList?: boolean;
  /** Seconds until the dump was stored. */
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
