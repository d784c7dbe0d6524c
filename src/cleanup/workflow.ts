/**
 * nettoyage-donnees-temporaires, daily at 02:00 Paris (TD1–TD4), and nettoyage-logs, Sunday at 04:00 Paris (LG1–LG4).
 * Only what has expired at the run's scheduled instant goes; what is interrupted is found again by the next attempt.
 */
import { isCancellation } from '@temporalio/workflow';
import { causeOf, runJob, type ResolvedPolicy } from '../workflow-kit/workflow.ts';
import type { CleanJob } from './activities.ts';
import { lookAtLogs, pruneKept, storeWeek } from './logs/steps.ts';
import { failureOf, type CleanResult } from './result.ts';
import { sweep } from './sweep.ts';
import { tellBraked, tellCleaned, tellFailed } from './tell.ts';
import { describeClean } from './words.ts';

/** Overrides of `maintenance.yaml` for one run. */
export interface CleanInput {
  /** Says what would go, and changes nothing. */
  dryRun?: boolean;
  /** Time for one source. */
  minutes?: number;
  /** Up to so many of one source the brake never holds. */
  brakeMinimum?: number;
}

type Work = (resolved: ResolvedPolicy, at: Date) => Promise<CleanResult>;

const clean = (job: CleanJob, input: CleanInput, work: Work): Promise<CleanResult> =>
  runJob<CleanInput, CleanResult>({
    scheduleId: job,
    input,
    describe: describeClean,
    failed: failureOf,
    work: async (resolved, at) => {
      try {
        const result = await work(resolved, at);
        await tellCleaned(job, at, result);
        return result;
      } catch (error) {
        // Whoever cancels a run knows.
        if (!isCancellation(error) && resolved.mode !== 'dry-run') await tellFailed(job, at, causeOf(error));
        throw error;
      }
    },
  });

export const cleanTemporaryData = (input: CleanInput = {}): Promise<CleanResult> => {
  const job = 'nettoyage-donnees-temporaires';
  return clean(job, input, (resolved, at) =>
    sweep({ job, at, resolved, tellBraked: (...held) => tellBraked(job, at, ...held) }),
  );
};

export const cleanLogs = (input: CleanInput = {}): Promise<CleanResult> => {
  const job = 'nettoyage-logs';
  return clean(job, input, async (resolved, at) => {
    const logs = await lookAtLogs(at);
    let week: CleanResult['week'];
    const swept = await sweep({
      ...{ job, at, resolved },
      tellBraked: (...held) => tellBraked(job, at, ...held),
      // Stored before anything goes: a table that keeps its rows for less than a week loses none of them unseen.
      beforeDeleting: async () => {
        week = await storeWeek(at);
      },
    });
    if (resolved.mode !== 'armed') return { ...swept, logs };
    return { ...swept, logs, week, pruned: await pruneKept(at) };
  });
};
