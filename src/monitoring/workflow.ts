/**
 * monitoring-disponibilite (AV1–AV5) and monitoring-performance (PF1–PF6): each run is one long activity that covers the
 * time to the next run. What the evaluator knows goes from run to run as the result, which Schedules carry.
 */
import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  setCurrentDetails,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { runJob } from '../workflow-kit/workflow.ts';
import type { MonitoringActivities, WatchInput, WatchOutcome } from './activities.ts';
import type { WatchReport, WatchState } from './state.ts';
import type { TestLoadActivities, TestLoadInput, TestLoadOutcome } from './test-load.ts';
import { describeWatch } from './words.ts';

/** Overrides of `maintenance.yaml` for one run. */
export interface MonitorInput {
  /** Looks once and says what it sees: no samples, no alerts. */
  dryRun?: boolean;
  /** `single`: looks once. */
  mode?: 'watch' | 'single';
  /** Slots of so many seconds instead of those of the cron. */
  slotSeconds?: number;
}

export type MonitorResult = WatchReport & { state?: WatchState };

const options = {
  // A worker that is gone is noticed soon, and its successor has lost a second of what it knew.
  heartbeatTimeout: '5 seconds',
  // Without a limit: the run's own timeout is one.
  retry: { initialInterval: '250 milliseconds', backoffCoefficient: 1 },
} as const;

const { watchAvailability } = proxyActivities<MonitoringActivities>({
  ...options,
  startToCloseTimeout: '10 minutes',
});
const { watchPerformance } = proxyActivities<MonitoringActivities>({
  ...options,
  startToCloseTimeout: '30 minutes',
});

async function monitor(
  scheduleId: 'monitoring-disponibilite' | 'monitoring-performance',
  watch: (input: WatchInput) => Promise<WatchOutcome>,
  input: MonitorInput,
): Promise<MonitorResult> {
  const { lastResult, runStartTime } = workflowInfo();
  return runJob<MonitorInput, MonitorResult>({
    scheduleId,
    input,
    // Nearly 400 runs a day, and a run at most a few minutes old: a row for the end is enough.
    recordStart: false,
    // The state is for the next run; people and reports need what was seen.
    recorded: (result) => ({ ...result, state: undefined }),
    describe: describeWatch,
    work: async ({ mode, settings }, at) => {
      const { mode: how = 'watch', slotSeconds } = settings as MonitorInput;
      const { report, state } = await watch({
        scheduledAt: at.toISOString(),
        startedAt: runStartTime.toISOString(),
        once: how === 'single',
        dryRun: mode === 'dry-run',
        slotSeconds,
        state: (lastResult as MonitorResult | undefined)?.state,
      });
      return mode === 'dry-run' ? report : { ...report, state };
    },
  });
}

export const monitorAvailability = async (input: MonitorInput = {}): Promise<MonitorResult> =>
  monitor('monitoring-disponibilite', watchAvailability, input);

export const monitorPerformance = async (input: MonitorInput = {}): Promise<MonitorResult> =>
  monitor('monitoring-performance', watchPerformance, input);

// A load whose worker is lost ends by itself, and is begun anew once.
const { raiseTestLoad, clearTestLoad } = proxyActivities<TestLoadActivities>({
  startToCloseTimeout: '7 minutes',
  heartbeatTimeout: '30 seconds',
  retry: { maximumAttempts: 2 },
  // The end is told when the load has ended.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});
/** An alert of a test closes by itself when nobody repeats it for two minutes. */
const REPEAT_SECONDS = 60;

/** MT1: raises the marked alert of a loaded processor, and ends it. The alert's own workflow tells of both. */
export async function testLoad({
  mode = 'synthetic',
  seconds = 60,
}: Partial<TestLoadInput> = {}): Promise<TestLoadOutcome> {
  setCurrentDetails(`[TEST] ${mode} load of the processor, ${String(seconds)} s`);
  try {
    const outcome = await raiseTestLoad({ mode, seconds });
    for (let left = mode === 'synthetic' ? seconds : 0; left > 0; left -= REPEAT_SECONDS) {
      await sleep(Math.min(left, REPEAT_SECONDS) * 1000);
      if (left > REPEAT_SECONDS) await raiseTestLoad({ mode, seconds });
    }
    return outcome;
  } finally {
    // Also when it is cancelled.
    await CancellationScope.nonCancellable(() => clearTestLoad());
  }
}
