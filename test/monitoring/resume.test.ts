import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MonitorResult } from '../../src/monitoring/workflow.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { startFakeApp, writePolicy, type FakeApp } from './support.ts';

let maintenance: Maintenance;
let app: FakeApp;

beforeAll(async () => {
  app = await startFakeApp();
  maintenance = await startMaintenance({ APP_URL: app.url });
  await writePolicy(maintenance, { monitoring: { everySeconds: 5, inDoubtSeconds: 1, controls: [] } });
});
afterAll(async () => {
  await maintenance.close();
  await app.down();
});

/** The short form of test/faults/monitoring-kills.test.ts. */
it('a killed worker’s successor goes on with what was known', async () => {
  const { client, ops } = maintenance;
  await app.down();
  const first = await maintenance.startWorker();
  const began = Date.now();
  const watch = await client.workflow.start('monitorAvailability', {
    workflowId: 'resumed',
    taskQueue: TASK_QUEUE,
    args: [{ slotSeconds: 3600 }],
  });
  const looks = () =>
    ops.db.query("select at from ops.samples where metric = 'availability:app' order by at");
  await waitFor(async () => (await looks()).length >= 3, { timeoutMs: 20_000, what: 'three looks' });
  await end(first, 'SIGKILL');
  const seen = (await looks()).length;
  await maintenance.startWorker();
  await waitFor(async () => (await looks()).length >= seen + 3, {
    timeoutMs: 30_000,
    what: 'looks after it',
  });
  interface Progress {
    from: number;
    tally: MonitorResult;
    state: { rules: { rules: Record<string, { badSince?: number }> } };
  }
  const read = async (): Promise<Progress> => {
    const [pending] = (await watch.describe()).raw.pendingActivities ?? [];
    expect(pending?.attempt).toBe(2);
    const [payload] = pending?.heartbeatDetails?.payloads ?? [];
    return JSON.parse(Buffer.from(payload?.data ?? []).toString()) as Progress;
  };
  // The sign of life that tells of a look leaves up to a second after it.
  await waitFor(async () => (await read()).tally.looks >= seen + 2, {
    timeoutMs: 20_000,
    what: 'a count that goes on',
  });
  const progress = await read();
  // From the first attempt: when it began, what it counted, and since when the application is away.
  expect(progress.from).toBeLessThan(began + 10_000);
  const [{ at } = { at: new Date(0) }] = (await looks()) as { at: Date }[];
  expect(progress.state.rules.rules['AL4/app']?.badSince).toBe(at.getTime());
  await watch.terminate();
}, 120_000);
