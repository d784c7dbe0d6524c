import { writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { arm, disarm } from '../../src/schedules/index.ts';
import { lifecycleId } from '../../src/shared/ids.ts';
import { waitFor } from '../support/wait.ts';
import { startLifecycles, type LifecycleSite, type Customer, CANARY } from './support.ts';

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 120_000);
afterAll(() => site.close());
const JOB = 'archivage-clients-inactifs';
async function saveId(id: string, name: string) {
  const history = await site.maintenance.client.workflow.getHandle(id).fetchHistory();
  const text = historyToJSON(history);
  expect(Buffer.from(text).toString()).not.toContain(CANARY);
  writeFileSync(`test/replay/histories/${name}.json`, text + '\n');
}
const save = (c: Customer, name: string) => saveId(lifecycleId(c.accountId), name);

test('jobs', async () => {
  const { app, ops } = site.maintenance;
  const gone = () => app.db.query(`delete from public.accounts where email like '%@zephyrine.example'`);
  await Promise.all([site.customer(), site.customer()]);
  await disarm(ops.db, JOB);
  const o = await site.begin();
  await o.result();
  await saveId(o.workflowId, `${JOB}-observe`);
  await arm({ app: app.db, ops: ops.db }, { scheduleId: JOB, by: 'test' });
  const a = await site.begin();
  await a.result();
  await saveId(a.workflowId, `${JOB}-armed`);
  await new Promise((r) => setTimeout(r, 2000));
  await gone();
  await Promise.all(Array.from({ length: 6 }, () => site.customer()));
  const h = await site.begin({ brakePercent: 0 });
  await waitFor(() => h.executeUpdate('reject').then(() => true), {
    timeoutMs: 40_000,
    what: 'the question',
  });
  await h.result();
  await saveId(h.workflowId, `${JOB}-braked`);
  await gone();
}, 120_000);

test('whole life', async () => {
  const c = await site.customer();
  const cal = await site.start(c);
  await site.until(c, 'asked', (v) => v.deadline !== undefined);
  await save(c, 'lifecycle-asked');
  await cal.to(29);
  await save(c, 'lifecycle-reminded');
  await cal.to(31.2);
  await site.until(c, 'archived', (v) => v.deadline !== undefined);
  await save(c, 'lifecycle-archived');
  await cal.to(31.2 + 366);
  console.log(await site.result(c), await site.status(c));
  await save(c, 'lifecycle-anonymized');
}, 120_000);

test('back', async () => {
  const c = await site.customer();
  const cal = await site.start(c);
  await site.until(c, 'asked', (v) => v.deadline !== undefined);
  await site.signal(c, 'reactivate', { by: 'app' });
  console.log(await site.result(c), await site.status(c));
  await save(c, 'lifecycle-reactivated-by-signal');
  const d = await site.customer();
  const cal2 = await site.start(d);
  await site.until(d, 'asked', (v) => v.deadline !== undefined);
  await cal2.to(31.2);
  await site.until(d, 'archived', (v) => v.deadline !== undefined);
  console.log(await site.update(d, 'reactivate'), await site.status(d));
  await save(d, 'lifecycle-restored-by-update');
  void cal;
}, 120_000);

test('held and erased', async () => {
  const c = await site.customer();
  const cal = await site.start(c);
  await site.until(c, 'asked', (v) => v.deadline !== undefined);
  await site.signal(c, 'hold', { by: 'litigation' });
  await site.until(c, 'asked', (v) => v.held !== undefined);
  await cal.to(70);
  console.log('held', await site.state(c));
  await save(c, 'lifecycle-held');
  await site.signal(c, 'release');
  await site.until(c, 'archived');
  await site.signal(c, 'setDeadline', { anonymiseAfterMonths: 24 });
  await site.until(c, 'archived', (v) => v.policy.anonymiseAfterMonths === 24);
  await save(c, 'lifecycle-moved');
  console.log('moved', await site.state(c));
  const view = await site.update(c, 'erase', { by: 'request' });
  console.log('erase', view);
  console.log(await site.result(c), await site.status(c));
  await save(c, 'lifecycle-erased-on-request');
  const d = await site.customer();
  await site.start(d, { erase: 'cli' });
  console.log(await site.result(d));
  await save(d, 'lifecycle-erased-at-once');
  const e = await site.customer();
  await site.maintenance.app.db.query(
    `insert into public.legal_holds (account_id, reason, opened_at) values ($1, '-', now())`,
    [e.accountId],
  );
  await site.start(e, { erase: 'cli' });
  console.log('blocked', await site.result(e));
  await save(e, 'lifecycle-erasure-refused');
  void randomUUID;
}, 120_000);
