/**
 * update-statistiques, hourly in UTC (ST1–ST4): facts since the last run with a look-back of two days, figures of
 * every period that they touch, snapshots of what changed, materialised views. Halted anywhere, the next run does the
 * same work again and changes nothing twice.
 */
import { proxyActivities } from '@temporalio/workflow';
import { runJob } from '../workflow-kit/workflow.ts';
import type { StatisticsActivities } from './activities.ts';
import { describeStatistics, type StatisticsResult } from './result.ts';

/** Overrides for one run. */
export interface StatisticsInput {
  /** Changes nothing: says only that the run was understood. */
  dryRun?: boolean;
  /** Computes a past period again: `2026-11-22`, `2026-W47`, `2026-11` or `FROM/TO`. */
  period?: string;
}

const { computeFigures } = proxyActivities<StatisticsActivities>({
  // The first run of an installation builds the facts of all years.
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: '45 minutes',
});

const { refreshMaterializedViews } = proxyActivities<StatisticsActivities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
});

export const updateStatistics = (input: StatisticsInput = {}): Promise<StatisticsResult> =>
  runJob<StatisticsInput, StatisticsResult>({
    scheduleId: 'update-statistiques',
    input,
    describe: describeStatistics,
    async work({ mode }, at) {
      if (mode === 'dry-run') return { computed: 'nothing: dry run' };
      const figures = await computeFigures({ at: at.toISOString(), period: input.period });
      if (figures.busy) return { computed: 'nothing: another run is at it' };
      const views = await refreshMaterializedViews();
      return { computed: input.period ?? 'what has changed', ...figures, views };
    },
  });
