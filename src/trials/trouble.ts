/** Who is told when customers could not be, or nobody can know whether they were. Sandboxed. */
import { isCancellation, patched, workflowInfo } from '@temporalio/workflow';
import { tellInTime } from '../notifications/workflow.ts';
import { causeOf } from '../workflow-kit/workflow.ts';
import { NOT_TOLD, type TrialsJob, type TrialsResult } from './result.ts';

const unknownOf = ({ outcomes }: TrialsResult): number =>
  Object.entries(outcomes).reduce((sum, [name, times]) => (name.endsWith('unknown') ? sum + times : sum), 0);

type Trouble = Pick<TrialsResult, 'count' | 'unknown' | 'failed' | 'outcomes'>;

async function tellOperator(
  job: TrialsJob,
  at: Date,
  trouble: Trouble,
  cause?: { type: string; message: string },
): Promise<void> {
  // Runs that are under way while this is deployed have no such step.
  if (!patched('customers-not-told-2026-11-28')) return;
  const { workflowId, runId } = workflowInfo();
  const { count, unknown, failed, outcomes } = trouble;
  await tellInTime({
    ...{ key: `${workflowId}/${runId}/not-told`, level: 'important', template: 'customers-not-told' },
    data: {
      ...{ job, scheduledAt: at.toISOString(), ...(cause && { cause }), done: count },
      unknown: { count: unknownOf(trouble as TrialsResult), trialIds: unknown },
      failed: { count: outcomes[NOT_TOLD] ?? failed.length, trialIds: failed },
      ...{ workflowId, runId },
    },
  });
}

/** Runs a job's work; whatever it leaves for a person is told once, with its ids. */
export async function watched(
  job: TrialsJob,
  at: Date,
  work: () => Promise<TrialsResult>,
): Promise<TrialsResult> {
  let result: TrialsResult;
  try {
    result = await work();
  } catch (error) {
    if (!isCancellation(error))
      await tellOperator(job, at, { count: 0, unknown: [], failed: [], outcomes: {} }, causeOf(error));
    throw error;
  }
  if (result.unknown.length + result.failed.length > 0) await tellOperator(job, at, result);
  return result;
}
