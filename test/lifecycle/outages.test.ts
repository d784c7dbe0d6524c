import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { lifecycleId } from '../../src/shared/ids.ts';
import { FAULTS } from '../notifications/smtp-sink.ts';
import { waitFor } from '../support/wait.ts';
import { CANARY, startLifecycles, type LifecycleSite } from './support.ts';

/** Mail server and workers that are away, a deploy in the middle, and what stands in Temporal. */

// A busy machine: a scenario is a second or two of a quiet one.
vi.setConfig({ testTimeout: 180_000 });

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 120_000);
afterEach(() => {
  site.smtp.faults = {};
});
afterAll(() => site.close());

const tried = (accountId: string) =>
  waitFor(
    async () =>
      (
        await site.maintenance.ops.db.query('select from ops.notifications where key like $1', [
          `reactivate-ask/${accountId}/%`,
        ])
      ).length > 0,
    { timeoutMs: 20_000, what: 'the first attempt' },
  );

test('mail down: the days count from the question that left, and it leaves once', async () => {
  site.smtp.faults = { greeting: FAULTS.cut };
  const customer = await site.customer();
  await site.start(customer);
  await tried(customer.accountId);
  expect(await site.state(customer)).toMatchObject({ phase: 'asking' });
  site.smtp.faults = {};
  const back = Date.now();
  const view = await site.until(customer, 'asked', ({ deadline }) => deadline !== undefined);
  expect(Date.parse(view.askedAt ?? '')).toBeGreaterThan(back);
  expect(site.mailsTo(customer)).toHaveLength(1);
});

test.each(['update', 'activity'] as const)('mail down: back by %s before any message', async (way) => {
  site.smtp.faults = { greeting: FAULTS.cut };
  const customer = await site.customer();
  await site.start(customer);
  await tried(customer.accountId);
  if (way === 'update') await site.update(customer, 'reactivate');
  else {
    await site.maintenance.app.db.query('update public.accounts set last_activity_at = now() where id = $1', [
      customer.accountId,
    ]);
    site.smtp.faults = {};
  }
  expect(await site.result(customer)).toMatchObject({ phase: 'reactivated' });
  expect(site.mailsTo(customer)).toEqual([]);
});

test('mail down on the day of the reminder: archived on its day all the same, and no reminder after it', async () => {
  const customer = await site.customer();
  const calendar = await site.start(customer);
  const view = await site.until(customer, 'asked', ({ deadline }) => deadline !== undefined);
  site.smtp.faults = { greeting: FAULTS.cut };
  await site.signal(customer, 'setDeadline', { at: new Date(Date.now() + 23.9 * 86_400_000).toISOString() });
  void calendar.at(view.remindAt, 1).catch(() => undefined);
  await waitFor(
    async () =>
      (
        await site.maintenance.ops.db.query('select from ops.notifications where key like $1', [
          `reactivate-reminder/${customer.accountId}/%`,
        ])
      ).length > 0,
    { timeoutMs: 20_000, what: 'the first attempt of the reminder' },
  );
  // It waits for the mail server: an operator's day ends that.
  await site.signal(customer, 'setDeadline', { at: new Date(Date.now() - 1_000).toISOString() });
  await site.until(customer, 'archived');
  expect(site.mailsTo(customer)).toHaveLength(1);
});

test('worker down over the deadline: archived when one runs again; a signal meanwhile wins', async () => {
  const [late, back] = [await site.customer(), await site.customer()];
  const calendars = [await site.start(late), await site.start(back)];
  const [view] = await Promise.all(
    [late, back].map((customer) => site.until(customer, 'asked', ({ deadline }) => deadline !== undefined)),
  );
  await Promise.all(calendars.map((calendar) => calendar.to(22)));
  await site.stopWorker();
  void Promise.all(calendars.map((calendar) => calendar.at(view?.deadline, 3_600))).catch(() => undefined);
  await site.signal(back, 'reactivate');
  await site.startWorker();
  expect(await site.result(back)).toMatchObject({ phase: 'reactivated' });
  await site.until(late, 'archived');
  expect(await site.status(back)).toBe('active');
}, 180_000);

test('a deploy in the middle: with patched who sleeps goes on; without it the replay fails', async () => {
  const customer = await site.customer();
  await site.start(customer);
  await site.until(customer, 'asked', ({ deadline }) => deadline !== undefined);
  const history = await site.maintenance.client.workflow
    .getHandle(lifecycleId(customer.accountId))
    .fetchHistory();
  const replay = async (file: string) => {
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: path.join(import.meta.dirname, 'deploy', file),
      logger: new DefaultLogger('ERROR'),
    });
    await Worker.runReplayHistory({ workflowBundle, replayName: randomUUID() }, history, 'replayed');
  };
  await expect(replay('patched.ts')).resolves.toBeUndefined();
  await expect(replay('unpatched.ts')).rejects.toThrow(/nondeterminism/i);
});

test('nothing of a person stands in histories, memos, attributes, ids, ledger or facts', async () => {
  const { client, ops } = site.maintenance;
  const told: string[] = [];
  for await (const { workflowId, runId, memo, searchAttributes } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    told.push(
      JSON.stringify([workflowId, memo, searchAttributes, history], (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      ),
    );
  }
  for (const table of ['notifications', 'runs', 'lifecycles', 'customer_archives'])
    told.push(JSON.stringify(await ops.db.query(`select * from ops.${table}`)));
  const all = told.join('\n');
  // What is looked through is the real thing.
  expect(all).toContain('lifecycle/');
  expect(all).toContain('reactivate-ask');
  for (const secret of [CANARY, 'zephyrine', '/r/']) expect(all).not.toContain(secret);
});
