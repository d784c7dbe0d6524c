import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { schedulesCommand } from '../../src/commands/schedules.ts';
import { disableCommand, enableCommand } from '../../src/commands/arm.ts';
import { databaseOf } from '../../src/schedules/index.ts';
import { SCHEDULE_IDS } from '../../src/shared/ids.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';
import { settings, talos, useSettings } from './talos.ts';

const given = useNamespace();
const run = (...args: string[]) => talos(schedulesCommand(), ...args);
const handle = () => given.client.schedule.getHandle('backup-database');
let ops: ClonedDatabase;
let app: ClonedDatabase;

beforeAll(async () => {
  [ops, app] = [await cloneDatabase('ops'), await cloneDatabase('empty')];
});
afterAll(async () => {
  await ops.drop();
  await app.drop();
});
beforeEach(() => {
  vi.unstubAllEnvs();
  const temporal = { TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: given.namespace };
  useSettings(settings({ DATABASE_URL: app.url, OPS_DATABASE_URL: ops.url, ...temporal }));
});

interface Listed {
  scheduleId: string;
  state: string;
  remarks: string[];
  status: string;
  done: string;
  nextRun?: string;
  lastRun?: { outcome: string };
}
const json = async (...args: string[]) => {
  const { stdout, code } = await run(...args, '--json');
  return { code, rows: JSON.parse(stdout) as Listed[] };
};
const backup = (rows: Listed[]) => rows.find(({ scheduleId }) => scheduleId === 'backup-database');

test('diff, apply and list from an empty server to one in step', async () => {
  const before = await json('diff');
  expect(before.code).toBe(1);
  expect(backup(before.rows)).toMatchObject({ status: 'missing' });
  expect(backup((await json('list')).rows)).toMatchObject({ state: 'not applied' });

  const applied = await json('apply');
  expect(applied.code).toBe(0);
  expect(applied.rows.map(({ scheduleId }) => scheduleId)).toEqual([...SCHEDULE_IDS, 'talos-guard']);
  expect(backup(applied.rows)).toMatchObject({ done: 'created' });
  expect(backup((await json('apply')).rows)).toMatchObject({ done: 'none' });

  expect((await json('diff')).code).toBe(0);
  const { rows } = await json('list');
  expect(backup(rows)).toMatchObject({ state: 'active', remarks: [] });
  expect(Date.parse(backup(rows)?.nextRun ?? '')).toBeGreaterThan(Date.now());
  expect(rows.find(({ scheduleId }) => scheduleId === 'archivage-clients-inactifs')).toMatchObject({
    state: 'off',
  });
});

test('list is readable at 120 columns', async () => {
  await run('apply');
  await handle().pause('Anne: the VPS moves on Monday');
  // The server answers before it has done it.
  await vi.waitFor(async () => expect((await handle().describe()).state.paused).toBe(true));
  await handle().trigger();
  await vi.waitFor(async () => expect((await handle().describe()).info.recentActions).toHaveLength(1));
  const { stdout, code } = await run('list');
  expect(code).toBe(0);
  const lines = stdout.split('\n');
  expect(lines[0]).toMatch(/^SCHEDULE +CRON +ZONE +WORKFLOW +STATE +LAST RUN +NEXT RUN$/);
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(120);
  expect(stdout).toMatch(
    /^backup-database +0 3 \* \* \* +Paris +backupDatabase +paused +\w+ \d\d:\d\d running/m,
  );
  expect(stdout).toContain('backup-database: paused: Anne: the VPS moves on Monday');
  await handle().unpause();
});

test('diff shows what differs and exits with 1; apply mends it', async () => {
  await run('apply');
  await handle().update((current) => ({
    ...current,
    spec: { cronExpressions: ['30 5 * * *'], timezone: 'Europe/Paris' },
  }));
  const { stdout, code } = await run('diff');
  expect(code).toBe(1);
  expect(stdout).toContain('backup-database: cron\n  Temporal has  30 5 * * *\n  the table     0 3 * * *');
  expect(
    (await json('list')).rows.find(({ scheduleId }) => scheduleId === 'backup-database')?.remarks,
  ).toEqual(['differs from the table (cron): talos schedules diff shows it, apply mends it']);
  expect((await run('apply')).stdout).toMatch(/^backup-database +updated +cron$/m);
  expect((await run('diff')).code).toBe(0);
});

test('a job without its settings is off, and says what it misses', async () => {
  vi.stubEnv('BACKUP_AGE_RECIPIENTS', undefined);
  await handle().pause();
  const { rows } = await json('list');
  expect(backup(rows)).toMatchObject({ state: 'off' });
  expect(backup(rows)?.remarks[0]).toBe('off: misses BACKUP_AGE_RECIPIENTS');
  await handle().unpause();
});

test('settings that cannot be read are exit code 2', async () => {
  vi.stubEnv('DATABASE_URL', 'nonsense');
  const { code, stderr } = await run('diff');
  expect(code).toBe(2);
  expect(stderr).toContain('DATABASE_URL');
});

const enable = (...args: string[]) => talos(enableCommand(), ...args);
const disable = (...args: string[]) => talos(disableCommand(), ...args);
const isArmed = async () => (await ops.db.query('select 1 from ops.arming')).length === 1;

test('enable refuses a job nobody has seen a preview of', async () => {
  const refused = await enable('nettoyage-logs', '--yes');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('talos run nettoyage-logs --wait');
  expect(await isArmed()).toBe(false);
  expect((await enable('nettoyage-logs', '--without-preview', '--yes')).code).toBe(0);
  expect(await isArmed()).toBe(true);
  expect((await enable('nettoyage-logs')).stdout).toBe('nettoyage-logs is armed already\n');
  const { code, stdout } = await disable('nettoyage-logs');
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'nettoyage-logs observes again\n' });
  expect(await isArmed()).toBe(false);
});

test('enable shows the preview of this database, asks, and arms', async () => {
  const preview = (run: string, rows: number, database: string | undefined) =>
    ops.db.query(
      `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, started_at, finished_at, outcome, result, database_id)
       values ('nettoyage-logs-1', $1, 'nettoyage-logs', 'cleanLogs', 'observe', now(), now(), 'succeeded', $2, $3)`,
      [run, { rows }, database],
    );
  await preview('r0', 7, 'another');
  expect((await enable('nettoyage-logs')).stderr).toContain('has not run in observe mode yet');
  await preview('r1', 42, await databaseOf('nettoyage-logs', app.db));
  const unasked = await enable('nettoyage-logs');
  expect(unasked.code).toBe(2);
  expect(unasked.stderr).toContain('add --yes');
  const armed = await enable('nettoyage-logs', '--yes', '--json');
  expect(armed.stderr).toContain('"rows": 42');
  expect(JSON.parse(armed.stdout)).toMatchObject({
    mode: 'armed',
    preview: { workflowId: 'nettoyage-logs-1' },
  });
  expect(await isArmed()).toBe(true);
});

test('enable is for jobs that observe', async () => {
  const { code, stderr } = await enable('backup-database', '--yes');
  expect(code).toBe(2);
  expect(stderr).toContain('it is always armed');
});
