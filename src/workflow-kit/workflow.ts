/** What every workflow shares: policy first, a readable state in the Web UI, one row in `ops.runs`. Sandboxed. */
import {
  ActivityFailure,
  ApplicationFailure,
  CancellationScope,
  log,
  proxyActivities,
  setCurrentDetails,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { ScheduleId } from '../shared/ids.ts';
import type { HeartbeatEvent } from '../clients/heartbeat.ts';
import type { HeartbeatId, KitActivities, ResolvedPolicy } from './activities.ts';

export { approve, openGate, reject, type Answer } from './approval.ts';
export type { ResolvedPolicy } from './activities.ts';
export { brakeReasons, type Amounts, type BrakeHistory, type BrakeReason } from './brake.ts';
export { holdForAnswer, tellBrakeHolds } from './customers-brake.ts';

export const { resolvePolicy, readBrakeHistory } = proxyActivities<KitActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 hour',
});

// A run is worth more than its record: the record gives up after two minutes.
const { recordRun } = proxyActivities<KitActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '2 minutes',
});

/** The instant this run stands for: the Schedule's, or the start of a run by hand. Periods are computed from it. */
export function scheduledAt(): Date {
  const { searchAttributes, startTime } = workflowInfo();
  const [scheduled] =
    (searchAttributes as Record<string, unknown[] | undefined>)['TemporalScheduledStartTime'] ?? [];
  return scheduled instanceof Date ? scheduled : startTime;
}

// A sign of life that comes late is none.
const { pingOutside } = proxyActivities<KitActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '20 seconds',
  retry: { maximumAttempts: 1 },
});

/** Where nobody waits for it, it costs no event. */
export async function ping(
  waiting: boolean | undefined,
  id: HeartbeatId,
  event: HeartbeatEvent,
): Promise<void> {
  if (!waiting) return;
  await CancellationScope.nonCancellable(() => pingOutside({ id, event })).catch(() => undefined);
}

export interface Job<Input extends object, Result> {
  scheduleId: ScheduleId;
  input: Input;
  work: (resolved: ResolvedPolicy, at: Date) => Promise<Result>;
  /** The result in a few lines of Markdown, for the Web UI. */
  describe: (result: Result) => string;
  /** False: no row while it runs, for jobs that run every few minutes. */
  recordStart?: boolean;
  /** What of the result `ops.runs` keeps; all of it when left out. */
  recorded?: (result: Result) => object;
  /** What makes a run that did all it could a failed one: part of its work was not done. */
  failed?: (result: Result) => { type: string; message: string } | undefined;
}

/** What went wrong, in the words of whoever failed first; an activity without a sign of life lost its worker. */
export function causeOf(error: unknown): { type: string; message: string } {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof TimeoutFailure) return { type: 'WorkerLost', message };
  return { type: (cause instanceof ApplicationFailure && cause.type) || 'Unknown', message };
}

async function record(entry: Parameters<KitActivities['recordRun']>[0]): Promise<void> {
  try {
    // Also when the run was cancelled: `running` for ever would be wrong.
    await CancellationScope.nonCancellable(() => recordRun(entry));
  } catch (error) {
    log.warn('this run could not be recorded in ops.runs', { error: String(error) });
  }
}

/** Runs one job: resolves its policy (which stays in the history), does the work, records how it ended. */
export async function runJob<Input extends object, Result extends object>(
  job: Job<Input, Result>,
): Promise<Result> {
  const { scheduleId, input, recorded = (result: Result): object => result } = job;
  const at = scheduledAt();
  const resolved = await resolvePolicy({ scheduleId, overrides: input });
  const entry = {
    ...{ scheduleId, scheduledAt: at.toISOString(), mode: resolved.mode },
    startedAt: workflowInfo().runStartTime.toISOString(),
  };
  // What was only looked at is no sign that the job is done.
  const awaited = resolved.heartbeat && resolved.mode !== 'dry-run';
  if (job.recordStart !== false) {
    await record({ ...entry, outcome: 'running' });
    await ping(awaited, scheduleId, 'start');
  }
  let undone: object | undefined;
  try {
    const result = await job.work(resolved, at);
    setCurrentDetails(job.describe(result));
    const failure = job.failed?.(result);
    if (failure) {
      undone = recorded(result);
      throw ApplicationFailure.nonRetryable(failure.message, failure.type);
    }
    await Promise.all([
      record({ ...entry, outcome: 'succeeded', result: recorded(result) }),
      ping(awaited, scheduleId, 'success'),
    ]);
    log.info('run done', { scheduleId, mode: resolved.mode });
    return result;
  } catch (error) {
    await Promise.all([
      record({ ...entry, outcome: 'failed', result: undone, errorType: causeOf(error).type }),
      ping(awaited, scheduleId, 'fail'),
    ]);
    throw error;
  }
}
