import { expect } from 'vitest';
import type { Postgres, Transaction } from '../../src/clients/postgres.ts';
import { createPrivacy, type PrivacyDeps } from '../../src/privacy/index.ts';
import {
  CANARY,
  erasable,
  fillWithCanaries,
  giveEverything,
  tablesWith,
  type PrivacySite,
} from './support.ts';

class Killed extends Error {
  override readonly name = 'Killed';
}

/**
 * Every statement and every outside call is counted; at the chosen one, before or after it took effect, the "process" is
 * gone: no later call reaches anything, and transactions that are open are lost.
 */
function killAt(
  deps: PrivacyDeps,
  at: number,
  when: 'before' | 'after',
): { deps: PrivacyDeps; calls: () => number } {
  let calls = 0;
  let dead = false;
  async function call<Result>(work: () => Promise<Result>): Promise<Result> {
    if (dead) throw new Killed();
    calls += 1;
    const isLast = calls === at;
    if (isLast && when === 'before') {
      dead = true;
      throw new Killed();
    }
    const result = await work();
    if (isLast) {
      dead = true;
      throw new Killed();
    }
    return result;
  }
  const database = (db: Postgres): Postgres => ({
    query: (...args) => call(() => db.query(...args)) as never,
    transaction: async (work) => {
      if (dead) throw new Killed();
      const result = await db.transaction(async (tx) => {
        const counted: Transaction = {
          query: (...args) => call(() => tx.query(...args)) as never,
          execute: (...args) => call(() => tx.execute(...args)),
        };
        const done = await work(counted);
        // The commit itself: lost before, or done and never heard of.
        if (when === 'before') await call(() => Promise.resolve());
        return done;
      });
      if (when === 'after') await call(() => Promise.resolve());
      return result;
    },
    close: () => db.close(),
  });
  const { store, storage, sms } = deps;
  return {
    calls: () => calls,
    deps: {
      ...deps,
      app: database(deps.app),
      ops: database(deps.ops),
      store: store && {
        ...store,
        put: (...args) => call(() => store.put(...args)),
        get: (...args) => call(() => store.get(...args)),
        remove: (...args) => call(() => store.remove(...args)),
        beginUpload: (...args) => call(() => store.beginUpload(...args)),
        uploadPart: (...args) => call(() => store.uploadPart(...args)),
        completeUpload: (...args) => call(() => store.completeUpload(...args)),
      },
      storage: storage && { remove: (...args) => call(() => storage.remove(...args)) },
      sms: sms && { remove: (...args) => call(() => sms.remove(...args)) },
    },
  };
}

type What = 'anonymise' | 'archive' | 'return';

async function run(deps: PrivacyDeps, what: What, accountId: string): Promise<void> {
  const privacy = createPrivacy(deps);
  if (what === 'archive') await privacy.archiveCustomer(accountId);
  else if (what === 'return') await privacy.restoreCustomer(accountId);
  else {
    await privacy.anonymizeCustomer(accountId);
    await privacy.eraseElsewhere(accountId);
  }
}

const exists = async (db: Postgres, sql: string, values: unknown[]): Promise<boolean> =>
  (await db.query(sql, values)).length > 0;

/** What must be true in the end, however often it was killed. */
async function judge(site: PrivacySite, what: What, accountId: string, status: string): Promise<void> {
  const { app, ops, store, deps } = site;
  const references = await ops.db.query<{ reference: string; released: boolean }>(
    'select reference, released_at is not null as released from ops.customer_archives where account_id = $1',
    [accountId],
  );
  const objects: string[] = [];
  for await (const { key } of store.list('customers/')) objects.push(key);
  if (what === 'anonymise') {
    expect(
      Object.keys(await tablesWith(app.db, CANARY)).filter((name) => name !== 'maintenance.legal_store'),
    ).toEqual([]);
    expect(await tablesWith(app.db, accountId)).toEqual({});
    expect(await tablesWith(ops.db, accountId)).toEqual({});
    const subject = deps.ledger.subjectOf(accountId);
    expect(
      await ops.db.query('select done_at is not null as done from ops.erasures where subject = $1', [
        subject,
      ]),
    ).toEqual([{ done: true }]);
    expect(await exists(ops.db, 'select from ops.erasure_steps where subject = $1', [subject])).toBe(false);
    expect(await exists(app.db, 'select from maintenance.erasure_receipts', [])).toBe(false);
    expect(objects).toEqual([]);
    // One proof, whatever happened on the way.
    const [proofs] = await ops.db.query<{ count: number; erasures: number }>(
      'select count(*) as count, (select count(*) from ops.erasures) as erasures from ops.erasure_proofs',
    );
    expect(proofs?.count).toBe(proofs?.erasures);
    return;
  }
  const [account] = await app.db.query<{ status: string; name: string }>(
    'select status::text, name from public.accounts where id = $1',
    [accountId],
  );
  const [tickets] = await app.db.query<{ count: number }>(
    'select count(*) as count from public.tickets where account_id = $1',
    [accountId],
  );
  if (what === 'archive') {
    expect(account).toEqual({ status: 'archived', name: 'Compte anonymisé' });
    expect(tickets?.count).toBe(0);
    // One archive with its key; what killed attempts left is destroyed.
    expect(references).toHaveLength(1);
    expect(objects.filter((key) => key.includes(references[0]?.reference ?? '-'))).toHaveLength(2);
    expect(objects).toHaveLength(2);
  } else {
    expect(account?.status).toBe(status);
    expect(account?.name).toContain(CANARY);
    expect(tickets?.count).toBeGreaterThan(0);
    expect(
      await exists(app.db, 'select from maintenance.customer_archives where account_id = $1', [accountId]),
    ).toBe(false);
  }
}

/** A customer each for every place; returns how many places there were. */
export async function sweepKills(
  site: PrivacySite,
  what: What,
  { every }: { every: number },
): Promise<number> {
  let places = 0;
  for (const when of ['before', 'after'] as const)
    for (let at = 1 + (when === 'after' ? Math.floor(every / 2) : 0); ; at += every) {
      const [accountId = ''] = await fresh(site);
      await giveEverything(site.app.db, accountId);
      await fillWithCanaries(site, accountId);
      await site.ops.db.query(
        `insert into ops.notifications (key, channel, level, template, data, status)
         values ('trial-help/' || gen_random_uuid() || '/1', 'email', 'info', 'trial-help', jsonb_build_object('accountId', $1::text), 'sent')`,
        [accountId],
      );
      const [{ status = '' } = {}] = await site.app.db.query<{ status?: string }>(
        'select status::text from public.accounts where id = $1',
        [accountId],
      );
      if (what === 'return') await site.privacy.archiveCustomer(accountId);
      const killed = killAt(site.deps, at, when);
      const ended = await run(killed.deps, what, accountId).then(
        () => 'done',
        (error: Error) => error.name,
      );
      if (ended === 'done') {
        expect(killed.calls()).toBeLessThan(at);
        await cleanUp(site, accountId);
        break;
      }
      places += 1;
      await run(site.deps, what, accountId);
      await judge(site, what, accountId, status);
      // Once more changes nothing.
      await run(site.deps, what, accountId);
      await judge(site, what, accountId, status);
      await cleanUp(site, accountId);
    }
  return places;
}

/** Whatever the last customer has left would be counted with the next one. */
async function cleanUp(site: PrivacySite, accountId: string): Promise<void> {
  await site.privacy.anonymizeCustomer(accountId);
  await site.privacy.eraseElsewhere(accountId);
}

const fresh = (site: PrivacySite): Promise<string[]> => erasable(site.app.db, 1);
