import type { Postgres, Queryable } from '../clients/postgres.ts';
import { dueAtOf } from './layout.ts';
import type { BackupSummary } from './summary.ts';

export interface ProofEntry {
  summary: BackupSummary;
  workflowId: string;
  runId: string;
}

/** Keeps how a backup's proof ended: what the guard, the failure e-mail and the status page ask for. */
export async function writeProof(ops: Postgres, { summary, workflowId, runId }: ProofEntry): Promise<void> {
  const { proof } = summary;
  await ops.query(
    `insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at, tables, rows,
                             stored_bytes, raw_bytes, backup_seconds, restore_seconds, detail)
     values ($1, $2, $3, $4, $5, now(), $6, $7, $8, $9, $10, $11, $12)
     on conflict (backup_id) do nothing`,
    [
      summary.backupId,
      workflowId,
      runId,
      summary.database,
      proof.result,
      summary.tables,
      summary.rows,
      summary.storedBytes,
      summary.rawBytes,
      summary.seconds,
      proof.restoreSeconds ?? null,
      JSON.stringify({
        reason: proof.reason,
        differences: proof.differences,
        checkedWith: proof.checkedWith,
      }),
    ],
  );
}

const SIZES_SHOWN = 30;

/** How large the last backups of a database were up to one, oldest first; by when each was due. */
export async function readSizes(
  ops: Queryable,
  { backupId, database }: { backupId: string; database: string },
): Promise<{ at: string; storedBytes: number; proven: boolean }[]> {
  // An id begins with the time at which the backup was due.
  const rows = await ops.query<{ id: string; bytes: number; proven: boolean }>(
    `select backup_id as id, stored_bytes::float8 as bytes, result <> 'not proven' as proven
       from ops.proofs where database_name = $1 and backup_id <= $2 order by backup_id desc limit $3`,
    [database, backupId, SIZES_SHOWN],
  );
  return rows
    .reverse()
    .map(({ id, bytes, proven }) => ({ at: dueAtOf(id).toISOString(), storedBytes: bytes, proven }));
}

export interface LastProven {
  backupId: string;
  /** ISO 8601. */
  at: string;
}

/** The newest proven backup; null when there is none. */
export async function readLastProven(ops: Postgres): Promise<LastProven | null> {
  const [row] = await ops.query<{ id: string; at: Date }>(
    `select backup_id as id, proved_at as at from ops.proofs where result <> 'not proven' order by proved_at desc limit 1`,
  );
  return row ? { backupId: row.id, at: row.at.toISOString() } : null;
}

export interface KeyCheckEntry {
  /** Public key of the private one that opened it. */
  recipient: string;
  backupId: string;
}

/** Keeps that a person's key opened a real backup: what the stored e-mail shows and the guard counts from. */
export async function writeKeyCheck(ops: Queryable, { recipient, backupId }: KeyCheckEntry): Promise<void> {
  await ops.query(
    `insert into ops.key_checks (recipient, backup_id, checked_at) values ($1, $2, clock_timestamp())
     on conflict do nothing`,
    [recipient, backupId],
  );
}

/**
 * When a key last opened a backup (ISO 8601); null when none ever did. With `recipients` only their keys count: one
 * that backups are no longer written for says nothing of tonight's.
 */
export async function readLastKeyCheck(
  ops: Queryable,
  recipients?: readonly string[],
): Promise<string | null> {
  const [row] = await ops.query<{ at: Date | null }>(
    `select max(checked_at) as at from ops.key_checks where $1::text[] is null or recipient = any ($1)`,
    [recipients ?? null],
  );
  return row?.at?.toISOString() ?? null;
}

/** When the first backup was recorded (ISO 8601), proven or not; null when there is none. */
export async function readFirstBackup(ops: Queryable): Promise<string | null> {
  const [row] = await ops.query<{ at: Date | null }>('select min(proved_at) as at from ops.proofs');
  return row?.at?.toISOString() ?? null;
}
