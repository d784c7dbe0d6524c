/**
 * update-statistiques, hourly in UTC (ST1–ST4): facts since the last run with a look-back of two days, figures of
 * every period that they touch, snapshots of what changed, once a night a comparison with a full recompute, the table of
 * the application that also shows them, materialised views, what rings for the business, and what was
 * measured. Halted anywhere, the next run does the same work again and changes nothing twice.
 */
import { patched, proxyActivities } from '@temporalio/workflow';
import { runJob } from '../workflow-kit/workflow.ts';
import type { StatisticsActivities } from './activities.ts';
import type { BusinessAlertActivities } from './alerts.ts';
import type { MeasureActivities } from './measures/activities.ts';
import { describeStatistics, type StatisticsResult } from './result.ts';

/** Overrides for one run. */
export interface StatisticsInput {
  /** Changes nothing: says only that the run was understood. */
  dryRun?: boolean;
  /** Computes a past period again: `2026-11-22`, `2026-W47`, `2026-11` or `FROM/TO`. */
  period?: string;
}

const { computeFigures, compareFigures } = proxyActivities<StatisticsActivities>({
  // The first run of an installation builds the facts of all years; each night 35 days are compared.
  startToCloseTimeout: '20 minutes',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: '45 minutes',
});

const { mirrorStatistics } = proxyActivities<StatisticsActivities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '10 minutes',
});

const { refreshMaterializedViews } = proxyActivities<StatisticsActivities>({
  startToCloseTimeout: '5 minutes',
  scheduleToCloseTimeout: '10 minutes',
});

const { measurePageLoad } = proxyActivities<MeasureActivities>({
  startToCloseTimeout: '45 seconds',
  scheduleToCloseTimeout: '3 minutes',
});

const { updateMeasures } = proxyActivities<MeasureActivities>({
  // The first run of an installation reads five weeks.
  startToCloseTimeout: '10 minutes',
  heartbeatTimeout: '2 minutes',
  scheduleToCloseTimeout: '15 minutes',
});

const { checkBusinessAlerts } = proxyActivities<BusinessAlertActivities>({
  startToCloseTimeout: '2 minutes',
  scheduleToCloseTimeout: '10 minutes',
});

export const updateStatistics = (input: StatisticsInput = {}): Promise<StatisticsResult> =>
  runJob<StatisticsInput, StatisticsResult>({
    scheduleId: 'update-statistiques',
    input,
    describe: describeStatistics,
    async work({ mode }, at) {
      if (mode === 'dry-run') return { computed: 'nothing: dry run' };
      const run = { at: at.toISOString(), period: input.period };
      const figures = await computeFigures(run);
      if (figures.busy) return { computed: 'nothing: another run is at it' };
      if (figures.outdated) return { computed: 'nothing: a later run has been' };
      // Runs that began before these were there end as they would have.
      const further = patched('comparison-2026-11-28')
        ? { comparison: await compareFigures(run), mirror: await mirrorStatistics(run) }
        : {};
      const views = await refreshMaterializedViews();
      const result = { computed: input.period ?? 'what has changed', ...figures, ...further, views };
      if (!patched('measures-2026-11-28')) return result;
      if (input.period !== undefined) return { ...result, measures: await updateMeasures(run) };
      const alerts = await checkBusinessAlerts(run);
      const pageLoad = await measurePageLoad(run);
      return { ...result, alerts, pageLoad, measures: await updateMeasures(run) };
    },
  });
