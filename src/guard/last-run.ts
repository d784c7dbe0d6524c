import type { Queryable } from '../clients/postgres.ts';
import type { BackupRun } from './backup-watch.ts';

/** The newest run of a job that was more than a preview, as it recorded itself. */
export async function readLastRun(ops: Queryable, scheduleId: string): Promise<BackupRun | undefined> {
  const [row] = await ops.query<{
    workflowId: string;
    runId: string;
    at: Date;
    outcome: BackupRun['outcome'];
    errorType: string | null;
  }>(
    `select workflow_id as "workflowId", run_id as "runId", started_at as at, outcome, error_type as "errorType"
       from ops.runs where schedule_id = $1 and mode = 'armed' order by started_at desc limit 1`,
    [scheduleId],
  );
  return row && { ...row, at: row.at.toISOString(), errorType: row.errorType ?? undefined };
}
