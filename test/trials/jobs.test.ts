import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { disarm } from '../../src/schedules/index.ts';
import { mayDisturb } from '../../src/trials/hours.ts';
import type { TrialsResult } from '../../src/trials/result.ts';
import { workHere } from '../monitoring/support.ts';
import { FAULTS } from '../notifications/smtp-sink.ts';
import { waitFor } from '../support/wait.ts';
import { CANARY, startTrials, type Trial, type TrialsSite } from './support.ts';

/** Both jobs on a real worker, with the rights it has in an installation; mails and SMS in sinks that can fail. */

let site: TrialsSite;
let worker: Awaited<ReturnType<typeof workHere>>;
beforeAll(async () => {
  site = await startTrials();
  worker = await workHere(site.maintenance);
}, 60_000);
afterEach(() => {
  site.smtp.faults = {};
});
afterAll(async () => {
  await worker.stop();
  await site.close();
});

const inApp = async <Row extends object>(sql: string, trial: Trial): Promise<Row | undefined> =>
  (await site.maintenance.app.db.query<Row>(sql, [trial.trialId]))[0];
const standing = (trial: Trial) =>
  inApp<{ status: string; expired: boolean }>(
    `select a.status::text, t.expired_at is not null as expired from public.trials t join public.accounts a on a.id = t.account_id
      where t.id = $1::uuid`,
    trial,
  );

test('a trial that is over ends, once, and its account is told once', async () => {
  const [over, running] = [await site.trial(), await site.trial({ endsDays: 3, seenDays: 0 })];
  const preview = await site.run('expireTrials', { dryRun: true });
  expect(preview).toMatchObject({ mode: 'dry-run', found: 1, count: 1, outcomes: {} });
  expect(await standing(over)).toEqual({ status: 'trial', expired: false });

  const result = await site.run('expireTrials');
  expect(result).toMatchObject({ mode: 'armed', count: 1, outcomes: { ended: 1, sent: 1 }, left: 0 });
  expect(await standing(over)).toEqual({ status: 'expired', expired: true });
  expect(await standing(running)).toEqual({ status: 'trial', expired: false });
  expect(await site.run('expireTrials')).toMatchObject({ found: 0, count: 0, outcomes: {} });
  expect(site.mailsTo(over)).toHaveLength(1);
  expect(site.mailsTo(running)).toEqual([]);

  const [offer] = await site.maintenance.app.db.query<{ code: string }>(
    'select code from maintenance.trial_offers where trial_id = $1',
    [over.trialId],
  );
  expect(site.mailsTo(over)[0]).toContain(offer?.code ?? 'no offer');
  expect(result.conversions?.month.ended).toBeGreaterThan(0);
});

test('a person without a legal basis hears of the end, and of no offer', async () => {
  const person = await site.trial({ kind: 'b2c' });
  await site.run('expireTrials');
  expect(site.mailsTo(person)).toHaveLength(1);
  expect(await inApp('select from maintenance.trial_offers where trial_id = $1', person)).toBeUndefined();
});

test('two runs at once end each trial once and tell each person once', async () => {
  const trials = await Promise.all(Array.from({ length: 12 }, () => site.trial()));
  const results = await Promise.all([site.run('expireTrials'), site.run('expireTrials')]);
  for (const trial of trials) {
    expect(await standing(trial)).toEqual({ status: 'expired', expired: true });
    expect(site.mailsTo(trial)).toHaveLength(1);
  }
  expect(results.reduce((sum, { outcomes }) => sum + (outcomes['sent'] ?? 0), 0)).toBe(trials.length);
});

test('a trial that converts between the look and the claim is left alone', async () => {
  const { app } = site.maintenance;
  const trial = await site.trial();
  // The moment between both: the look has found it, and its claim waits for the row.
  let release = () => undefined as void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const converting = app.db.transaction(async (tx) => {
    await tx.query(`update public.trials set converted_at = now() where id = $1`, [trial.trialId]);
    await tx.query(`update public.accounts set status = 'active' where id = $1`, [trial.accountId]);
    await held;
  });
  const handle = await site.start('expireTrials');
  await waitFor(
    async () =>
      (
        await site.maintenance.ops.db.query('select from ops.trial_endings where trial_id = $1', [
          trial.trialId,
        ])
      ).length > 0,
    { timeoutMs: 20_000, what: 'the claim' },
  );
  release();
  await converting;
  expect(await handle.result()).toMatchObject({ count: 0, outcomes: { converted: 1 } });
  expect(await standing(trial)).toEqual({ status: 'active', expired: false });
  expect(site.mailsTo(trial)).toEqual([]);
});

