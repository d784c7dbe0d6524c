import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { customerCommand } from '../../src/commands/customer.ts';
import { rebuildCommand } from '../../src/commands/rebuild.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { talos, useSettings } from '../commands/talos.ts';
import { writePolicy } from '../monitoring/support.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

/** 5,000 sleepers on one worker; figures are printed. A shorter form: `LIFECYCLES=500`. */

const SLEEPERS = Number(process.env['LIFECYCLES'] ?? 5_000);
const RSS_MB = 450;
const SIGNALS_MS = 240_000;

let maintenance: Maintenance;
beforeAll(async () => {
  maintenance = await startMaintenance({
    ARCHIVE_MASTER_KEY: 'master-key-of-the-tests-0123456789abcdef',
    ERASURE_LEDGER_KEY: 'ledger-key-of-the-tests-0123456789abcdef',
  });
  await ensureSearchAttributes(maintenance.client);
  await writePolicy(maintenance, { lifecycle: { reactivationDays: 45, startsPerSecond: 1_000 } });
}, 120_000);
afterAll(async () => {
  vi.unstubAllEnvs();
  await maintenance.close();
});

const rssOf = (pid: number | undefined): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1_024);

test('sleepers, the memory of their worker, and a changed policy that reaches all of them', async () => {
  const { app, ops, client, environment, workDir } = maintenance;
  const ids = Array.from({ length: SLEEPERS }, () => randomUUID());
  await app.db.query(
    `insert into public.accounts (id, name, kind, status, email, locale, created_at, updated_at, last_activity_at)
       select id, 'x', 'b2b', 'inactive', id || '@example.test', 'fr-FR', now() - interval '2 years', now(), now() - interval '8 months'
         from unnest($1::uuid[]) as id`,
    [ids],
  );
  await ops.db.query(
    `insert into ops.lifecycles (account_id, phase, policy, inactive_since, asked_at, told, remind_at, deadline, revision)
       select id, 'asked', '{"reactivationDays": 30, "reminderDays": 23, "anonymiseAfterMonths": 12}', now() - interval '8 months',
              now(), 'sent', now() + interval '23 days', now() + interval '31 days', 1 from unnest($1::text[]) as id`,
    [ids],
  );
  const worker = await maintenance.startWorker();
  useSettings(environment);
  const cwd = process.cwd();
  process.chdir(workDir);
  try {
    const begun = Date.now();
    expect((await talos(rebuildCommand())).code).toBe(0);
    const started = (Date.now() - begun) / 1_000;
    await waitFor(
      async () =>
        (await client.workflow.count(`Phase = 'asked' and ExecutionStatus = 'Running'`)).count >= SLEEPERS,
      { timeoutMs: 600_000, what: 'all asleep' },
    );
    const asleep = (Date.now() - begun) / 1_000;
    const rss = rssOf(worker.pid);
    const told = Date.now();
    expect((await talos(customerCommand(), 'set-deadline', '--all-sleeping')).code).toBe(0);
    const sent = (Date.now() - told) / 1_000;
    await waitFor(
      async () => {
        const [row] = await ops.db.query<{ count: number }>(
          `select count(*)::int as count from ops.lifecycles where (policy ->> 'reactivationDays')::int = 45 and deadline > now() + interval '44 days'`,
        );
        return row?.count === SLEEPERS;
      },
      { timeoutMs: 600_000, what: 'the policy reaches all' },
    );
    const reached = Date.now() - told;
    const after = rssOf(worker.pid);
    console.log(
      JSON.stringify({ sleepers: SLEEPERS, started, asleep, rss, after, sent, reached: reached / 1_000 }),
    );
    expect(Math.max(rss, after)).toBeLessThanOrEqual(RSS_MB);
    expect(reached).toBeLessThanOrEqual(SIGNALS_MS);
  } finally {
    process.chdir(cwd);
  }
}, 1_500_000);

test('300 histories of each phase are replayed in half a minute', async () => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: path.resolve(import.meta.dirname, '../../src/workflows.ts'),
    logger: new DefaultLogger('ERROR'),
  });
  const folder = path.resolve(import.meta.dirname, '../replay/histories');
  const saved = ['asked', 'held', 'archived', 'anonymized', 'restored-by-update'].map(
    (name) => JSON.parse(readFileSync(path.join(folder, `lifecycle-${name}.json`), 'utf8')) as unknown,
  );
  const histories = Array.from({ length: 300 }, (_, index) => ({
    workflowId: `replayed-${String(index)}`,
    history: historyFromJSON(saved[index % saved.length]),
  }));
  const begun = Date.now();
  let replayed = 0;
  for await (const { error } of Worker.runReplayHistories(
    { workflowBundle, replayName: 'load' },
    histories,
  )) {
    expect(error).toBeUndefined();
    replayed += 1;
  }
  const took = Date.now() - begun;
  console.log(JSON.stringify({ replayed, seconds: took / 1_000 }));
  expect(replayed).toBe(300);
  expect(took).toBeLessThanOrEqual(30_000);
});
