import { randomBytes, randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { WorkflowFailedError } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { CleanResult } from '../../src/cleanup/result.ts';
import { readDatabaseFile } from '../../src/database/files.ts';
import { arm, lastPreview } from '../../src/schedules/index.ts';
import { TASK_QUEUE, type ScheduleId } from '../../src/shared/ids.ts';
import { openSealed } from '../../src/vault/index.ts';
import { workHere, writePolicy } from '../monitoring/support.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

/** Both jobs as a person meets them: the real worker on the demo's data, mails in the inbox. */

const TEMPORARY = 'nettoyage-donnees-temporaires';
const LOGS = 'nettoyage-logs';
const TABLES = {
  expired: { tables: [{ table: 'public.api_tokens', expiredWhen: 'expires_at < :now' }] },
  logs: {
    tables: [
      {
        ...{ table: 'public.app_logs', timestamp: 'at', importantWhen: `level = 'error'` },
        ...{ level: 'level', source: 'source', message: 'message' },
      },
    ],
  },
};

let maintenance: Maintenance;
let worker: Awaited<ReturnType<typeof workHere>>;
beforeAll(async () => {
  maintenance = await startMaintenance();
  await writePolicy(maintenance, { cleanup: TABLES });
  // As an operator has it: a role that may delete there, and nothing else.
  for (const name of ['grants/supabase-cleanup.sql', 'demo/grants-cleanup.sql'])
    await maintenance.app.db.query(await readDatabaseFile(name));
  const url = new URL(maintenance.environment['DATABASE_URL'] ?? '');
  [url.username, url.password] = [`clean_${randomBytes(4).toString('hex')}`, 'test'];
  await maintenance.app.db.query(`create role ${url.username} login password 'test' in role talos_app`);
  maintenance.environment['DATABASE_URL'] = url.href;
  worker = await workHere(maintenance);
}, 60_000);
afterAll(async () => {
  await worker.stop();
  await maintenance.close();
});

async function configure(cleanup: object): Promise<void> {
  await worker.stop();
  await writePolicy(maintenance, { cleanup });
  worker = await workHere(maintenance);
}

const start = (type: 'cleanTemporaryData' | 'cleanLogs', input: object = {}) =>
  maintenance.client.workflow.start(type, { workflowId: randomUUID(), taskQueue: TASK_QUEUE, args: [input] });

const run = async (type: 'cleanTemporaryData' | 'cleanLogs', input: object = {}): Promise<CleanResult> =>
  (await (await start(type, input)).result()) as CleanResult;

async function counts(): Promise<Record<string, number>> {
  const tables = ['auth.sessions', 'auth.refresh_tokens', 'public.api_tokens', 'public.app_logs'];
  const rows = await maintenance.app.db.query<{ name: string; count: number }>(
    tables.map((name) => `select '${name}' as name, count(*) as count from ${name}`).join(' union all '),
  );
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
}

const mailAbout = async (subject: RegExp): Promise<string> =>
  waitFor(async () => (await maintenance.mails()).find((mail) => subject.test(mail.subject))?.text, {
    timeoutMs: 20_000,
    what: `the mail ${String(subject)}`,
  });

const armNow = async (scheduleId: ScheduleId): Promise<void> => {
  const databases = { app: maintenance.app.db, ops: maintenance.ops.db };
  const preview = await lastPreview(databases, scheduleId);
  await arm(databases, { scheduleId, by: 'test', preview });
};

test('observing changes nothing, says what would go, and how to arm', async () => {
  const before = await counts();
  const result = await run('cleanTemporaryData');
  expect(result.mode).toBe('observe');
  expect(result.count).toBeGreaterThan(100);
  expect(await counts()).toEqual(before);
  expect(await mailAbout(/Nettoyage des données temporaires, en observation/)).toContain(
    `npx talos enable ${TEMPORARY}`,
  );
  const preview = await run('cleanLogs', { dryRun: true });
  expect(preview.sources.find(({ name }) => name === 'public.app_logs')?.found).toMatchObject({
    samples: expect.arrayContaining([expect.any(String)]) as string[],
  });
  expect(await counts()).toEqual(before);
});

test('armed, exactly what has expired goes, and no valid session', async () => {
  const { app } = maintenance;
  const valid = await app.db.query<{ id: string }>(
    'select id from auth.sessions where not_after is null or not_after >= now()',
  );
  const expired = await app.db.query('select from auth.sessions where not_after < now()');
  expect(expired.length).toBeGreaterThan(0);
  await armNow(TEMPORARY);
  const result = await run('cleanTemporaryData');
  expect(result.sources.flatMap(({ failure }) => failure ?? [])).toEqual([]);
  expect(result.sources.find(({ name }) => name === 'auth.sessions')?.removed?.count).toBe(expired.length);
  const left = await app.db.query<{ id: string }>('select id from auth.sessions');
  expect(new Set(left.map(({ id }) => id))).toEqual(new Set(valid.map(({ id }) => id)));
  expect(await app.db.query('select from public.api_tokens where expires_at < now()')).toEqual([]);
  expect(await mailAbout(/^Nettoyage des données temporaires\s: /)).toContain('auth.sessions');
  const [recorded] = await maintenance.ops.db.query<{ outcome: string; count: string }>(
    `select outcome, result ->> 'count' as count from ops.runs where schedule_id = $1 and mode = 'armed'`,
    [TEMPORARY],
  );
  expect(recorded).toEqual({ outcome: 'succeeded', count: String(result.count) });
});

test('logs: important rows are archived before they go; the week is stored and figured', async () => {
  const { app, store, key } = maintenance;
  const old = `at < now() - interval '90 days'`;
  const [before] = await app.db.query<{ old: number; important: number }>(
    `select count(*) filter (where ${old}) as old, count(*) filter (where ${old} and level = 'error') as important
       from public.app_logs`,
  );
  await run('cleanLogs');
  await armNow(LOGS);
  const result = await run('cleanLogs');
  const source = result.sources.find(({ name }) => name === 'public.app_logs');
  expect(source?.failure).toBeUndefined();
  expect(source?.removed).toMatchObject({ count: before?.old, archived: before?.important, finished: true });
  expect(await app.db.query(`select from public.app_logs where ${old}`)).toEqual([]);

  const { week, logs } = result;
  expect(week).toMatchObject({ objects: 2 });
  expect(week?.rows).toBe(logs?.tables.reduce((sum, { rows }) => sum + rows, 0));
  const object = `logs/weekly/${String(week?.week)}/public.app_logs-1.ndjson.zst.age`;
  const { stage, read } = await openSealed(
    { store, key: object, identities: [key.identity], zstd: inject('tools').zstd },
    'pipe',
  );
  const [lines] = await Promise.all([text(stage.child.stdout as NodeJS.ReadableStream), read, stage.done]);
  const rows = lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string });
  const figures = logs?.tables.find(({ table }) => table === 'public.app_logs');
  expect(rows).toHaveLength(figures?.rows ?? -1);
  const errors = figures?.days.reduce((sum, { levels }) => sum + (levels['error'] ?? 0), 0);
  expect(rows.filter(({ level }) => level === 'error')).toHaveLength(errors ?? -1);
  // Texts stay out of the history, and stand in the mail.
  expect(JSON.stringify(logs)).not.toContain('Requête');
  expect(await mailAbout(/^Nettoyage des logs\s: /)).toContain('Requête traitée en # ms');

  const again = await run('cleanLogs');
  expect(again).toMatchObject({ count: 0, week });
});

