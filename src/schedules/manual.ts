import { randomBytes } from 'node:crypto';
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import { TASK_QUEUE, manualWorkflowId } from '../shared/ids.ts';
import type { ScheduleId } from '../shared/ids.ts';
import type { ScheduleRow } from './table.ts';

export interface ManualRun {
  workflowId: string;
  runId: string;
  /** The key has been used before: this is that run, under way or ended. */
  repeated: boolean;
}

/** A key for a caller that brings none: readable, and unique. */
export const mintManualKey = (now = new Date()): string =>
  `${now.toISOString().replace(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`;

/**
 * Starts a job outside its Schedule. The same key starts it once, however often and however many at a time ask, for
 * as long as Temporal keeps the run (the namespace's retention).
 */
export async function startManually(
  client: Client,
  row: ScheduleRow<ScheduleId>,
  key: string,
  input?: Record<string, unknown>,
): Promise<ManualRun> {
  const workflowId = manualWorkflowId(row.scheduleId, key);
  try {
    const handle = await client.workflow.start(row.workflow, {
      workflowId,
      taskQueue: TASK_QUEUE,
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      workflowRunTimeout: row.runTimeout,
      args: input ? [input] : [],
      staticSummary: `${row.note} (by hand)`,
    });
    return { workflowId, runId: handle.firstExecutionRunId, repeated: false };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    return { workflowId, runId, repeated: true };
  }
}
