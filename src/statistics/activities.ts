import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import type { AlertEffect } from '../alerts/index.ts';
import { compareStatistics, type Compared } from './compare.ts';
import { computeStatistics, type Computed } from './compute.ts';
import { mirrorFigures, type Mirrored, type MirrorTable } from './mirror.ts';
import { refreshViews, type Refreshed } from './views.ts';

export interface StatisticsDeps {
  app: Postgres;
  timeZone: string;
  grossMarginPercent: number;
  /** The application's own materialised views, `schema.name`. */
  views: readonly string[];
  /** A table of the application that shows figures of days. */
  mirrorTo: MirrorTable | undefined;
  /** Rejects when the alert's workflow was not reached. */
  tell: (effect: AlertEffect) => Promise<void>;
}

/** Far below the heartbeat timeout: a busy machine may delay a few. */
const HEARTBEAT_MS = 3_000;
/** Written into the rules, which are SQL. */
const ZONE = 'Europe/Paris';

export interface ComputeInput {
  /** ISO instant of the run. */
  at: string;
  period?: string;
}

export const createStatisticsActivities = ({
  app,
  timeZone,
  grossMarginPercent,
  views,
  mirrorTo,
  tell,
}: StatisticsDeps) => ({
  /** Idempotent because facts are built anew for whole days and figures upserted: the same again changes nothing. */
  async computeFigures({ at, period }: ComputeInput): Promise<Computed> {
    if (timeZone !== ZONE)
      throw ApplicationFailure.nonRetryable(
        `timeZone is ${timeZone}, and days, weeks and months of figures are those of ${ZONE}`,
        'ZoneNotSupported',
      );
    const beat = setInterval(() => Context.current().heartbeat('facts and figures'), HEARTBEAT_MS);
    try {
      const computed = await computeStatistics(app, {
        ...{ at: new Date(at), period, timeZone },
        grossMargin: grossMarginPercent / 100,
      });
      // The run that holds the lock computes this hour, but not a period that somebody named.
      if (computed.busy && period !== undefined)
        throw ApplicationFailure.retryable('Another run of update-statistiques is at it', 'StatisticsBusy');
      return computed;
    } catch (error) {
      const { code, message } = error as { code?: string; message: string };
      // no_data_found: ours alone, for a currency without a rate. A repetition would find none either.
      if (code === 'P0002') throw ApplicationFailure.nonRetryable(message, 'RateMissing');
      if (code === '42P01' || code === '42883')
        throw ApplicationFailure.nonRetryable(`${message}: run \`talos database apply\``, 'SchemaOutOfDate');
      throw error;
    } finally {
      clearInterval(beat);
    }
  },

  /**
   * Told before the night is marked would be told twice, and the other way round never: the alert is one workflow by its
   * id, so a repetition tells the same incident again. Idempotent because a night that is marked is not due.
   */
  async compareFigures({ at }: ComputeInput): Promise<Compared> {
    const beat = setInterval(() => Context.current().heartbeat('comparison'), HEARTBEAT_MS);
    try {
      return await compareStatistics(app, {
        ...{ at: new Date(at), timeZone, grossMargin: grossMarginPercent / 100 },
        tell: (compared) => tellCompared(compared, at, tell),
      });
    } finally {
      clearInterval(beat);
    }
  },

  /** Idempotent because rows are upserted under the table's own key. */
  async mirrorStatistics({ at, period }: ComputeInput): Promise<Mirrored> {
    return mirrorFigures(app, mirrorTo, { at: new Date(at), period, timeZone });
  },

  /** Idempotent because a refresh computes the view from what is there. One that fails keeps no other back. */
  async refreshMaterializedViews(): Promise<Refreshed> {
    return refreshViews(app, views);
  },
});

const FIGURES = { rule: 'figures', target: 'statistics' } as const;

/** Open until a night finds no difference. Metrics and periods, no rows of anybody. */
async function tellCompared(
  { different = 0, differences = [] }: Compared,
  at: string,
  tell: StatisticsDeps['tell'],
): Promise<void> {
  if (different === 0) return tell({ kind: 'clear', ...FIGURES, at, value: 0 });
  await tell({
    ...{ kind: 'fire', ...FIGURES, level: 'important', since: at, at, value: different, threshold: 0 },
    evidence: differences.map(({ metric, kind, since, before, after }) => ({
      name: `${metric} ${kind} ${since.slice(0, 10)}`,
      value: `${before ?? '–'} → ${after ?? '–'}`,
    })),
  });
}

export type StatisticsActivities = ReturnType<typeof createStatisticsActivities>;
