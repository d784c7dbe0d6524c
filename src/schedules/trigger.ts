import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ScheduleNotFoundError, encodeScheduleOverlapPolicy } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { msNumberToTs } from '@temporalio/common/lib/time.js';

export interface StartedRun {
  workflowId: string;
  runId: string;
}

const POLL_MS = 200;

/**
 * Triggers a Schedule as the Web UI does (also when it is paused, and beside a run that is under way), and finds the
 * run. The trigger itself answers nothing, so it gets a time of its own by which the run is known. A Schedule starts
 * one run a second: whoever triggers in the same second is given the same run.
 */
export async function triggerSchedule(
  client: Client,
  scheduleId: string,
  timeoutMs = 15_000,
): Promise<StartedRun> {
  const handle = client.schedule.getHandle(scheduleId);
  try {
    await handle.describe();
    const at = Date.now();
    await client.workflowService.patchSchedule({
      namespace: client.options.namespace,
      identity: client.options.identity,
      requestId: randomUUID(),
      scheduleId,
      patch: {
        triggerImmediately: {
          overlapPolicy: encodeScheduleOverlapPolicy('ALLOW_ALL'),
          scheduledTime: msNumberToTs(at),
        },
      },
    });
    for (const deadline = at + timeoutMs; Date.now() < deadline; await sleep(POLL_MS)) {
      const { recentActions } = (await handle.describe()).info;
      const started = recentActions.findLast(
        ({ scheduledAt }) => secondOf(scheduledAt.getTime()) === secondOf(at),
      );
      if (!started) continue;
      const { workflowId, firstExecutionRunId: runId } = started.action.workflow;
      return { workflowId, runId };
    }
  } catch (error) {
    if (!(error instanceof ScheduleNotFoundError)) throw error;
    const mend = 'run `talos schedules apply`';
    throw new Error(`${scheduleId} is not registered in Temporal: ${mend}`, { cause: error });
  }
  throw new Error(`${scheduleId} was triggered, and no run of it showed within ${timeoutMs / 1000} seconds`);
}

const secondOf = (milliseconds: number): number => Math.floor(milliseconds / 1000);
