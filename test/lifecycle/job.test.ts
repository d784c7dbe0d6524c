import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { arm, disarm } from '../../src/schedules/index.ts';
import { lifecycleId } from '../../src/shared/ids.ts';
import { waitFor } from '../support/wait.ts';
import { startLifecycles, type LifecycleSite } from './support.ts';

/** archivage-clients-inactifs on a real worker, with the rights it has in an installation. */

// A busy machine: a scenario is a second or two of a quiet one.
vi.setConfig({ testTimeout: 180_000 });

let site: LifecycleSite;
beforeAll(async () => {
  site = await startLifecycles();
}, 60_000);
afterAll(() => site.close());

const JOB = 'archivage-clients-inactifs';
const rows = () =>
  site.maintenance.ops.db.query<{ account_id: string; phase: string }>(
    'select account_id, phase from ops.lifecycles order by account_id',
  );

test('observing and a dry run count, and change nothing', async () => {
  await Promise.all([site.customer(), site.customer({ months: 7 })]);
  const { app, ops } = site.maintenance;
  await disarm(ops.db, JOB);
  expect(await site.run()).toMatchObject({ mode: 'observe', found: 2, count: 2 });
  await arm({ app: app.db, ops: ops.db }, { scheduleId: JOB, by: 'test' });
  expect(await site.run({ dryRun: true })).toMatchObject({ mode: 'dry-run', found: 2, count: 2 });
  expect(await rows()).toEqual([]);
  expect(site.smtp.received).toEqual([]);
  await app.db.query(`delete from public.accounts where email like '%@zephyrine.example'`);
});

test('asks who is inactive, once; never who is active, blocked, archived, or seen by any one signal', async () => {
  const { app } = site.maintenance;
  const [inactive, other] = [await site.customer(), await site.customer({ months: 30, locale: 'en-GB' })];
  const young = await site.customer({ months: 5 });
  const archived = await site.customer({ status: 'archived' });
  const [event, login, paid, held, owing, subscribed] = await Promise.all(
    Array.from({ length: 6 }, () => site.customer()),
  );
  if (!event || !login || !paid || !held || !owing || !subscribed) throw new Error('no customers');
  await app.db.query(
    `insert into public.activity_events (user_id, account_id, kind, at) select id, $1, 'page_view', now() - interval '1 month' from auth.users limit 1`,
    [event.accountId],
  );
  await app.db.query(
    `with u as (insert into auth.users (id, email, last_sign_in_at) values (gen_random_uuid(), $2, now() - interval '2 months') returning id)
     insert into public.account_members (account_id, user_id, role, joined_at) select $1, id, 'owner', now() from u`,
    [login.accountId, login.email],
  );
  const all: [string, string | undefined][] = [
    [
      `insert into public.payments (account_id, kind, status, at, amount_incl_tax_cents, tax_cents)
       select $1, kind, 'succeeded', now() - interval '3 months', 1200, 200 from public.payments where kind::text <> 'refund' limit 1`,
      paid.accountId,
    ],
    [
      `insert into public.legal_holds (account_id, reason, opened_at) values ($1, '-', now())`,
      held.accountId,
    ],
    [
      `insert into public.invoices (account_id, status, issued_on, due_on, amount_excl_tax_cents, tax_cents)
       values ($1, 'open', now() - interval '9 months', now() - interval '8 months', 1000, 200)`,
      owing.accountId,
    ],
    [
      `insert into public.subscriptions (account_id, plan_id, status, interval_months, amount_cents, started_at)
       select $1, id, 'active', 12, 1000, now() - interval '9 months' from public.plans limit 1`,
      subscribed.accountId,
    ],
  ];
  for (const [sql, accountId] of all) await app.db.query(sql, [accountId]);
  const result = await site.run();
  expect(result).toMatchObject({ mode: 'armed', found: 2, count: 2, left: 0, overdue: 0 });
  expect(result.purged).toEqual({ ledger: 0, legalStore: 0, archives: 0 });
  for (const customer of [inactive, other]) {
    await site.until(customer, 'asked');
    expect(site.mailsTo(customer)).toHaveLength(1);
  }
  expect(await rows()).toHaveLength(2);
  for (const customer of [young, archived, event, login, paid, held, owing, subscribed])
    expect(site.mailsTo(customer)).toEqual([]);
  expect(site.mailsTo(inactive)[0]).toContain('https://talos.example.com/r/');
  // Under way: not found again.
  expect(await site.run()).toMatchObject({ found: 0, count: 0 });
});

