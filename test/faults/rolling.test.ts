/** A rolling restart: SIGTERM to the worker that does the work, and the other one brings it to a good end. */
import type { ChildProcess } from 'node:child_process';
import { hostname } from 'node:os';
import type { WorkflowHandle } from '@temporalio/client';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { BackupResult } from '../../src/backup/workflow.ts';
import type { CleanResult } from '../../src/cleanup/result.ts';
import { arm } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startFakeApp, writePolicy, type FakeApp } from '../monitoring/support.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const ROWS = 60_000;
/** PENDING_ACTIVITY_STATE_STARTED. */
const STARTED = 2;

let maintenance: Maintenance;
let app: FakeApp;
let workers: ChildProcess[];

beforeAll(async () => {
  app = await startFakeApp();
  maintenance = await startMaintenance({ APP_URL: app.url });
  await writePolicy(maintenance, {
    monitoring: { everySeconds: 5, inDoubtSeconds: 5, controls: [], dependsOn: {} },
    cleanup: {
      brakeMinimum: 10 * ROWS,
      expired: { auth: false, tables: [{ table: 'public.victims', expiredWhen: 'at < :now' }] },
    },
  });
  await maintenance.app.db.query(
    `create table public.victims (id int primary key, at timestamptz not null, body text not null);
     insert into public.victims select n, now() - interval '1 day', repeat(md5(n::text), 20)
       from generate_series(1, ${String(ROWS)}) n`,
  );
  await arm(
    { app: maintenance.app.db, ops: maintenance.ops.db },
    { scheduleId: 'nettoyage-donnees-temporaires', by: 'test', preview: undefined },
  );
  workers = [await maintenance.startWorker(), await maintenance.startWorker()];
});
afterEach(async () => {
  // As a service manager does: the one that stopped comes back.
  const living = workers.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  while (living.length < 2) living.push(await maintenance.startWorker());
  workers = living;
});
afterAll(async () => {
  await maintenance.close();
  await app.down();
});

const start = (type: string, input: object = {}): Promise<WorkflowHandle> =>
  maintenance.client.workflow.start(type, {
    ...{ workflowId: `rolling-${type}`, taskQueue: TASK_QUEUE, args: [input] },
  });

/** The worker that is at this activity now, and which attempt it is. */
async function doing(handle: WorkflowHandle, activity: string) {
  const { raw } = await handle.describe();
  const found = (raw.pendingActivities ?? []).find(
    ({ activityType, state }) => activityType?.name === activity && Number(state) === STARTED,
  );
  const worker = workers.find(({ pid }) => found?.lastWorkerIdentity === `${String(pid)}@${hostname()}`);
  return worker && { worker, attempt: Number(found?.attempt) };
}

/** Ends in order the worker that is at it, and waits until the other one has taken over or the run is over. */
async function restartUnder(handle: WorkflowHandle, activity: string): Promise<void> {
  const { worker } = await waitFor(() => doing(handle, activity), {
    timeoutMs: 60_000,
    what: `a worker at ${activity}`,
  });
  const begun = performance.now();
  await end(worker, 'SIGTERM');
  expect(worker.exitCode).toBe(0);
  expect((performance.now() - begun) / 1000).toBeLessThan(28);
}

const failures = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { workflowId } of maintenance.client.workflow.list({
    query: `ExecutionStatus in ('Failed', 'TimedOut', 'Terminated', 'Canceled')`,
  }))
    found.push(workflowId);
  return found;
};

describe('a worker is restarted', () => {
  it('during a backup: the other one proves it', async () => {
    const handle = await start('backupDatabase');
    await restartUnder(handle, 'takeAndProveBackup');
    const result = (await handle.result()) as BackupResult;
    expect(result.proven).toBe(true);
    expect((await maintenance.bucket()).openUploads).toBe(0);
    expect(await maintenance.mails()).toHaveLength(1);
  }, 180_000);

  it('during a clean-up: every row goes, and is counted once', async () => {
    const handle = await start('cleanTemporaryData');
    await restartUnder(handle, 'removeExpired');
    const result = (await handle.result()) as CleanResult;
    const [left] = await maintenance.app.db.query<{ n: number }>('select count(*) as n from public.victims');
    expect(left?.n).toBe(0);
    expect(JSON.stringify(result)).toContain(String(ROWS));
  }, 180_000);

  it('during a watch: it goes on where it was, and nobody is called', async () => {
    // Slots are counted from 1970: the first one of this length ends 75 s from now, however busy the machine is.
    const slotSeconds = Math.ceil(Date.now() / 1000) + 75;
    const handle = await start('monitorAvailability', { slotSeconds });
    const looks = async (): Promise<number> => {
      const [row] = await maintenance.ops.db.query<{ n: number }>(
        "select count(*) as n from ops.samples where metric = 'availability:app'",
      );
      return row?.n ?? 0;
    };
    await waitFor(async () => (await looks()) >= 1, { timeoutMs: 30_000, what: 'the first look' });
    await restartUnder(handle, 'watchAvailability');
    const before = await looks();
    await waitFor(async () => (await looks()) > before, { timeoutMs: 30_000, what: 'a look by the other' });
    await handle.result();
    const [down] = await maintenance.ops.db.query<{ n: number }>(
      "select count(*) as n from ops.samples where metric = 'availability:app' and value < 1",
    );
    expect(down?.n).toBe(0);
    await expect(maintenance.client.workflow.getHandle('alert/AL4/app').describe()).rejects.toThrow();
  }, 180_000);

  it('without one failed run', async () => {
    expect(await failures()).toEqual([]);
  });
});
