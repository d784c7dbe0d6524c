import type { Postgres } from '../clients/postgres.ts';
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
