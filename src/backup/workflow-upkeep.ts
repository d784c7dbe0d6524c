/** What follows a backup in its run: tiers, local copy, and the confirmation that tells of all of it. Sandboxed. */
import { isCancellation, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { tell, type BackupStoredData } from '../notifications/workflow.ts';
import { causeOf } from '../workflow-kit/workflow.ts';
import type { BackupActivities } from './activities.ts';
import type { BackupSummary } from './summary.ts';
import type { UpkeepOutcome } from './upkeep.ts';

/** The settings of `backup` in `maintenance.yaml`, with the run's overrides. */
export interface Settings {
  compressionLevel: number;
  prove: boolean;
  digestDailyUpToGigabytes: number;
  retention: Record<'daily' | 'weekly' | 'monthly', number>;
  objectLock: 'off' | 'governance' | 'compliance';
  keyCheckDays: number;
}

export type BackupResult = BackupSummary & {
  /** Attempts that a lost worker or a passing failure cost before this one. */
  attemptsBefore: number;
  /** What was copied between the tiers, deleted and kept; absent where it could not be done. */
  retention?: UpkeepOutcome;
  localCopy?: { folder: string; failure?: string };
};

// Worth some tries, never worth the confirmation of a good backup.
const { keepTiers, copyToLocalDir, findChanges } = proxyActivities<BackupActivities>({
  startToCloseTimeout: '4 hours',
  heartbeatTimeout: '20 seconds',
  retry: { initialInterval: '5 seconds', maximumInterval: '1 minute', maximumAttempts: 5 },
});

const { findKeyCheck } = proxyActivities<BackupActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '1 minute',
});

/** The result of a step that may fail without harm to the backup, or what went wrong. */
async function attempt<Result>(
  what: string,
  work: () => Promise<Result>,
): Promise<{ done?: Result; failure?: string }> {
  try {
    return { done: await work() };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const failure = causeOf(error).message;
    log.warn(`${what} failed`, { failure });
    return { failure };
  }
}

export interface Upkeep {
  retention: NonNullable<BackupStoredData['retention']>;
  changes?: BackupStoredData['changes'];
  keyCheckedAt?: string | null;
  keyCheckDays: number;
}

/** Tiers, local copy, and what the mail tells beside the proof. */
export async function keepUp(
  result: BackupResult,
  { retention, objectLock, keyCheckDays }: Settings,
): Promise<Upkeep> {
  const { backupId } = result;
  const tiers = await attempt('keeping the tiers', () =>
    keepTiers({ backupId, retention, objectLock, dryRun: false }),
  );
  result.retention = tiers.done;
  const copy = await attempt('the local copy', () => copyToLocalDir({ backupId }));
  if (copy.done) result.localCopy = { folder: copy.done.folder };
  if (copy.failure !== undefined) result.localCopy = { folder: 'BACKUP_LOCAL_DIR', failure: copy.failure };
  const changes = await attempt('comparing with the backup before', () => findChanges({ backupId }));
  const keyCheck = await attempt('reading the last key check', findKeyCheck);
  return {
    retention: tiers.done ?? { refused: tiers.failure, copied: [], deleted: [], kept: [] },
    changes: changes.done ?? undefined,
    keyCheckedAt: keyCheck.done,
    keyCheckDays,
  };
}

/** What a proven backup leaves to be mended; then it is no mere confirmation. */
const needsAPerson = (result: BackupResult, { retention, changes }: Upkeep): boolean =>
  retention.refused !== undefined ||
  retention.lockProblem !== undefined ||
  result.localCopy?.failure !== undefined ||
  result.parts.some(({ result: how }) => how === 'failed' || how === 'not proven') ||
  (changes !== undefined && (changes.databaseShrunk || changes.shrunk.length > 0));

export async function tellOfBackup(result: BackupResult, upkeep: Upkeep): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  const { backupId, proof, database, serverVersion, tables, rows, rawBytes, storedBytes } = result;
  const { refused, lockProblem, copied, deleted, kept } = upkeep.retention;
  const routine = result.proven && !needsAPerson(result, upkeep);
  await tell({
    key: `${workflowId}/${runId}/stored`,
    // What is not proven may be worthless: that must not look like the daily confirmation.
    level: routine ? 'info' : result.proven ? 'important' : 'critical',
    channels: routine ? ['email'] : undefined,
    template: 'backup-stored',
    data: {
      ...{ backupId, proof, database, serverVersion, tables, rows, rawBytes, storedBytes },
      keys: result.keys.map((key) => key.slice(key.lastIndexOf('/') + 1)),
      backupSeconds: result.seconds,
      proveSeconds: proof.seconds,
      restoreSeconds: proof.restoreSeconds,
      startedAt: result.takenAt,
      bucket: result.location,
      digests: result.digests,
      parts: result.parts,
      changes: upkeep.changes,
      retention: { refused, lockProblem, copied, deleted, kept },
      keyCheckedAt: upkeep.keyCheckedAt,
      keyCheckDays: upkeep.keyCheckDays,
      localCopy: result.localCopy,
      ...{ workflowId, runId },
    },
  });
}