test('what a run has begun and not told, the next one tells: also when the e-mail waited', async () => {
  const trial = await site.trial();
  site.smtp.faults = { greeting: FAULTS.cut };
  const handle = await site.start('expireTrials');
  // Between two attempts: one under way would go on after its run is lost, and tell by itself.
  const SCHEDULED = 1;
  await waitFor(
    async () => {
      const { pendingActivities } = (await handle.describe()).raw;
      return pendingActivities?.some(
        ({ attempt, state }) => Number(attempt) > 1 && Number(state) === SCHEDULED,
      );
    },
    { timeoutMs: 20_000, what: 'an attempt that the mail server refused' },
  );
  expect((await standing(trial))?.expired).toBe(true);
  await handle.terminate('the test: the run is lost');
  site.smtp.faults = {};
  const result = await site.run('expireTrials');
  expect(result).toMatchObject({ found: 0, outcomes: { ended: 1, sent: 1 } });
  expect(site.mailsTo(trial)).toHaveLength(1);
});

test('a mail that may have left is listed as unknown, and is not sent again', async () => {
  const trial = await site.trial();
  site.smtp.faults = { content: FAULTS.cut };
  const result = await site.run('expireTrials');
  expect(result).toMatchObject({ outcomes: { ended: 1, unknown: 1 }, unknown: [trial.trialId] });
  site.smtp.faults = {};
  expect(await site.run('expireTrials')).toMatchObject({ outcomes: {} });
  expect(site.mailsTo(trial)).toHaveLength(1);
});

test('the brake: more than a few, and more than a share of all accounts, wait for a person', async () => {
  const trials = await Promise.all(Array.from({ length: 6 }, () => site.trial()));
  const limits = { brakeMinimum: 5, brakePercent: 0 };
  for (const [verb, answer] of [
    ['reject', 'rejected'],
    ['approve', 'approved'],
  ] as const) {
    const handle = await site.start('expireTrials', limits);
    await waitFor(
      async () => {
        try {
          await site.maintenance.client.workflow.getHandle(handle.workflowId).executeUpdate(verb);
          return true;
        } catch {
          return false;
        }
      },
      { timeoutMs: 20_000, what: 'the question' },
    );
    const result = (await handle.result()) as TrialsResult;
    expect(result.brake?.answer).toBe(answer);
    expect(result.count).toBe(verb === 'approve' ? trials.length : 0);
  }
  for (const trial of trials) expect(site.mailsTo(trial)).toHaveLength(1);
  expect((await site.run('expireTrials', { brakeMinimum: 5, brakePercent: 100 })).brake).toBeUndefined();
});

test('observing changes nothing, and reaches nobody', async () => {
  const [over, idle] = [await site.trial(), await site.trial({ startedDays: -5, endsDays: 9 })];
  const { app, ops } = site.maintenance;
  const armed = await ops.db.query<{ schedule_id: string }>('select * from ops.arming');
  for (const { schedule_id } of armed) await disarm(ops.db, schedule_id as 'expiration-essais');
  const before = site.smtp.received.length;
  expect(await site.run('expireTrials')).toMatchObject({ mode: 'observe', count: 1 });
  expect(await site.run('nudgeInactiveTrials')).toMatchObject({ mode: 'observe', count: 1 });
  expect(site.smtp.received).toHaveLength(before);
  expect(await standing(over)).toEqual({ status: 'trial', expired: false });
  expect(await ops.db.query('select from ops.trial_nudges')).toEqual([]);
  for (const row of armed)
    await ops.db.query('insert into ops.arming select * from jsonb_populate_record(null::ops.arming, $1)', [
      JSON.stringify(row),
    ]);
  for (const { accountId } of [over, idle])
    await app.db.query('delete from public.accounts where id = $1', [accountId]);
});

