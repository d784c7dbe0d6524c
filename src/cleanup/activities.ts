import { setInterval } from 'node:timers';
import { Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../clients/postgres.ts';
import type { Found, Progress, Removed, Source, SourceKind } from './source.ts';

export type CleanJob = 'nettoyage-donnees-temporaires' | 'nettoyage-logs';

/** What an earlier run did. */
export interface TrendPoint {
  /** ISO 8601: when it was due. */
  at: string;
  count: number;
  bytes: number;
}

export interface CleanDeps {
  ops: Pick<Postgres, 'query'>;
  /** What each job deletes from, as configured now. */
  sources: Record<CleanJob, () => Promise<Source[]>>;
}

export interface SourceInput {
  job: CleanJob;
  name: string;
  /** ISO 8601: the run's scheduled instant. */
  at: string;
}

const BEAT_MS = 2_000;
/** Runs that the report compares with. */
const TREND = 12;

export const createCleanActivities = ({ ops, sources }: CleanDeps) => {
  async function sourceOf({ job, name }: SourceInput): Promise<Source> {
    const source = (await sources[job]()).find((candidate) => candidate.name === name);
    // Between two steps of a run a worker with another policy may have taken over.
    if (source === undefined)
      throw ApplicationFailure.nonRetryable(
        `${name} is no longer configured under cleanup in maintenance.yaml`,
        'SourceGone',
      );
    return source;
  }

  return {
    /** Names everything that a job deletes from. Idempotent because it only reads settings. */
    async listCleanSources(job: CleanJob): Promise<{ name: string; kind: SourceKind }[]> {
      return (await sources[job]()).map(({ name, kind }) => ({ name, kind }));
    },

    /**
     * Checks a source, as far as it can be before the first deletion, and says what would go. Idempotent because it
     * only reads.
     */
    async findExpired({ samples, ...input }: SourceInput & { samples: boolean }): Promise<Found> {
      const source = await sourceOf(input);
      const { cancellationSignal } = Context.current();
      const beat = setInterval(() => heartbeat(), BEAT_MS);
      try {
        const warnings = await source.check(cancellationSignal);
        const found = await source.find(new Date(input.at), cancellationSignal);
        return {
          ...found,
          // A key tells where a row stood, and a file's name may be a person's: only previews show them.
          samples: samples ? found.samples : [],
          warnings: [...warnings, ...found.warnings],
        };
      } finally {
        clearInterval(beat);
      }
    },

    /** The last armed runs, oldest first, without this one. Idempotent because it only reads. */
    async readTrend(job: CleanJob): Promise<TrendPoint[]> {
      const runs = await ops.query<Omit<TrendPoint, 'at'> & { at: Date }>(
        `select scheduled_at as at, (result ->> 'count')::float8 as count, (result ->> 'bytes')::float8 as bytes
           from ops.runs
          where schedule_id = $1 and mode = 'armed' and outcome <> 'running' and run_id <> $2
            and result -> 'count' is not null
          order by started_at desc limit $3`,
        [job, Context.current().info.workflowExecution?.runId ?? '', TREND],
      );
      return runs.reverse().map(({ at, count, bytes }) => ({ at: at.toISOString(), count, bytes }));
    },

    /**
     * Deletes what has expired. Idempotent because what is gone cannot be found again, and what is archived first has
     * a key of its own: a successor goes on where the last heartbeat of a killed worker stood.
     */
    async removeExpired({ minutes, ...input }: SourceInput & { minutes: number }): Promise<Removed> {
      const { cancellationSignal: signal, info } = Context.current();
      const before = info.heartbeatDetails as Progress | undefined;
      let last = before;
      const beat = setInterval(() => heartbeat(last), BEAT_MS);
      try {
        const source = await sourceOf(input);
        return await source.remove({
          at: new Date(input.at),
          run: info.workflowExecution?.runId ?? info.activityId,
          signal,
          before,
          deadline: new Date(info.currentAttemptScheduledTimestampMs + minutes * 60_000),
          progress: (progress) => heartbeat((last = progress)),
        });
      } finally {
        clearInterval(beat);
      }
    },
  };
};

export type CleanActivities = ReturnType<typeof createCleanActivities>;
