import { setTimeout as delay } from 'node:timers/promises';
import { Context, log } from '@temporalio/activity';
import { pingHeartbeat, type HeartbeatEvent } from '../clients/heartbeat.ts';
import type { Postgres } from '../clients/postgres.ts';
import type { ScheduleId } from '../shared/ids.ts';
import type { Amounts, BrakeHistory } from './brake.ts';

/** `observe` and `dry-run` change nothing. */
export type Mode = 'armed' | 'observe' | 'dry-run';

export interface ResolvedPolicy {
  mode: Mode;
  locale: 'fr' | 'en';
  /** The job's section of `maintenance.yaml` with the input's overrides; stays in the history. */
  settings: Record<string, unknown>;
  /** An outside service waits for a sign of life of this job. */
  heartbeat?: true;
}

export type HeartbeatId = ScheduleId | 'talos-guard';

export interface RunEntry {
  scheduleId: ScheduleId;
  scheduledAt: string;
  /** Undefined: by a run from before it was recorded. */
  startedAt?: string;
  mode: Mode;
  outcome: 'running' | 'succeeded' | 'failed';
  result?: object;
  errorType?: string;
}

export interface KitDeps {
  ops: Postgres;
  locale: 'fr' | 'en';
  /** Each job's section of `maintenance.yaml`. */
  sections: Partial<Record<ScheduleId, Record<string, unknown>>>;
  modeOf: (scheduleId: ScheduleId) => Promise<'armed' | 'observe'>;
  /** Fingerprint of the application's database, for jobs that observe until they are armed; else undefined. */
  databaseOf: (scheduleId: ScheduleId) => Promise<string | undefined>;
  /** Addresses to ping, by job. Each is a secret: it stays out of histories. */
  heartbeats: Partial<Record<HeartbeatId, string>>;
}

/** The application's database may hang. */
const DATABASE_MS = 3_000;
/** How many earlier runs the brake looks at. */
const RECENT = 8;

export const createKitActivities = ({ ops, locale, sections, modeOf, databaseOf, heartbeats }: KitDeps) => ({
  /**
   * Says what holds for this run: input, else `maintenance.yaml`, else the specification's default.
   * Idempotent because it only reads.
   */
  async resolvePolicy({
    scheduleId,
    overrides,
  }: {
    scheduleId: ScheduleId;
    overrides: object;
  }): Promise<ResolvedPolicy> {
    const { dryRun, ...settings } = overrides as Record<string, unknown>;
    return {
      mode: dryRun === true ? 'dry-run' : await modeOf(scheduleId),
      locale,
      settings: { ...sections[scheduleId], ...settings },
      ...(heartbeats[scheduleId] === undefined ? {} : { heartbeat: true }),
    };
  },

  /**
   * Tells the outside service of a job how it went. Never fails: whoever does not hear of us rings by itself. Idempotent
   * because a second ping says the same.
   */
  async pingOutside({ id, event }: { id: HeartbeatId; event: HeartbeatEvent }): Promise<void> {
    const url = heartbeats[id];
    if (url === undefined) return;
    const taken = await pingHeartbeat(url, event, Context.current().cancellationSignal);
    if (!taken) log.warn('the outside heartbeat was not taken', { id, event });
  },

  /**
   * What the last armed runs did, each run's `amounts`; until the first one has ended, also the preview that armed the
   * job. Idempotent because it only reads.
   */
  async readBrakeHistory(scheduleId: ScheduleId): Promise<BrakeHistory> {
    const { workflowExecution } = Context.current().info;
    const recent = await ops.query<{ amounts: Amounts }>(
      `select result -> 'amounts' as amounts from ops.runs
        where schedule_id = $1 and mode = 'armed' and outcome in ('succeeded', 'failed') and run_id <> $2
          and jsonb_typeof(result -> 'amounts') = 'object'
          and started_at >= (select armed_at from ops.arming where schedule_id = $1)
        order by started_at desc limit $3`,
      [scheduleId, workflowExecution?.runId ?? '', RECENT],
    );
    if (recent.length > 0) return { recent: recent.map(({ amounts }) => amounts) };
    const [preview] = await ops.query<{ amounts: Amounts | null }>(
      `select run.result -> 'amounts' as amounts
         from ops.arming
         join ops.runs run on (run.workflow_id, run.run_id) = (preview_workflow_id, preview_run_id)
        where arming.schedule_id = $1`,
      [scheduleId],
    );
    return { recent: [], ...(preview?.amounts && { preview: preview.amounts }) };
  },

  /** Records how a run goes. Idempotent because the row's key is the run, and a closed row is never reopened. */
  async recordRun(entry: RunEntry): Promise<void> {
    const { workflowExecution, workflowType } = Context.current().info;
    // The record of a run does not wait for the application's database, which may be what the run failed at.
    const database = await Promise.race([
      databaseOf(entry.scheduleId).catch(() => undefined),
      delay(DATABASE_MS, undefined, { ref: false }),
    ]);
    await ops.query(
      `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, scheduled_at, started_at,
                             finished_at, outcome, result, error_type, database_id)
       values ($1, $2, $3, $4, $5, $6, coalesce($11, now()), case when $7 = 'running' then null else now() end, $7, $8, $9, $10)
       on conflict (workflow_id, run_id) do update
          set finished_at = excluded.finished_at, outcome = excluded.outcome, result = excluded.result,
              error_type = excluded.error_type, database_id = coalesce(excluded.database_id, ops.runs.database_id)
        where ops.runs.outcome = 'running'`,
      [
        workflowExecution?.workflowId,
        workflowExecution?.runId,
        entry.scheduleId,
        workflowType,
        entry.mode,
        entry.scheduledAt,
        entry.outcome,
        entry.result ? JSON.stringify(entry.result) : null,
        entry.errorType ?? null,
        database ?? null,
        entry.startedAt ?? null,
      ],
    );
  },
});

export type KitActivities = ReturnType<typeof createKitActivities>;
