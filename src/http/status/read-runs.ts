/** What the jobs did, from `ops.runs`. */
import type { Queryable } from '../../clients/postgres.ts';

export interface Run {
  workflowId: string;
  runId: string;
  mode: 'armed' | 'observe' | 'dry-run';
  outcome: 'running' | 'succeeded' | 'failed' | 'skipped';
  startedAt: Date;
  finishedAt: Date | null;
  errorType: string | null;
  /** The brake holds it: it waits for a person's answer. */
  braked: boolean;
}

/** So many make the trend of a job's duration. */
export const SHOWN_RUNS = 20;

/** The last runs of each job, newest first: one walk of the index for each. */
export const RUNS = `
  select job.id as "scheduleId", run.workflow_id as "workflowId", run.run_id as "runId", run.mode, run.outcome,
         run.started_at as "startedAt", run.finished_at as "finishedAt", run.error_type as "errorType",
         run.outcome = 'running' and exists (
           select from ops.notifications where key = run.workflow_id || '/' || run.run_id || '/braked') as braked
    from unnest($1::text[]) as job(id)
   cross join lateral (select * from ops.runs where schedule_id = job.id order by started_at desc limit $2) as run
   order by job.id, run.started_at desc`;

export async function readRuns(ops: Queryable, ids: readonly string[]): Promise<Map<string, Run[]>> {
  const rows = await ops.query<Run & { scheduleId: string }>(RUNS, [ids, SHOWN_RUNS]);
  const runs = new Map<string, Run[]>(ids.map((id) => [id, []]));
  for (const { scheduleId, ...run } of rows) runs.get(scheduleId)?.push(run);
  return runs;
}

/** For which database each job is armed. */
export async function readArming(ops: Queryable): Promise<Map<string, string>> {
  const rows = await ops.query<{ id: string; database: string }>(
    'select schedule_id as id, database_id as database from ops.arming',
  );
  return new Map(rows.map(({ id, database }) => [id, database]));
}
