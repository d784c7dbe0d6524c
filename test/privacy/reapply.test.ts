import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createLedger, createPrivacy, type PrivacyDeps } from '../../src/privacy/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import {
  CANARY,
  erasable,
  fillWithCanaries,
  giveEverything,
  startPrivacy,
  tablesWith,
  type PrivacySite,
} from './support.ts';

let site: PrivacySite;
/** The state before anybody was erased: what a restore brings back. */
let restored: ClonedDatabase;
let erased: string[];
/** An administrator's session: the restored database may have no role of ours. */
let afterRestore: PrivacyDeps;

beforeAll(async () => {
  [site, restored] = await Promise.all([startPrivacy(), cloneDatabase('app')]);
  erased = await erasable(site.app.db, 30);
  const [first = ''] = erased;
  await giveEverything(restored.db, first);
  await fillWithCanaries({ ...site, app: restored }, first);
  for (const id of erased) await site.privacy.anonymizeCustomer(id);
  afterRestore = { ...site.deps, app: restored.db, role: undefined };
});
afterAll(async () => {
  await restored.drop();
  await site.close();
});

const still = async (): Promise<number> =>
  (await restored.db.query('select from public.accounts where id::text = any ($1)', [erased])).length;

describe('a restored database', () => {
  it('is refused where the ledger was written with another key', async () => {
    const ledger = createLedger('another-ledger-key-0123456789abcdefghijkl');
    await expect(createPrivacy({ ...afterRestore, ledger }).reapplyErasures()).rejects.toMatchObject({
      type: 'LedgerKeyChanged',
    });
    expect(await still()).toBe(30);
  });

  it('loses again all who were erased, and nobody else', async () => {
    const [all] = await restored.db.query<{ count: number }>('select count(*) as count from public.accounts');
    const report = await createPrivacy(afterRestore).reapplyErasures();
    expect(report).toMatchObject({ examined: all?.count, reapplied: 30 });
    expect(await still()).toBe(0);
    expect(Object.keys(await tablesWith(restored.db, CANARY))).toEqual(['maintenance.legal_store']);
    expect(await restored.db.query('select count(*) as count from public.accounts')).toEqual([all]);
  });

  it('has nothing left for a second pass', async () => {
    expect(await createPrivacy(afterRestore).reapplyErasures()).toMatchObject({ reapplied: 0 });
    const proofs = await site.ops.db.query(
      'select reason, count(*) from ops.erasure_proofs group by 1 order by 1',
    );
    expect(proofs).toEqual([
      { reason: 'inactive', count: 30 },
      { reason: 'restore', count: 30 },
    ]);
  });

  it('knows them also when both databases were lost, by the bucket', async () => {
    const [again, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
    const report = await createPrivacy({ ...afterRestore, app: again.db, ops: ops.db }).reapplyErasures();
    expect(report.reapplied).toBe(30);
    await Promise.all([again.drop(), ops.drop()]);
  });
});

it('proofs are a chain that nobody changes', async () => {
  const proofs = await site.ops.db.query<{ hash: string; previous: string }>(
    'select hash, previous from ops.erasure_proofs order by id',
  );
  expect(proofs.slice(1).every(({ previous }, index) => previous === proofs[index]?.hash)).toBe(true);
  for (const sql of [
    'delete from ops.erasure_proofs',
    `update ops.erasure_proofs set reason = 'request'`,
    'truncate ops.erasure_proofs',
  ])
    await expect(site.ops.db.query(sql)).rejects.toThrow(/only ever added to/);
  expect(JSON.stringify(await site.ops.db.query('select counts from ops.erasure_proofs'))).not.toContain(
    erased[0],
  );
});

it('the ledger is kept as long as the oldest backup and a month', async () => {
  const at = new Date();
  await site.ops.db.query(
    `update ops.erasures set done_at = now() - interval '13 months 1 day' where subject = $1`,
    [site.deps.ledger.subjectOf(erased[0] ?? '')],
  );
  await site.ops.db.query('delete from ops.erasure_steps');
  expect(await site.privacy.purge({ at, backupMonths: 12 })).toMatchObject({ ledger: 1 });
  expect(await site.ops.db.query('select count(*) from ops.erasures')).toEqual([{ count: 29 }]);
  const objects: string[] = [];
  for await (const { key } of site.store.list('erasures/')) objects.push(key);
  expect(objects).toHaveLength(29);
});
