import { setInterval } from 'node:timers';
import { Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../../clients/postgres.ts';
import { pruneArchives, type Archive } from '../archive/index.ts';
import type { StoredWeek } from '../result.ts';
import { readFigures, type LogFigures } from './figures.ts';
import type { LogTable } from './tables.ts';
import { pruneWeeks, storeWeekOf } from './week.ts';

export interface LogDeps {
  app: Postgres;
  ops: Postgres;
  /** Undefined where no bucket is configured. */
  archive: (() => Promise<Archive>) | undefined;
  tables: readonly LogTable[];
  timeZone: string;
  /** Of important logs (months), and of the week's (weeks). */
  keep: { months: number; weeks: number };
}

const BEAT_MS = 2_000;

async function beating<Result>(work: (beat: (rows: number) => void) => Promise<Result>): Promise<Result> {
  let rows = 0;
  const timer = setInterval(() => heartbeat({ rows }), BEAT_MS);
  try {
    return await work((count) => (rows = count));
  } finally {
    clearInterval(timer);
  }
}

export const createLogActivities = ({ app, ops, archive, tables, timeZone, keep }: LogDeps) => {
  const opened = (): Promise<Archive> => {
    if (archive === undefined)
      throw ApplicationFailure.nonRetryable(
        'logs are archived in the bucket, and there is none: set BACKUP_BUCKET and BACKUP_AGE_RECIPIENTS',
        'ArchiveMissing',
      );
    return archive();
  };
  return {
    /**
     * The week's logs in figures. Idempotent because it reads; the texts of messages are kept under their own MD5.
     */
    readLogFigures: (at: string): Promise<LogFigures> =>
      beating(() => readFigures({ app, ops }, { tables, timeZone, at: new Date(at) })),

    /** Stores the week's logs. Idempotent because the week is the key, and a manifest ends what has been stored. */
    storeWeekOfLogs: (at: string): Promise<StoredWeek> =>
      beating(async (progress) => {
        const { cancellationSignal: signal, info } = Context.current();
        const run = info.workflowExecution?.runId ?? info.activityId;
        const archive = await opened();
        return storeWeekOf({ app, archive, tables, timeZone }, new Date(at), { run, signal, progress });
      }),

    /** Deletes what was archived long enough ago. Idempotent because what is gone is not found again. */
    pruneLogArchives: (at: string): Promise<number> =>
      beating(async () => {
        const target = await opened();
        const { cancellationSignal: signal } = Context.current();
        const important = await pruneArchives(target, { at: new Date(at), months: keep.months }, signal);
        return important + (await pruneWeeks(target, keep.weeks, signal));
      }),
  };
};

export type LogActivities = ReturnType<typeof createLogActivities>;
