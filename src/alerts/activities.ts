import { log } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../clients/postgres.ts';
import type { AlertDigestData } from '../notifications/notice.ts';
import type { AlertRecord } from './record.ts';
import type { OpenedAlert } from './state.ts';
import { createAlertStore } from './store.ts';
import { ALERT_TIMES, type AlertChannels, type AlertTimes } from './times.ts';

export interface AlertDeps {
  ops: Postgres;
  channels: AlertChannels;
  /** Other times than the usual ones. */
  times?: Partial<AlertTimes>;
  /** Whether Temporal knows the search attributes: setting one it does not know would stop the workflow. */
  searchable: () => Promise<boolean>;
}

/** A notice must not wait for its number: after this long it leaves without one. */
const OPEN_MS = 3_000;
const LOOK_MS = 1_000;

export const createAlertActivities = (deps: AlertDeps) => {
  const store = createAlertStore(deps.ops);
  const times: AlertTimes = { ...ALERT_TIMES, ...deps.times };
  let searchable = false;

  return {
    /**
     * Writes an incident down and says how it is to be handled. Never fails: without the operations database it has
     * number 0 until `recordAlert` gets through. Idempotent because the row's key is run and episode.
     */
    async openAlert(record: AlertRecord): Promise<OpenedAlert> {
      const [known, found] = await Promise.all([
        within(OPEN_MS, store.open(record, times.flapWindow)).catch((error: unknown) => {
          log.warn('an alert opens without its row in ops.alerts', { why: codeOf(error) });
          return { alertId: 0, recentEnds: [] };
        }),
        searchable || within(LOOK_MS, deps.searchable()).catch(() => false),
      ]);
      searchable = found;
      return { ...known, channels: deps.channels, times, searchable };
    },

    /**
     * Brings the row up to what the workflow knows, and returns its number. Idempotent because a row only ever takes
     * a newer revision.
     */
    async recordAlert(record: AlertRecord): Promise<number> {
      try {
        return await within(OPEN_MS, store.record(record));
      } catch (error) {
        // The driver's text may name a host and a user; the code is enough to look it up.
        const message = `ops.alerts did not take the row (${codeOf(error)})`;
        throw ApplicationFailure.create({ message, type: 'DatabaseUnreachable' });
      }
    },

    /**
     * Which alerts began together with this one, to be told in one notice. Idempotent because membership is written
     * once; each member makes the same notice under the same key, and the ledger lets one of them leave.
     */
    async groupAlerts(input: {
      alertId: number;
      windowMs: number;
    }): Promise<{ key: string; data: AlertDigestData } | undefined> {
      return within(OPEN_MS, store.group(input.alertId, input.windowMs));
    },
  };
};

export type AlertActivities = ReturnType<typeof createAlertActivities>;

const codeOf = (error: unknown): string => {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' ? code : 'no answer';
};

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
