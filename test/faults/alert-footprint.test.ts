import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startFakeApp, type FakeApp } from '../monitoring/support.ts';
import { startSite } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

const MINUTE = 60_000;
const MINUTES = 10;
const CHECKS = 30;
const OPEN = 20;
/** Ticks of `/proc` a second: fixed for programs on Linux. */
const TICKS = 100;

const mebibytes = async (pid: number): Promise<number> =>
  Number(/VmRSS:\s+(\d+) kB/.exec(await readFile(`/proc/${String(pid)}/status`, 'utf8'))?.[1]) / 1024;

async function cpuSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${String(pid)}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

it(`${String(CHECKS)} checks and ${String(OPEN)} open alerts: 100 MiB above idle and 2 CPU-seconds a minute at the most (figure 15)`, async () => {
  const services = await Promise.all(Array.from({ length: CHECKS - 1 }, () => startFakeApp()));
  const site = await startSite({
    policy: { http: services.map(({ url }, index) => ({ name: `service-${String(index + 1)}`, url })) },
    worker: false,
  });
  try {
    const { client } = site.maintenance;
    const { pid = 0 } = await site.maintenance.startWorker();
    // What it loads after its start belongs to idle.
    await delay(MINUTE / 2);
    const idle = await mebibytes(pid);
    for (const type of ['monitorAvailability', 'monitorPerformance'])
      await client.workflow.start(type, {
        ...{ workflowId: type, taskQueue: TASK_QUEUE, args: [{ slotSeconds: 7200 }] },
      });
    await Promise.all(services.slice(0, OPEN).map((service: FakeApp) => service.down()));
    const open = async (): Promise<number> => {
      const query = "WorkflowType = 'raiseAlert' and ExecutionStatus = 'Running'";
      return (await client.workflow.count(query)).count;
    };
    await waitFor(async () => (await open()) >= OPEN, { timeoutMs: 3 * MINUTE, what: 'the alerts' });
    // Their first messages are the storm, not the weather.
    await delay(MINUTE / 2);
    const before = await cpuSeconds(pid);
    const began = Date.now();
    const sizes: number[] = [];
    while (Date.now() - began < MINUTES * MINUTE) {
      await delay(MINUTE / 6);
      sizes.push(await mebibytes(pid));
    }
    const perMinute = (await cpuSeconds(pid)) - before;
    const cpu = perMinute / ((Date.now() - began) / MINUTE);
    const above = Math.max(...sizes) - idle;
    console.log(
      `idle ${idle.toFixed(0)} MiB, at most ${Math.max(...sizes).toFixed(0)} MiB (+${above.toFixed(0)}), ` +
        `${cpu.toFixed(2)} CPU-s/min, ${String(await open())} alerts open, ${String(MINUTES)} min`,
    );
    expect(await open()).toBe(OPEN);
    expect(above).toBeLessThanOrEqual(100);
    expect(cpu).toBeLessThanOrEqual(2);
  } finally {
    await site.close();
    await Promise.all(services.map((service) => service.down()));
  }
}, 1_200_000);
