/** Every job that runs on the application's database and on ours, with a transaction pooler before both. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SCHEDULES } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { startPooler, type Pooler } from '../support/pooler.ts';
import { startFakeApp, writePolicy, type FakeApp } from '../monitoring/support.ts';

let maintenance: Maintenance;
let app: FakeApp;
let poolers: Pooler[];
let folders: string[];

beforeAll(async () => {
  app = await startFakeApp();
  maintenance = await startMaintenance({ APP_URL: app.url });
  await writePolicy(maintenance, { monitoring: { controls: [], dependsOn: {} } });
  folders = await Promise.all([1, 2].map(() => mkdtemp(path.join(tmpdir(), 'talos-pooled-'))));
  const { environment } = maintenance;
  poolers = await Promise.all(
    [maintenance.app.url, maintenance.ops.url].map((url, at) => startPooler(url, folders[at] ?? '')),
  );
  // The snapshot of a backup needs a session; nothing else does.
  environment['BACKUP_DATABASE_URL'] = maintenance.app.url;
  environment['DATABASE_URL'] = `${poolers[0]?.url('transaction') ?? ''}?pgbouncer=true`;
  environment['OPS_DATABASE_URL'] = poolers[1]?.url('transaction') ?? '';
  await maintenance.startWorker();
});
afterAll(async () => {
  await maintenance.close();
  await Promise.all([...poolers.map((pooler) => pooler.stop()), app.down()]);
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

const jobs = SCHEDULES.filter(({ scheduleId }) => !scheduleId.startsWith('archivage'));

it.each(jobs.map((row) => [row.scheduleId, row.workflow]))(
  '%s',
  async (scheduleId, type) => {
    const input = scheduleId.startsWith('monitoring') ? { slotSeconds: 3 } : {};
    const result: unknown = await maintenance.client.workflow.execute(type, {
      ...{ workflowId: `pooled-${scheduleId}`, taskQueue: TASK_QUEUE, args: [input] },
      workflowExecutionTimeout: '2 minutes',
    });
    expect(result).toBeTypeOf('object');
  },
  150_000,
);
