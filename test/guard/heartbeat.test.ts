import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { watchIsAlive } from '../../src/guard/index.ts';
import { applySchedules, SCHEDULES } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import type { RunningWorker } from '../../src/worker.ts';
import { startFakeApp, workHere, writePolicy, type FakeApp } from '../monitoring/support.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';

const ID = '5b0c1f6e-0000-4000-8000-00000000000';
let maintenance: Maintenance;
let worker: RunningWorker;
let outside: FakeApp;
let paths: string[] = [];

beforeAll(async () => {
  outside = await startFakeApp();
  outside.answer = (request, response) => {
    paths.push(request.url ?? '');
    response.end();
  };
  maintenance = await startMaintenance({
    APP_URL: outside.url,
    HEARTBEAT_URL_TALOS_GUARD: `${outside.url}/${ID}1`,
    HEARTBEAT_URL_BACKUP_DATABASE: `${outside.url}/${ID}2`,
    HEARTBEAT_URL_MONITORING_DISPONIBILITE: `${outside.url}/${ID}3`,
  });
  await writePolicy(maintenance, { monitoring: { controls: [], app: { path: '/app' } } });
  worker = await workHere(maintenance);
  // There, and due on no day of this test.
  const watch = SCHEDULES.filter(({ scheduleId }) => scheduleId === 'monitoring-disponibilite');
  await applySchedules({
    client: maintenance.client,
    rows: watch.map((row) => ({ ...row, cron: '0 0 29 2 *' })),
  });
});
afterAll(async () => {
  await worker.stop();
  await maintenance.close();
  await outside.down();
});

const run = async (type: string, args: object[] = []): Promise<string[]> => {
  paths = [];
  await maintenance.client.workflow
    .execute(type, { taskQueue: TASK_QUEUE, workflowId: randomUUID(), args })
    .catch(() => undefined);
  return paths.filter((path) => path !== '/app');
};

it('the guard says fail while the watch is silent, and success once it sees', async () => {
  expect(await run('guardMaintenance')).toEqual([`/${ID}1/fail`]);
  expect(await run('monitorAvailability', [{ mode: 'single' }])).toEqual([`/${ID}3`]);
  expect(await run('guardMaintenance')).toEqual([`/${ID}1`]);
  await maintenance.ops.db.query("update ops.samples set at = at - interval '2 minutes 1 second'");
  expect(await run('guardMaintenance')).toEqual([`/${ID}1/fail`]);
});

it('the guard says fail as soon as the Schedule of the watch is paused or gone', async () => {
  const schedule = maintenance.client.schedule.getHandle('monitoring-disponibilite');
  await maintenance.ops.db.query('update ops.samples set at = now()');
  expect(await run('guardMaintenance')).toEqual([`/${ID}1`]);
  await schedule.pause();
  expect(await run('guardMaintenance')).toEqual([`/${ID}1/fail`]);
  await schedule.unpause();
  expect(await run('guardMaintenance')).toEqual([`/${ID}1`]);
  await schedule.delete();
  expect(await run('guardMaintenance')).toEqual([`/${ID}1/fail`]);
});

it('a watch that looks once a run may be silent for longer', async () => {
  const schedule = () => Promise.resolve({ createdAt: '', paused: false });
  const alive = (single: boolean) => watchIsAlive({ ops: maintenance.ops.db, single, schedule });
  await maintenance.ops.db.query("update ops.samples set at = now() - interval '7 minutes'");
  expect([await alive(false), await alive(true)]).toEqual([false, true]);
  await maintenance.ops.db.query("update ops.samples set at = now() - interval '8 minutes 1 second'");
  expect(await alive(true)).toBe(false);
});

it('a job says start and how it ended, but nothing of a dry run, and never fails for it', async () => {
  expect(await run('backupDatabase', [{ dryRun: true }])).toEqual([]);
  expect(await run('backupDatabase', [{ prove: false }])).toEqual([`/${ID}2/start`, `/${ID}2`]);
  await outside.down();
  const [row] = await maintenance.ops.db.query<{ outcome: string }>(
    "select outcome from ops.runs where schedule_id = 'backup-database' and mode = 'armed'",
  );
  expect(row?.outcome).toBe('succeeded');
  await maintenance.client.workflow.execute('monitorAvailability', {
    taskQueue: TASK_QUEUE,
    workflowId: randomUUID(),
    args: [{ mode: 'single' }],
  });
  await outside.up();
});

it('its addresses stand in no history', async () => {
  for await (const { workflowId, runId } of maintenance.client.workflow.list()) {
    const history = await maintenance.client.workflow.getHandle(workflowId, runId).fetchHistory();
    const text = JSON.stringify(history, (_key, value: unknown) =>
      value instanceof Uint8Array || (value as { type?: string } | null)?.type === 'Buffer'
        ? Buffer.from(value as Uint8Array).toString()
        : value,
    );
    expect(text).not.toContain(ID);
  }
});
