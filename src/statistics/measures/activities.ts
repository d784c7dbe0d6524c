import { Context } from '@temporalio/activity';
import type { Postgres } from '../../clients/postgres.ts';
import { measurePage, type PageLoadMeasured } from './page-load.ts';
import { updateMeasured, type UpdatedMeasures } from './update.ts';

export interface MeasureDeps {
  app: Postgres;
  ops: Postgres;
  timeZone: string;
  /** APP_URL. */
  pageUrl: string | undefined;
}

export interface MeasuresInput {
  /** ISO instant of the run. */
  at: string;
  period?: string;
}

export const createMeasureActivities = ({ app, ops, timeZone, pageUrl }: MeasureDeps) => ({
  /** Idempotent because the sample's key is the run's instant: the first measurement counts. */
  async measurePageLoad({ at }: MeasuresInput): Promise<PageLoadMeasured> {
    return measurePage({
      ...{ app, ops, url: pageUrl, at: new Date(at), now: new Date() },
      signal: Context.current().cancellationSignal,
    });
  },

  /** Idempotent because whole hours are built anew from samples, and figures upserted: the same again changes nothing. */
  async updateMeasures({ at, period }: MeasuresInput): Promise<UpdatedMeasures> {
    const context = Context.current();
    return updateMeasured({ app, ops, at: new Date(at), period, timeZone, beat: () => context.heartbeat() });
  },
});

export type MeasureActivities = ReturnType<typeof createMeasureActivities>;
