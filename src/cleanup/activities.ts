import { setInterval } from 'node:timers';
import { Context, heartbeat } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Found, Progress, Removed, Source, SourceKind } from './source.ts';

export type CleanJob = 'nettoyage-donnees-temporaires' | 'nettoyage-logs';

export interface CleanDeps {
  /** What each job deletes from, as configured now. */
  sources: Record<CleanJob, () => Source[]>;
}

export interface SourceInput {
  job: CleanJob;
  name: string;
  /** ISO 8601: the run's scheduled instant. */
  at: string;
}

const BEAT_MS = 2_000;

export const createCleanActivities = ({ sources }: CleanDeps) => {
  function sourceOf({ job, name }: SourceInput): Source {
    const source = sources[job]().find((candidate) => candidate.name === name);
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
    listCleanSources(job: CleanJob): Promise<{ name: string; kind: SourceKind }[]> {
      return Promise.resolve(sources[job]().map(({ name, kind }) => ({ name, kind })));
    },

    /**
     * Checks a source, as far as it can be before the first deletion, and says what would go. Idempotent because it
     * only reads.
     */
    async findExpired({ samples, ...input }: SourceInput & { samples: boolean }): Promise<Found> {
      const source = sourceOf(input);
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
        return await sourceOf(input).remove({
          at: new Date(input.at),
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
