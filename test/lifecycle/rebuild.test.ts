import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { customerCommand } from '../../src/commands/customer.ts';
import { rebuildCommand } from '../../src/commands/rebuild.ts';
import type { LifecycleView } from '../../src/lifecycle/customer/view.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { lifecycleId } from '../../src/shared/ids.ts';
import { talos, useSettings } from '../commands/talos.ts';
import { newNamespace } from '../support/namespace.ts';
import { startLifecycles, type Customer, type LifecycleSite } from './support.ts';

/** Temporal is lost with 200 sleepers in it; another namespace is a new, empty Temporal. */

const SLEEPERS = 200;
let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles({ startsPerSecond: 200 });
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await site.close();
});

const facts = () =>
  site.maintenance.ops.db.query<{ account_id: string; deadline: Date; held_since: Date | null }>(
    'select account_id, phase, deadline, remind_at, asked_at, held_since from ops.lifecycles order by account_id',
  );

test('200 sleepers are made again, with the same days, and nobody hears a second time', async () => {
  const customers: Customer[] = [];
  for (let count = 0; count < SLEEPERS; count += 1) customers.push(await site.customer());
  expect(await site.run()).toMatchObject({ count: SLEEPERS });
  for (const customer of customers)
    await site.until(customer, 'asked', ({ deadline }) => deadline !== undefined);
  const [first, second] = customers;
  if (!first || !second) throw new Error('no customers');
  await site.signal(first, 'hold');
  await site.until(first, 'asked', ({ held }) => held !== undefined);
  const at = new Date(Date.now() + 100 * 86_400_000).toISOString();
  await site.signal(second, 'setDeadline', { at });
  await site.until(second, 'asked', ({ deadline }) => deadline === at);
  const before = await vi.waitFor(async () => {
    const rows = await facts();
    expect(rows.every(({ deadline }) => deadline !== null)).toBe(true);
    expect(rows.some(({ held_since }) => held_since !== null)).toBe(true);
    return rows;
  });
  const mails = site.smtp.received.length;
  expect(mails).toBe(SLEEPERS);

  await site.stopWorker();
  const { client, namespace } = await newNamespace(site.maintenance.client.connection as never);
  await ensureSearchAttributes(client);
  site.maintenance.environment['TEMPORAL_NAMESPACE'] = namespace;
  useSettings(site.maintenance.environment);
  await site.startWorker();

  const dry = await talos(rebuildCommand(), '--dry-run', '--json');
  expect(dry.code, dry.stderr).toBe(0);
  expect(JSON.parse(dry.stdout)).toContainEqual({
    part: 'customers',
    known: SLEEPERS,
    running: 0,
    made: SLEEPERS,
  });
  const made = await talos(rebuildCommand(), '--json');
  expect(JSON.parse(made.stdout)).toContainEqual({
    part: 'customers',
    known: SLEEPERS,
    running: 0,
    made: SLEEPERS,
  });
  for (const { accountId } of customers) {
    const view = await vi.waitFor(
      async () => {
        const state = await client.workflow
          .getHandle(lifecycleId(accountId))
          .query<LifecycleView | undefined>('state');
        expect(state).toBeDefined();
        return state;
      },
      { timeout: 20_000 },
    );
    expect(view?.deadline).toBe(
      before.find(({ account_id }) => account_id === accountId)?.deadline.toISOString(),
    );
  }
  expect(await facts()).toEqual(before);
  expect(site.smtp.received).toHaveLength(mails);

  const again = await vi.waitFor(async () => {
    const { stdout } = await talos(rebuildCommand(), '--dry-run', '--json');
    expect(stdout).toContain('"made": 0');
    return JSON.parse(stdout) as unknown;
  });
  expect(again).toContainEqual({ part: 'customers', known: SLEEPERS, running: SLEEPERS, made: 0 });

  // A changed policy reaches all of them.
  const told = await talos(customerCommand(), 'set-deadline', '--all-sleeping', '--json');
  expect(JSON.parse(told.stdout)).toMatchObject({ count: SLEEPERS });
  const { stdout } = await talos(customerCommand(), 'status', first.accountId, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ phase: 'asked', held: { by: 'operator' } });
  expect((await talos(customerCommand(), 'release', first.accountId)).code).toBe(0);
  const back = await talos(customerCommand(), 'reactivate', first.accountId, '--json');
  expect(JSON.parse(back.stdout)).toMatchObject({ phase: 'reactivated', endedBy: 'operator' });
  expect(await talos(customerCommand(), 'reactivate', first.accountId)).toMatchObject({ code: 1 });
  const dryErase = await talos(customerCommand(), 'erase', second.accountId, '--dry-run', '--json');
  expect(JSON.parse(dryErase.stdout)).toMatchObject({ status: 'inactive', blockers: [] });
  const erased = await talos(customerCommand(), 'erase', second.accountId, '--yes', '--json');
  expect(JSON.parse(erased.stdout), erased.stderr).toMatchObject({ outcome: 'anonymised' });
  expect(await site.status(second)).toBeUndefined();
}, 180_000);
