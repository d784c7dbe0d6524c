import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { startFakeApp, writePolicy, type FakeApp } from '../monitoring/support.ts';

const WINDOW_MS = 60_000;
const KILL_EVERY_MS = 8_000;

describe('a worker that is killed again and again while an outage is confirmed', () => {
  let maintenance: Maintenance;
  let app: FakeApp;

  beforeAll(async () => {
    app = await startFakeApp();
    maintenance = await startMaintenance({ APP_URL: app.url });
    await writePolicy(maintenance, { monitoring: { everySeconds: 5, inDoubtSeconds: 5, controls: [] } });
  });
  afterAll(async () => {
    await maintenance.close();
    await app.down();
  });

  it('raises the alarm within the window and 15 s, once, and takes it back after', async () => {
    const { client } = maintenance;
    const opened = async (): Promise<number | undefined> => {
      try {
        const { startTime } = await client.workflow.getHandle('alert/AL4/app').describe();
        return startTime.getTime();
      } catch {
        return undefined;
      }
    };
    let worker = await maintenance.startWorker();
    const watch = await client.workflow.start('monitorAvailability', {
      workflowId: 'killed',
      taskQueue: TASK_QUEUE,
      args: [{ slotSeconds: 3600 }],
    });
    const looked = () =>
      maintenance.ops.db.query("select from ops.samples where metric = 'availability:app' and value = 1");
    await waitFor(async () => (await looked()).length > 0, { timeoutMs: 20_000, what: 'the first look' });

    await app.down();
    const began = Date.now();
    let kills = 0;
    while ((await opened()) === undefined && Date.now() - began < WINDOW_MS + 20_000) {
      await delay(KILL_EVERY_MS);
      if ((await opened()) !== undefined) break;
      await end(worker, 'SIGKILL');
      kills += 1;
      worker = await maintenance.startWorker();
    }
    const after = ((await opened()) ?? Number.POSITIVE_INFINITY) - began;
    console.log(`alarm ${(after / 1000).toFixed(1)} s after the outage began, ${String(kills)} kills`);
    expect(kills).toBeGreaterThanOrEqual(4);
    expect(after).toBeGreaterThanOrEqual(WINDOW_MS - 1_000);
    expect(after).toBeLessThanOrEqual(WINDOW_MS + 15_000);

    await app.up();
    const alert = client.workflow.getHandle('alert/AL4/app');
    const heard = async (signal: string): Promise<number> =>
      ((await alert.fetchHistory()).events ?? []).filter(
        ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName === signal,
      ).length;
    await waitFor(async () => (await heard('clear')) > 0, {
      timeoutMs: 60_000,
      what: 'the end of the outage',
    });
    expect(await heard('fire')).toBe(1);
    expect(await heard('clear')).toBe(1);
    await watch.terminate();
  }, 240_000);
});
