/**
 * backup-database, daily at 03:00 Paris: one snapshot dumped, sealed, stored, read back, restored and compared (BK1–BK4).
 * Stopped halfway, nothing that calls itself a backup remains; the next attempt clears the rest and begins anew.
 */
import {
  ActivityFailure,
  ApplicationFailure,
  isCancellation,
  log,
  proxyActivities,
  setCurrentDetails,
  sleep,
  TimeoutFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { tell } from '../notifications/workflow.ts';
import { causeOf, runJob } from '../workflow-kit/workflow.ts';
import type { BackupActivities, SourceCheck } from './activities.ts';
import type { UpkeepOutcome } from './upkeep.ts';
import type { BackupProgress } from './progress.ts';
import { describeBackup } from './words.ts';
import { keepUp, tellOfBackup, type BackupResult, type Settings } from './workflow-upkeep.ts';

/** Overrides of `maintenance.yaml` for one run. */
export interface BackupInput {
  /** Says what would be backed up, and changes nothing. */
  dryRun?: boolean;
  prove?: boolean;
  compressionLevel?: number;
  digestDailyUpToGigabytes?: number;
  retention?: Settings['retention'];
  objectLock?: Settings['objectLock'];
}

export type { BackupResult };

export type BackupPreview = SourceCheck & { retention: UpkeepOutcome };

// One attempt is one activity: who tries again, and when, is decided below, where the Web UI shows why.
const { takeAndProveBackup } = proxyActivities<BackupActivities>({
  startToCloseTimeout: '12 hours',
  heartbeatTimeout: '20 seconds',
  retry: { maximumAttempts: 1 },
});

// Beside the backup, not part of it: each gives up soon, and the run goes on without.
const { recordProof, findLastProven } = proxyActivities<BackupActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
});

const { checkBackupSource, keepTiers: previewTiers } = proxyActivities<BackupActivities>({
  startToCloseTimeout: '1 minute',
  scheduleToCloseTimeout: '5 minutes',
});

/** Waits after passing failures (database or bucket away): about two minutes in all, then a person is told. */
const PAUSES = ['5 seconds', '20 seconds', '90 seconds'] as const;
/** Lost workers (crash, deploy, power) are not failures of the backup: many are borne, but not for ever. */
const LOST_WORKERS_AT_MOST = 20;
/** A proof that was under way each time this many workers died is left out: stored and not proven beats nothing. */
const LOST_WHILE_PROVING_AT_MOST = 12;

/** What this run has borne so far. */
interface Losses {
  failures: number;
  workers: number;
  whileProving: number;
}

/** True when the worker went away: no heartbeat came, or it shut down in good order. */
function isLostWorker(error: unknown): error is ActivityFailure {
  if (!(error instanceof ActivityFailure)) return false;
  const { cause } = error;
  return (
    cause instanceof TimeoutFailure ||
    (cause instanceof ApplicationFailure && cause.type === 'WorkerShutdown')
  );
}

const phaseOf = (error: ActivityFailure): string | undefined =>
  error.cause instanceof TimeoutFailure
    ? (error.cause.lastHeartbeatDetails as BackupProgress | undefined)?.phase
    : undefined;

async function backUp(settings: Settings, at: Date, losses: Losses): Promise<BackupResult> {
  for (;;) {
    try {
      const summary = await takeAndProveBackup({
        scheduledAt: at.toISOString(),
        compressionLevel: settings.compressionLevel,
        digestDailyUpToGigabytes: settings.digestDailyUpToGigabytes,
        prove: settings.prove && losses.whileProving < LOST_WHILE_PROVING_AT_MOST,
      });
      return { ...summary, attemptsBefore: losses.failures + losses.workers };
    } catch (error) {
      if (isLostWorker(error)) {
        losses.workers += 1;
        if (phaseOf(error) === 'proving') losses.whileProving += 1;
        if (losses.workers > LOST_WORKERS_AT_MOST) throw error;
        setCurrentDetails(
          `Worker lost ${String(losses.workers)} time(s); a new attempt clears what it left.`,
        );
        continue;
      }
      const cause = error instanceof ActivityFailure ? error.cause : undefined;
      const pause = PAUSES[losses.failures];
      if (!(cause instanceof ApplicationFailure) || cause.nonRetryable || pause === undefined) throw error;
      losses.failures += 1;
      setCurrentDetails(
        `Attempt ${String(losses.failures)} failed: ${cause.message}. Trying again in ${pause}.`,
      );
      await sleep(pause);
    }
  }
}

async function tellOfFailure(error: unknown, attempts: number, at: Date): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  await tell({
    key: `${workflowId}/${runId}/failed`,
    level: 'critical',
    template: 'backup-failed',
    data: {
      cause: causeOf(error),
      scheduledAt: at.toISOString(),
      attempts,
      lastProven: await findLastProven().catch(() => undefined),
      workflowId,
      runId,
    },
  });
}

/** What a run would do: what it would store, and what it would copy and delete as things stand. */
async function preview({ retention, objectLock }: Settings): Promise<BackupPreview> {
  const check = await checkBackupSource();
  return { ...check, retention: await previewTiers({ retention, objectLock, dryRun: true }) };
}

export async function backupDatabase(input: BackupInput = {}): Promise<BackupResult | BackupPreview> {
  return runJob<BackupInput, BackupResult | BackupPreview>({
    scheduleId: 'backup-database',
    input,
    describe: describeBackup,
    work: async (resolved, at) => {
      const settings = resolved.settings as unknown as Settings;
      if (resolved.mode === 'dry-run') return preview(settings);
      const losses: Losses = { failures: 0, workers: 0, whileProving: 0 };
      let result: BackupResult;
      try {
        result = await backUp(settings, at, losses);
      } catch (error) {
        // Whoever cancels a run knows.
        if (!isCancellation(error)) await tellOfFailure(error, losses.failures + losses.workers + 1, at);
        throw error;
      }
      await recordProof(result).catch((error: unknown) => {
        log.warn('the proof could not be recorded in ops.proofs', { error: String(error) });
      });
      await tellOfBackup(result, await keepUp(result, settings));
      return result;
    },
  });
}