test('who came back is left in peace for as long as anybody else', async () => {
  const customer = await site.customer();
  await site.run();
  await site.until(customer, 'asked');
  await site.update(customer, 'reactivate');
  expect(await site.run()).toMatchObject({ found: 0 });
  await site.maintenance.ops.db.query(
    `update ops.lifecycles set ended_at = ended_at - interval '7 months' where account_id = $1`,
    [customer.accountId],
  );
  expect(await site.run()).toMatchObject({ found: 1, count: 1 });
  // Asked again: another time, another message.
  await site.until(customer, 'asked', ({ episode }) => episode === 2);
  expect(site.mailsTo(customer)).toHaveLength(2);
});

test('a run asks so many at the most, and the next one goes on; a claim whose start was lost is started', async () => {
  const customers = await Promise.all(Array.from({ length: 7 }, () => site.customer()));
  expect(await site.run({ perRun: 4 })).toMatchObject({ found: 7, count: 4, left: 3 });
  const [lost] = customers;
  if (!lost) throw new Error('no customer');
  const { client, ops } = site.maintenance;
  const handle = client.workflow.getHandle(lifecycleId(lost.accountId));
  await handle.terminate('the test').catch(() => undefined);
  await ops.db.query(`delete from ops.lifecycles where account_id = $1`, [lost.accountId]);
  await ops.db.query(`insert into ops.lifecycles (account_id, phase, policy) values ($1, 'asking', '{}')`, [
    lost.accountId,
  ]);
  await site.run();
  for (const customer of customers) {
    await site.until(customer, 'asked');
    expect(site.mailsTo(customer)).toHaveLength(1);
  }
});

test('the brake: more than a few, and more than a share of all accounts, wait for a person', async () => {
  const customers = await Promise.all(Array.from({ length: 6 }, () => site.customer()));
  for (const verb of ['reject', 'approve'] as const) {
    const handle = await site.begin({ brakePercent: 0 });
    await waitFor(() => handle.executeUpdate(verb).then(() => true), {
      timeoutMs: 20_000,
      what: 'the question',
    });
    const result = await handle.result();
    expect(result).toMatchObject({
      count: verb === 'approve' ? customers.length : 0,
      brake: { answer: verb === 'approve' ? 'approved' : 'rejected', reasons: [{ against: 'share' }] },
    });
  }
});

/** What the operator got since `from`: its footer names the job. */
const toldOperator = (from: number): string[] =>
  site.smtp.received.slice(from).filter((mail) => mail.includes(`TalosPrimes Maintenance =C2=B7 ${JOB}`));

test('what could not be archived later is not begun: a hole in the map fails the run, and a person is told', async () => {
  const { app } = site.maintenance;
  const before = site.smtp.received.length;
  await site.customer();
  await app.db.query('alter table public.accounts add column iban text');
  await expect(site.run()).rejects.toMatchObject({
    cause: { cause: { type: 'PrivacyMapIncomplete' } },
  });
  await app.db.query('alter table public.accounts drop column iban');
  const [mail, ...more] = toldOperator(before);
  expect(more).toEqual([]);
  expect(mail).toMatch(/PrivacyMapIncomplete/);
});

test('lifecycles that are late fail the run by name, and a person is told', async () => {
  const { ops } = site.maintenance;
  await site.run();
  const before = site.smtp.received.length;
  await ops.db.query(
    `insert into ops.lifecycles (account_id, phase, policy, next_action_at) values ('late', 'asked', '{}', now() - interval '3 days')`,
  );
  await expect(site.run()).rejects.toMatchObject({ cause: { type: 'LifecyclesOverdue' } });
  await ops.db.query(`delete from ops.lifecycles where account_id = 'late'`);
  const [mail, ...more] = toldOperator(before);
  expect(more).toEqual([]);
  expect(mail).toContain('--overdue');
});
