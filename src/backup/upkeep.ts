import { Context, getClient, log } from '@temporalio/activity';
import type { LockMode, ObjectStore } from '../clients/object-store.ts';
import type { Postgres } from '../clients/postgres.ts';
import type { BackupStoredData } from '../notifications/index.ts';
import type { Tier } from '../shared/calendar.ts';
import { changesSince } from './changes.ts';
import { readLastKeyCheck, readSizes } from './journal.ts';
import { folderIn } from './layout.ts';
import { readManifest } from './folder.ts';
import { listBackups } from './list.ts';
import { keepLocalCopy } from './local-copy.ts';
import { sweepOrphans } from './orphans.ts';
import { applyRetention, type RetentionOutcome } from './tiers.ts';

export interface UpkeepDeps {
  ops: Postgres;
  need: () => { store: ObjectStore; recipients: readonly string[]; timeZone: string; localDir?: string };
}

export interface KeepTiersInput {
  /** Just stored; absent in a dry run. */
  backupId?: string;
  retention: Record<Tier, number>;
  objectLock: 'off' | LockMode;
  dryRun: boolean;
}

export interface UpkeepOutcome extends RetentionOutcome {
  /** What dead runs had left: folders and open uploads. */
  cleared: number;
}

const HEARTBEAT_MS = 2_000;

/** Heartbeats with the last line of progress while `work` goes on. */
async function beating<Result>(
  work: (show: (line: string) => void, signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const context = Context.current();
  let line = '';
  const timer = setInterval(() => context.heartbeat(line), HEARTBEAT_MS);
  try {
    return await work((shown) => (line = shown), context.cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}

/** Runs of the backup that may still write, wherever they were started. */
async function liveRuns(): Promise<string[]> {
  const runs: string[] = [];
  const query = `WorkflowType = 'backupDatabase' and ExecutionStatus = 'Running'`;
  for await (const { runId } of getClient().workflow.list({ query })) runs.push(runId);
  return runs;
}

/** What follows a backup. None of it costs the backup: each may fail, and the run says so. */
export const createUpkeepActivities = ({ ops, need }: UpkeepDeps) => ({
  /**
   * Clears what dead runs left, copies between the tiers, locks, and deletes what the rule lets go.
   * Idempotent because each step looks first whether its result is there.
   */
  keepTiers: ({ backupId, retention, objectLock, dryRun }: KeepTiersInput): Promise<UpkeepOutcome> =>
    beating(async (onProgress, signal) => {
      const { store, timeZone } = need();
      const now = new Date();
      const outcome = await applyRetention({
        ...{ store, timeZone, now, dryRun, signal, onProgress },
        ...{ policy: retention, objectLock, justMade: backupId },
      });
      // A clock or a listing that is not to be trusted is no ground to call a run dead.
      if (dryRun || outcome.refused) return { ...outcome, cleared: 0 };
      const swept = await sweepOrphans(store, { now, liveRunIds: await liveRuns() });
      const cleared = swept.folders.length + swept.uploads.length;
      if (cleared > 0) log.info('cleared what dead runs had left', { ...swept });
      return { ...outcome, cleared };
    }),

  /** Keeps the newest backup in `BACKUP_LOCAL_DIR`. Idempotent because a whole copy is found and kept. */
  copyToLocalDir: ({ backupId }: { backupId: string }): Promise<{ folder: string; bytes: number } | null> =>
    beating(async (_show, signal) => {
      const { store, localDir } = need();
      if (localDir === undefined) return null;
      const { folder, bytes } = await keepLocalCopy({
        ...{ store, folder: folderIn('daily', backupId), dir: localDir, signal },
      });
      return { folder, bytes };
    }),

  /** What changed since the newest earlier backup; null for the first. Idempotent because it only reads. */
  findChanges: ({ backupId }: { backupId: string }): Promise<BackupStoredData['changes'] | null> =>
    beating(async () => {
      const { store } = need();
      const now = await readManifest(store, folderIn('daily', backupId));
      if (!now) return null;
      const earlier = (await listBackups(store)).find(
        ({ takenAt, database, unreadable }) =>
          !unreadable && takenAt < now.takenAt && database === now.source.database,
      );
      const [tier] = earlier?.tiers ?? [];
      const before = earlier && tier && (await readManifest(store, folderIn(tier, earlier.backupId)));
      if (!before) return null;
      const sizes = await readSizes(ops, { backupId, database: now.source.database });
      return { ...changesSince(before, now), sizes };
    }),

  /** When a person last opened a backup with the private key. Idempotent because it only reads. */
  findKeyCheck: (): Promise<string | null> => readLastKeyCheck(ops, need().recipients),
});

export type UpkeepActivities = ReturnType<typeof createUpkeepActivities>;
