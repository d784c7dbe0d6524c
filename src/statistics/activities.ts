import { ApplicationFailure, Context } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import { computeStatistics, type Computed } from './compute.ts';
import { refreshViews, type Refreshed } from './views.ts';

export interface StatisticsDeps {
  app: Postgres;
  timeZone: string;
  grossMarginPercent: number;
  /** The application's own materialised views, `schema.name`. */
  views: readonly string[];
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

export const createStatisticsActivities = ({ app, timeZone, grossMarginPercent, views }: StatisticsDeps) => ({
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

  /** Idempotent because a refresh computes the view from what is there. One that fails keeps no other back. */
  async refreshMaterializedViews(): Promise<Refreshed> {
    return refreshViews(app, views);
  },
});

export type StatisticsActivities = ReturnType<typeof createStatisticsActivities>;
