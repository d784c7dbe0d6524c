import { randomBytes } from 'node:crypto';
import { ApplicationFailure, type CancelledFailure, Context, log } from '@temporalio/activity';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Postgres } from '../clients/postgres.ts';
import { resolveTools, type ToolOptions } from '../tools/index.ts';
import { toolVersion } from './dump.ts';
import { removeFolder, settleEarlierAttempts } from './folder.ts';
import { attemptFolder, runPrefix } from './layout.ts';
import { readLastProven, writeProof, type LastProven } from './journal.ts';
import { createProgress } from './progress.ts';
import { checkSource, openSource } from './source.ts';
import { summaryOf, type BackupSummary } from './summary.ts';
import type { FurtherDatabase } from './parts.ts';
import type { ServiceSettings } from './service-part.ts';
import { takeBackup } from './take.ts';
import { createUpkeepActivities } from './upkeep.ts';

/** What the job needs; absent when its settings are. */
export interface BackupSettings {
  store: ObjectStore;
  databaseUrl: string;
  verifyDatabaseUrl?: string;
  recipients: readonly string[];
  /** Databases beside the application's. */
  databases: readonly FurtherDatabase[];
  service?: ServiceSettings;
  /** For the last encrypted copy on this machine. */
  localDir?: string;
  timeZone: string;
  endpoint?: string;
  workDir: string;
  tools: ToolOptions;
}

export interface BackupDeps {
  ops: Postgres;
  settings: BackupSettings | undefined;
  /** Names of the settings that are missing, when `settings` is undefined. */
  missing: readonly string[];
}

export interface TakeBackupInput {
  /** ISO 8601; names the folder. */
  scheduledAt: string;
  compressionLevel: number;
  prove: boolean;
  /** Above so many gigabytes (10^9 bytes) a database's contents are digested on Sundays only, its rows always counted. */
  digestDailyUpToGigabytes: number;
}

export interface SourceCheck {
  database: string;
  serverVersion: string;
  databaseBytes: number;
  pgDump: string;
  location: string;
  /** What is stored beside it, were it run. */
  parts: string[];
}

/** Shorter than the heartbeat timeout by far: a busy machine may delay a few. */
const HEARTBEAT_MS = 2_000;
const TOOLS = ['pg_dump', 'pg_restore', 'initdb', 'postgres', 'pg_amcheck', 'zstd'] as const;

const findTools = (options: ToolOptions) =>
  resolveTools(TOOLS, options).catch((error: unknown) => {
    throw ApplicationFailure.nonRetryable((error as Error).message, 'ToolMissing');
  });

const weekdayIn = (timeZone: string, at: Date): string =>
  new Intl.DateTimeFormat('en', { timeZone, weekday: 'short' }).format(at);

/** Why this call was stopped; what the stopped programs then said of their pipes explains nothing. */
const asCancellation = async (): Promise<Error> => {
  const cancelled = await Context.current().cancelled.catch((error: CancelledFailure) => error);
  // A worker that leaves in good order is no failure of the backup: the next one begins anew.
  return cancelled.message === 'WORKER_SHUTDOWN'
    ? ApplicationFailure.retryable('the worker was shut down', 'WorkerShutdown')
    : cancelled;
};

export const createBackupActivities = ({ ops, settings, missing }: BackupDeps) => {
  const need = (): BackupSettings => {
    if (settings) return settings;
    throw ApplicationFailure.nonRetryable(
      `backup-database is off: set ${missing.join(', ')}`,
      'SettingsMissing',
    );
  };

  return {
    ...createUpkeepActivities({ ops, need }),

    /**
     * Takes one backup and proves it, in one call: the key that opens it for the proof lives only in this call.
     * Idempotent because each attempt writes into a folder of its own, clears its predecessors' first, and takes over
     * the backup that one of them completed; only `manifest.json`, written last, makes a folder a backup.
     */
    async takeAndProveBackup(input: TakeBackupInput): Promise<BackupSummary> {
      const { store, databaseUrl, verifyDatabaseUrl, recipients, endpoint, workDir, tools, ...more } = need();
      const { workflowExecution } = Context.current().info;
      if (!workflowExecution) throw ApplicationFailure.nonRetryable('runs in workflows only', 'BadCaller');
      const signal = Context.current().cancellationSignal;
      const progress = createProgress();
      const beat = (): void => Context.current().heartbeat(progress.current());
      const timer = setInterval(beat, HEARTBEAT_MS);
      const prefix = runPrefix(new Date(input.scheduledAt), workflowExecution.runId);
      const folder = attemptFolder(prefix, randomBytes(4).toString('hex'));
      try {
        beat();
        const completed = await settleEarlierAttempts(store, prefix);
        if (completed) {
          log.info('took over the backup that a lost worker had completed', { backupId: completed.backupId });
          return summaryOf(completed, store, `daily/${completed.backupId}`);
        }
        const isSunday = weekdayIn(more.timeZone, new Date(input.scheduledAt)) === 'Sun';
        const manifest = await takeBackup({
          store,
          folder,
          databaseUrl,
          verifyDatabaseUrl,
          recipients,
          endpoint,
          databases: more.databases,
          service: more.service,
          digests: (bytes) => isSunday || bytes <= input.digestDailyUpToGigabytes * 1e9,
          compressionLevel: input.compressionLevel,
          prove: input.prove,
          tools: await findTools(tools),
          workDir,
          run: { workflowId: workflowExecution.workflowId, runId: workflowExecution.runId },
          progress,
          signal,
        });
        return summaryOf(manifest, store, folder);
      } catch (error) {
        // Nothing half-done stays; if the store is down, the next attempt clears it.
        await removeFolder(store, folder).catch((failure: unknown) => {
          log.warn('could not clear a failed attempt, the next one will', {
            folder,
            failure: String(failure),
          });
        });
        if (signal.aborted) throw await asCancellation();
        throw error;
      } finally {
        clearInterval(timer);
      }
    },

    /** Records a proof in `ops.proofs`. Idempotent because the backup's id is the row's key. */
    async recordProof(summary: BackupSummary): Promise<void> {
      const { workflowExecution } = Context.current().info;
      if (!workflowExecution) throw ApplicationFailure.nonRetryable('runs in workflows only', 'BadCaller');
      await writeProof(ops, { summary, ...workflowExecution });
    },

    /** The newest proven backup, for whoever hears that today's failed. Idempotent because it only reads. */
    findLastProven: (): Promise<LastProven | null> => readLastProven(ops),

    /** Says what a backup would take, for `--dry-run`. Idempotent because it only reads. */
    async checkBackupSource(): Promise<SourceCheck> {
      const { databaseUrl, store, tools, service, databases } = need();
      const found = await findTools(tools);
      const pgDump = await toolVersion(found.pg_dump);
      const session = await openSource(databaseUrl);
      try {
        const { database, serverVersion, bytes } = await checkSource(session, databaseUrl, pgDump);
        for await (const object of store.list('daily/')) {
          log.debug('the bucket can be listed', { key: object.key });
          break;
        }
        const parts = ['globals', ...(service ? ['files'] : []), ...databases.map(({ part }) => part)];
        return { database, serverVersion, databaseBytes: bytes, pgDump, location: store.url('daily'), parts };
      } finally {
        await session.close();
      }
    },
  };
};

export type BackupActivities = ReturnType<typeof createBackupActivities>;