test('one source that fails is told, fails the run, and keeps no other from being cleaned', async () => {
  const missing = { table: 'public.nowhere', expiredWhen: 'true' };
  await configure({ ...TABLES, expired: { tables: [missing, ...TABLES.expired.tables] } });
  await maintenance.app.db.query(
    `insert into public.api_tokens select gen_random_uuid(), account_id, sha256(random()::text::bytea), scopes, created_at,
            now() - interval '1 hour' from public.api_tokens limit 3`,
  );
  const failure = await run('cleanTemporaryData').catch((error: unknown) => error as WorkflowFailedError);
  expect(failure).toBeInstanceOf(WorkflowFailedError);
  expect(String((failure as WorkflowFailedError).cause)).toContain('public.nowhere');
  expect(await maintenance.app.db.query('select from public.api_tokens where expires_at < now()')).toEqual(
    [],
  );
  expect(await mailAbout(/incomplet\s: 1\ssource en échec/)).toContain('cleanup.expired.tables');
  await configure(TABLES);
});

test('far more than usual waits for a person: approved it goes, rejected it stays', async () => {
  const { app, client } = maintenance;
  const add = () =>
    app.db.query(
      `insert into public.api_tokens select gen_random_uuid(), (select id from public.accounts limit 1),
              sha256(random()::text::bytea), '{}', now() - interval '1 year', now() - interval '1 hour'
         from generate_series(1, 1500)`,
    );
  const tokens = async () =>
    (await app.db.query('select from public.api_tokens where expires_at < now()')).length;
  for (let quiet = 0; quiet < 4; quiet += 1) await run('cleanTemporaryData');
  for (const [verb, left] of [
    ['reject', 1500],
    ['approve', 0],
  ] as const) {
    if ((await tokens()) === 0) await add();
    const mailsBefore = (await maintenance.mails()).length;
    const handle = await start('cleanTemporaryData', { brakeMinimum: 1000 });
    await waitFor(async () => (await maintenance.mails()).length > mailsBefore, {
      timeoutMs: 20_000,
      what: 'the question',
    });
    expect(await tokens()).toBe(1500);
    // The mail is out before the workflow knows that it is.
    await waitFor(
      () =>
        client.workflow
          .getHandle(handle.workflowId)
          .executeUpdate(verb)
          .then(
            () => true,
            () => false,
          ),
      { timeoutMs: 20_000, what: 'a run that waits' },
    );
    const result = (await handle.result()) as CleanResult;
    expect(result.brake?.answer).toBe(verb === 'reject' ? 'rejected' : 'approved');
    expect(await tokens()).toBe(left);
  }
  expect(await mailAbout(/Accord demandé/)).toContain(`npx talos approve ${TEMPORARY}`);
});
