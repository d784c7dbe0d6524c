import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { Host } from '../clients/host.ts';
import type { Postgres } from '../clients/postgres.ts';
import { probeTcp } from '../clients/tcp-probe.ts';
import { ruleSet, type RuleSet } from '../alerts/index.ts';
import { availabilityLook } from './availability.ts';
import { createHostReader } from './host-reader.ts';
import { hasTestLoad, runningJob } from './own-job.ts';
import { performanceLook } from './performance.ts';
import { slotEnd, nextTime, type Times, type WatchId } from './slot.ts';
import { carriedOver, emptyTally, reportOf, type WatchReport, type WatchState } from './state.ts';
import { createSampleStore } from './store.ts';
import { appTarget, targetsOf, type TargetPolicy, type TargetSettings } from './targets.ts';
import { tellAlert } from './tell.ts';
import { runWatch, type Look, type Progress } from './watch.ts';

export interface MonitoringDeps extends Omit<TargetSettings, 'policy'> {
  ops: Postgres;
  host: Host;
  policy: TargetPolicy & {
    everySeconds: number;
    inDoubtSeconds: number;
    readEverySeconds: number;
    responseTimesEverySeconds: number;
    dependsOn: RuleSet['dependsOn'];
  };
  thresholds: Parameters<typeof ruleSet>[0];
  /** When each watch is due (UTC). */
  times: Record<WatchId, Times>;
  availabilityIsOn: boolean;
  /** Of the activity that runs. */
  client: () => Client;
  /** Our helper on the host; for tests. */
  helper?: string;
}

export interface WatchInput {
  /** ISO instants: what the run stands for, and when it began. */
  scheduledAt: string;
  startedAt: string;
  /** Looks once. */
  once: boolean;
  /** Only says what it sees: no samples, no alerts. */
  dryRun: boolean;
  /** Slots of so many seconds instead of those of the cron; for tests. */
  slotSeconds?: number;
  /** Of the last run. */
  state?: WatchState;
}

export interface WatchOutcome {
  report: WatchReport;
  state: WatchState;
}

/** Set aside by the SDK when the worker stops; the next attempt goes on from the last heartbeat. */
function stopped(error: unknown): unknown {
  return error instanceof CancelledFailure && error.message === 'WORKER_SHUTDOWN'
    ? ApplicationFailure.retryable('the worker was shut down', 'WorkerShutdown')
    : error;
}

export const createMonitoringActivities = (deps: MonitoringDeps) => {
  const { policy, thresholds, host, database } = deps;
  const rules = ruleSet(thresholds, policy.dependsOn);
  const { targets, missing } = targetsOf(deps);
  const hostReader = createHostReader(host, { helper: deps.helper });
  const { vps } = deps;
  const app = appTarget(deps);

  function startOf(id: WatchId, input: WatchInput): Progress {
    const before = Context.current().info.heartbeatDetails as Progress | undefined;
    // A later attempt ends when the first one would have: the next run is due then.
    if (before !== undefined) return before;
    const now = Date.now();
    const times = deps.times[id];
    const scheduledAt = Date.parse(input.scheduledAt);
    const { slotSeconds } = input;
    const until = slotEnd({
      id,
      scheduledAt,
      startedAt: Date.parse(input.startedAt),
      now,
      times,
      slotSeconds,
    });
    const slotMs = slotSeconds === undefined ? nextTime(times, until) - until : slotSeconds * 1000;
    return { state: carriedOver(input.state, now, 2 * slotMs), tally: emptyTally(), from: now, until };
  }

  async function watch(
    id: WatchId,
    input: WatchInput,
    how: { look: Look; everyMs: (state: WatchState) => number; watched: string[]; notWatched: string[] },
  ): Promise<WatchOutcome> {
    const context = Context.current();
    const client = deps.client();
    const progress = startOf(id, input);
    const store = createSampleStore(deps.ops, ({ stored, lost }) => {
      progress.tally.stored += stored;
      progress.tally.notStored += lost;
    });
    try {
      await runWatch(progress, {
        look: how.look,
        rules,
        everyMs: how.everyMs,
        once: input.once || input.dryRun,
        beat: (now) => context.heartbeat(now),
        store: input.dryRun ? () => undefined : (samples) => store.add(samples),
        tell: async (effect) => (input.dryRun ? undefined : tellAlert(client, effect)),
        signal: context.cancellationSignal,
      });
    } catch (error) {
      throw stopped(error);
    }
    await store.flush(500);
    const { state, tally, from } = progress;
    const { watched, notWatched } = how;
    return { report: reportOf(tally, state, { from, until: Date.now() }, { watched, notWatched }), state };
  }

  return {
    /**
     * Probes all targets until the next run is due. Idempotent: an attempt goes on from the last heartbeat, samples have
     * the instant in their key, and alerts are workflows with an id of their own.
     */
    watchAvailability: (input: WatchInput): Promise<WatchOutcome> =>
      watch('monitoring-disponibilite', input, {
        look: availabilityLook(targets, policy.controls),
        everyMs: ({ inDoubt }) => (inDoubt ? policy.inDoubtSeconds : policy.everySeconds) * 1000,
        watched: targets.map(({ name }) => name),
        notWatched: missing,
      }),

    /** Reads server and database, and measures response times, until the next run is due. Idempotent as the other. */
    watchPerformance: (input: WatchInput): Promise<WatchOutcome> =>
      watch('monitoring-performance', input, {
        look: performanceLook({
          app,
          database,
          host: hostReader,
          hostAnswers: vps && (async (signal) => (await probeTcp({ ...vps, signal })).state === 'up'),
          availabilityIsOn: deps.availabilityIsOn,
          readEveryMs: policy.readEverySeconds * 1000,
          slowSeconds: thresholds.AL6.aboveSeconds,
          ownJob: () => runningJob(deps.ops),
          // A test load runs where the worker does, and that machine is read where there is no VPS.
          testLoad: vps
            ? undefined
            : () => hasTestLoad(deps.client(), (thresholds.AL1.forMinutes + 1) * 60_000),
        }),
        everyMs: () => Math.min(policy.responseTimesEverySeconds, policy.readEverySeconds) * 1000,
        watched: [...(app ? ['app'] : []), 'database', vps ? 'vps' : 'this machine (as vps)'],
        notWatched: app ? [] : ['app: APP_URL is not set'],
      }),
  };
};

export type MonitoringActivities = ReturnType<typeof createMonitoringActivities>;
