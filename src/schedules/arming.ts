import type { Queryable } from '../clients/postgres.ts';
import { databaseId } from '../database/index.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { rowOf } from './rows.ts';

export type Mode = 'armed' | 'observe';

export interface ArmingDatabases {
  ops: Queryable;
  app: Queryable;
}

/** A run in observe mode that ended well: what an armed run would have done. */
export interface Preview {
  workflowId: string;
  runId: string;
  at: Date;
  result: unknown;
}

/**
 * Jobs that touch customers or delete only observe until they are armed, for one application database: another one
 * (re-pointed, or a restored copy) has another id, and they observe again. The other jobs are always armed, and
 * this asks no database about them: an alert must leave while one is down.
 */
export async function modeOf(scheduleId: ScheduleId, { ops, app }: ArmingDatabases): Promise<Mode> {
  if (!rowOf(scheduleId).observe) return 'armed';
  const armed = await ops.query('select 1 from ops.arming where schedule_id = $1 and database_id = $2', [
    scheduleId,
    await databaseId(app),
  ]);
  return armed.length > 0 ? 'armed' : 'observe';
}

/** The newest one made on the application's database as it is now. */
export async function lastPreview(
  { ops, app }: ArmingDatabases,
  scheduleId: ScheduleId,
): Promise<Preview | undefined> {
  const [preview] = await ops.query<Preview>(
    `select workflow_id as "workflowId", run_id as "runId", finished_at as at, result
       from ops.runs
      where schedule_id = $1 and mode = 'observe' and outcome = 'succeeded' and database_id = $2
      order by started_at desc limit 1`,
    [scheduleId, await databaseId(app)],
  );
  return preview;
}

/** For the record of a run; undefined for jobs that are always armed. */
export const databaseOf = async (scheduleId: ScheduleId, app: Queryable): Promise<string | undefined> =>
  rowOf(scheduleId).observe ? await databaseId(app) : undefined;

export interface Arming {
  scheduleId: ScheduleId;
  /** Who answers for it. */
  by: string;
  preview?: Preview;
}

/** Arms a job for the application database as it is now. Repeating it renews who, when and for which database. */
export async function arm({ ops, app }: ArmingDatabases, { scheduleId, by, preview }: Arming): Promise<void> {
  await ops.query(
    `insert into ops.arming (schedule_id, armed_at, armed_by, preview_workflow_id, preview_run_id, database_id)
     values ($1, now(), $2, $3, $4, $5)
     on conflict (schedule_id) do update
        set armed_at = excluded.armed_at, armed_by = excluded.armed_by, database_id = excluded.database_id,
            preview_workflow_id = excluded.preview_workflow_id, preview_run_id = excluded.preview_run_id`,
    [scheduleId, by, preview?.workflowId ?? null, preview?.runId ?? null, await databaseId(app)],
  );
}

/** False when it was not armed. */
export async function disarm(ops: Queryable, scheduleId: ScheduleId): Promise<boolean> {
  const rows = await ops.query('delete from ops.arming where schedule_id = $1 returning 1', [scheduleId]);
  return rows.length > 0;
}
