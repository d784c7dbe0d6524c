import { setTimeout as delay } from 'node:timers/promises';
import { activityInfo, heartbeat } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../clients/postgres.ts';
import type { Privacy } from '../privacy/index.ts';
import { countAccounts, readInactive } from './facts.ts';
import { monthsLater } from './plan.ts';
import type { Found } from './result.ts';
import { startLifecycle } from './start.ts';
import type { LifecyclePolicy } from './state.ts';
import { claimLifecycle, countOverdue, readConcerned } from './store.ts';

export interface ScanDeps {
  app: Postgres;
  ops: Postgres;
  privacy: () => Promise<Privacy>;
  client: () => Client;
  timeZone: string;
  /** How long a backup may bring back what was erased. */
  backupMonths: number;
}

const PAGE = 500;
const LATE_MS = 2 * 86_400_000;

interface Scan {
  /** The run's instant. */
  at: string;
  inactiveMonths: number;
}

export interface Started {
  /** The last account looked at: an attempt that was lost is gone on with from here. */
  after: string;
  started: number;
}

export const createScanActivities = ({ app, ops, privacy, client, timeZone, backupMonths }: ScanDeps) => {
  async function* inactive({ at, inactiveMonths }: Scan, after: string): AsyncGenerator<string[]> {
    const before = monthsLater(new Date(at), -inactiveMonths, timeZone);
    for (let last = after; ;) {
      const page = await readInactive(app, { before, after: last, limit: PAGE });
      const concerned = await readConcerned(ops, page, before);
      yield page.filter((accountId) => !concerned.has(accountId));
      const end = page.at(-1);
      if (page.length < PAGE || end === undefined) return;
      last = end;
    }
  }

  return {
    /** How many customers are inactive. Idempotent because it only reads. */
    async findInactiveCustomers(scan: Scan): Promise<Found> {
      let count = 0;
      for await (const page of inactive(scan, '')) {
        count += page.length;
        heartbeat();
      }
      return { count, accounts: await countAccounts(app) };
    },

    /**
     * Starts a lifecycle for each of them, at most `limit` and so many a second: more at once only make a queue.
     * Idempotent because a row is claimed under the account's key, and a workflow has the account's id: one that runs
     * is left as it is. A lost attempt is gone on with from its last heartbeat.
     */
    async startLifecycles({
      limit,
      perSecond,
      policy,
      ...scan
    }: Scan & { limit: number; perSecond: number; policy: LifecyclePolicy }): Promise<Started> {
      const details = activityInfo().heartbeatDetails as Started | undefined;
      let { after, started } = details ?? { after: '', started: 0 };
      const begun = Date.now();
      let here = 0;
      for await (const page of inactive(scan, after))
        for (const accountId of page) {
          if (started >= limit) return { after, started };
          await claimLifecycle(ops, { accountId, policy });
          await startLifecycle(client(), { accountId, policy });
          started += 1;
          here += 1;
          after = accountId;
          heartbeat({ after, started } satisfies Started);
          await delay(Math.max(0, begun + (1_000 * here) / perSecond - Date.now()));
        }
      return { after, started };
    },

    /** Lifecycles that should have gone on long ago. Idempotent because it only reads. */
    countOverdueLifecycles: async (): Promise<number> => countOverdue(ops, new Date(Date.now() - LATE_MS)),

    /**
     * Looks whether customers may be archived at all, and deletes what was kept long enough: the erasure ledger, the legal
     * store, archives of customers who came back. Idempotent because what is gone is found gone.
     */
    async purgePrivacy({
      at,
    }: {
      at: string;
    }): Promise<Record<'ledger' | 'legalStore' | 'archives', number>> {
      const room = await privacy();
      const [first, ...more] = await room.checkMap();
      if (first)
        throw ApplicationFailure.nonRetryable(
          `nobody is asked, for nobody could be archived: ${first.message}${more.length > 0 ? `; and ${String(more.length)} more` : ''} (talos privacy check)`,
          'PrivacyMapIncomplete',
        );
      return room.purge({ at: new Date(at), backupMonths });
    },
  };
};

export type ScanActivities = ReturnType<typeof createScanActivities>;
