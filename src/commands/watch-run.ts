import { setTimeout as sleep } from 'node:timers/promises';
import { TerminatedFailure, TimeoutFailure, defaultPayloadConverter } from '@temporalio/common';
import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { WorkflowFailedError } from '@temporalio/client';
import { TASK_QUEUE } from '../shared/ids.ts';

const POLL_MS = 1000;

/** Waits for the run's end and returns its result; tells what it is doing about once a second. */
export async function watchRun(handle: WorkflowHandle, tell: (progress: string) => void): Promise<unknown> {
  const result = handle.result() as Promise<unknown>;
  const ended = result.then(
    () => true,
    () => true,
  );
  const started = Date.now();
  while (!(await Promise.race([ended, sleep(POLL_MS, false, { ref: false })]))) {
    // A describe that fails costs one line of progress; the result tells of real trouble.
    const description = await handle.describe().catch(() => undefined);
    const seconds = Math.round((Date.now() - started) / 1000);
    if (description) tell(`${seconds} s  ${progressOf(description)}`);
  }
  try {
    return await result;
  } catch (error) {
    throw new Error(`${handle.workflowId} ${causeInWords(error)}`, { cause: error });
  }
}

/** The first cause, in the words of the code that failed. */
export function causeInWords(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof TimeoutFailure) return `timed out (${cause.timeoutType})`;
  if (cause instanceof TerminatedFailure) return `was terminated: ${cause.message}`;
  const message = cause instanceof Error ? cause.message : String(cause);
  return cause === error && !(error instanceof WorkflowFailedError) ? message : `failed: ${message}`;
}

type PendingActivity = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

export function progressOf({ raw }: WorkflowExecutionDescription): string {
  const activities = (raw.pendingActivities ?? []).map(activityProgress);
  if (activities.length > 0) return activities.join(' · ');
  const task = raw.pendingWorkflowTask;
  return task && !task.startedTime ? `waiting for a worker of task queue ${TASK_QUEUE}` : 'under way';
}

function activityProgress({ activityType, attempt, lastFailure, heartbeatDetails }: PendingActivity): string {
  const [payload] = heartbeatDetails?.payloads ?? [];
  const details = payload ? inWords(defaultPayloadConverter.fromPayload(payload)) : '';
  const again =
    (attempt ?? 1) > 1 ? `attempt ${attempt}${lastFailure ? ` after: ${lastFailure.message}` : ''}` : '';
  return [activityType?.name, details, again].filter(Boolean).join('  ');
}

/** A heartbeat as people read it: its fields in a row, bytes in MB. */
function inWords(details: unknown): string {
  if (typeof details !== 'object' || details === null) return String(details);
  return Object.entries(details)
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([key, value]) =>
      /bytes$/i.test(key) && typeof value === 'number'
        ? `${key} ${(value / 1e6).toFixed(1)} MB`
        : `${key} ${String(value)}`,
    )
    .join(', ');
}
