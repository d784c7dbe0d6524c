/** What a person hears of a clean-up. Sandboxed. */
import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { tell } from '../notifications/workflow.ts';
import { tellBrakeHolds, type BrakeReason } from '../workflow-kit/workflow.ts';
import type { CleanActivities, CleanJob } from './activities.ts';
import type { CleanResult, SourceOutcome } from './result.ts';

const { readTrend } = proxyActivities<CleanActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
});

/** Does not fail: what holds is seen in the Web UI as well, and nothing is deleted meanwhile. */
export async function tellBraked(
  job: CleanJob,
  at: Date,
  reasons: BrakeReason[],
  held: SourceOutcome[],
): Promise<void> {
  await tellBrakeHolds(
    job,
    at,
    reasons.map((reason) => {
      const { bytes, oldest, newest } = held.find(({ name }) => name === reason.what)?.found ?? {};
      return { ...reason, bytes, oldest, newest };
    }),
  );
}

/** Nothing is told of a preview, nor of a night in which nothing went and nothing failed. */
export async function tellCleaned(job: CleanJob, at: Date, result: CleanResult): Promise<void> {
  const { mode, count, bytes, sources, logs, week, pruned, brake } = result;
  const isWell = sources.every(({ failure, held }) => !failure && !held);
  if (mode === 'dry-run' || (isWell && count === 0 && job !== 'nettoyage-logs')) return;
  const { workflowId, runId } = workflowInfo();
  await tell({
    key: `${workflowId}/${runId}/cleaned`,
    level: isWell ? 'info' : 'important',
    channels: isWell ? ['email'] : undefined,
    template: 'clean-report',
    data: {
      ...{ job, mode, count, bytes, logs, week, pruned },
      scheduledAt: at.toISOString(),
      answer: brake?.answer,
      sources: sources.map(({ name, kind, found, removed, held, failure }) => ({
        ...{ name, kind, held, failure },
        found: found?.count,
        removed: removed?.count,
        bytes: (removed ?? found)?.bytes,
        archived: removed?.archived,
        left: removed?.left ?? found?.left,
        unfinished: removed?.finished === false ? true : undefined,
        warnings: [...(found?.warnings ?? []), ...(removed?.warnings ?? [])],
      })),
      trend: await readTrend(job).catch(() => []),
      ...{ workflowId, runId },
    },
  });
}

/** A run that ended before it could say what it did. */
export async function tellFailed(
  job: CleanJob,
  at: Date,
  failure: { type: string; message: string },
): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  await tell({
    key: `${workflowId}/${runId}/failed`,
    level: 'important',
    template: 'clean-report',
    data: {
      ...{ job, mode: 'armed', count: 0, bytes: 0, sources: [], trend: [], failure },
      scheduledAt: at.toISOString(),
      ...{ workflowId, runId },
    },
  });
}