test('an inactive trial is nudged once a week and three times at most; an active one never', async () => {
  const idle = await site.trial({ startedDays: -5, endsDays: 20 });
  const [seen, young] = [
    await site.trial({ startedDays: -9, endsDays: 9, seenDays: -2 }),
    await site.trial({ startedDays: -2, endsDays: 9 }),
  ];
  const active = await site.trial({ startedDays: -9, endsDays: 9 });
  await site.maintenance.app.db.query(
    `insert into public.activity_events (user_id, account_id, kind, at)
     select id, $1, 'page_view', now() - interval '1 hour' from auth.users limit 1`,
    [active.accountId],
  );
  expect(await site.run('nudgeInactiveTrials')).toMatchObject({
    found: 1,
    count: 1,
    outcomes: { 'e-mail sent': 1 },
  });
  for (let week = 1; week <= 4; week += 1) {
    expect(await site.run('nudgeInactiveTrials')).toMatchObject({ found: 0 });
    await site.maintenance.ops.db.query(
      `update ops.trial_nudges set due_at = due_at - interval '7 days' where trial_id = $1`,
      [idle.trialId],
    );
    await site.run('nudgeInactiveTrials');
    expect(site.mailsTo(idle)).toHaveLength(Math.min(1 + week, 3));
  }
  const [mail = ''] = site.mailsTo(idle);
  expect(mail).toMatch(/^List-Unsubscribe: <https:/m);
  expect(mail).toContain('https://cal.example.com/demo');
  for (const trial of [seen, young, active]) expect(site.mailsTo(trial)).toEqual([]);
});

test('two runs at once nudge once; who comes back before it leaves is left in peace', async () => {
  const idle = await site.trial({ startedDays: -5, endsDays: 9 });
  await Promise.all([site.run('nudgeInactiveTrials'), site.run('nudgeInactiveTrials')]);
  expect(site.mailsTo(idle)).toHaveLength(1);

  const back = await site.trial({ startedDays: -5, endsDays: 9 });
  site.smtp.faults = { greeting: FAULTS.cut };
  const handle = await site.start('nudgeInactiveTrials');
  await waitFor(
    async () =>
      (
        await site.maintenance.ops.db.query('select from ops.notifications where key like $1', [
          `trial-help/${back.trialId}/%`,
        ])
      ).length > 0,
    { timeoutMs: 20_000, what: 'the first attempt' },
  );
  await site.maintenance.app.db.query('update public.accounts set last_activity_at = now() where id = $1', [
    back.accountId,
  ]);
  site.smtp.faults = {};
  expect(await handle.result()).toMatchObject({ count: 0 });
  expect(site.mailsTo(back)).toEqual([]);
});

test('an SMS only to who never came and agreed, at hours when it may', async () => {
  const may = mayDisturb(new Date());
  const agreed = await site.trial({ startedDays: -5, endsDays: 9, sms: true });
  const silent = await site.trial({ startedDays: -5, endsDays: 9 });
  const { outcomes } = await site.run('nudgeInactiveTrials');
  expect(outcomes['e-mail sent']).toBe(2);
  expect(outcomes['SMS sent']).toBe(may ? 1 : undefined);
  const texts = site.sms.messages.map(({ to }) => to);
  expect(texts.includes(agreed.phone)).toBe(may);
  expect(texts).not.toContain(silent.phone);
});

test('nothing of a person stands in histories, ledger, runs or errors', async () => {
  const trials = [await site.trial(), await site.trial({ startedDays: -5, endsDays: 9, sms: true })];
  site.smtp.faults = { RCPT: '550 no such user' };
  await Promise.all([site.run('expireTrials'), site.run('nudgeInactiveTrials')]);
  site.smtp.faults = {};
  const { client, ops } = site.maintenance;
  const told: string[] = [];
  for await (const { workflowId, runId, memo } of client.workflow.list()) {
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    told.push(
      JSON.stringify([workflowId, memo, history], (_key, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      ),
    );
  }
  for (const table of ['notifications', 'runs', 'trial_endings', 'trial_nudges', 'contact_refusals'])
    told.push(JSON.stringify(await ops.db.query(`select * from ops.${table}`)));
  const all = told.join('\n');
  // What is looked through is the real thing.
  for (const { trialId } of trials) expect(all).toContain(trialId);
  for (const secret of [CANARY, 'zephyrine', '+336399']) expect(all).not.toContain(secret);
});
