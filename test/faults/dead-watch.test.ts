import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { applySchedules, INTERNAL_SCHEDULES, SCHEDULES } from '../../src/schedules/index.ts';
import { startFakeApp, writePolicy, type FakeApp } from '../monitoring/support.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const SECOND = 1000;
const LIMIT = 240 * SECOND;
/** As an outside service is set up: a sign each minute, and 3 minutes of grace. */
const PERIOD_AND_GRACE = 240 * SECOND;

/** A stand-in for healthchecks.io, one check a case. */
const pings: { check: string; event: 'success' | 'fail'; at: number }[] = [];
const idOf = (number: number): string => `5b0c1f6e-0000-4000-8000-00000000000${String(number)}`;
let outside: FakeApp;

beforeAll(async () => {
  outside = await startFakeApp();
  outside.answer = ({ url = '' }, response) => {
    const [, check = '', event = 'success'] = url.split('/');
    pings.push({ check, event: event as 'success' | 'fail', at: Date.now() });
    response.end();
  };
});
afterAll(() => outside.down());

/** The way to Temporal, which can be cut. */
async function startRoad(): Promise<{ address: string; cut: () => void }> {
  const [host = '', port = ''] = inject('temporalAddress').split(':');
  const open = new Set<net.Socket>();
  const server = net.createServer((from) => {
    const to = net.connect(Number(port), host);
    for (const [one, other] of [
      [from, to],
      [to, from],
    ] as const) {
      open.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
    }
    from.pipe(to).pipe(from);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${String((server.address() as net.AddressInfo).port)}`,
    cut: () => {
      server.close();
      for (const socket of open) socket.destroy();
    },
  };
}

interface Watched {
  maintenance: Maintenance;
  worker: Awaited<ReturnType<Maintenance['startWorker']>>;
  cutRoad: () => void;
}

const schedule = ({ maintenance }: Watched) =>
  maintenance.client.schedule.getHandle('monitoring-disponibilite');

/** Temporal keeps the activity back, as an operator's pause does: the run is there, and nothing looks. */
async function stopActivity({ maintenance: { client } }: Watched): Promise<void> {
  const query = "WorkflowType = 'monitorAvailability' and ExecutionStatus = 'Running'";
  let workflowId = '';
  for await (const run of client.workflow.list({ query })) workflowId = run.workflowId;
  const type = 'watchAvailability';
  const { namespace } = client.options;
  await client.workflowService.pauseActivity({
    namespace,
    execution: { workflowId },
    type,
    reason: 'a test',
  });
  const held = async () =>
    (await client.workflow.getHandle(workflowId).describe()).raw.pendingActivities?.[0]?.paused;
  await waitFor(held, { timeoutMs: 10 * SECOND, what: 'the pause' });
}

const cases: [string, (watched: Watched) => Promise<unknown>][] = [
  ['its Schedule is paused', (watched) => schedule(watched).pause()],
  ['its Schedule is deleted', (watched) => schedule(watched).delete()],
  ['its activity does not run', stopActivity],
  ['Temporal cannot be reached', async ({ cutRoad }) => cutRoad()],
  ['the worker is killed', ({ worker }) => end(worker, 'SIGKILL')],
];

describe.concurrent('the outside heartbeat notices within 4 minutes that the watch is dead:', () => {
  it.each(cases.map(([name, fault], number) => ({ name, fault, number })))(
    '$name',
    async ({ name, fault, number }) => {
      const check = idOf(number);
      const road = await startRoad();
      const maintenance = await startMaintenance({
        ...{ APP_URL: outside.url, HEARTBEAT_URL_TALOS_GUARD: `${outside.url}/${check}` },
        TEMPORAL_ADDRESS: road.address,
      });
      try {
        await writePolicy(maintenance, { monitoring: { controls: [], app: { path: '/app' } } });
        const worker = await maintenance.startWorker();
        const watch = SCHEDULES.filter(({ scheduleId }) => scheduleId === 'monitoring-disponibilite');
        await applySchedules({ client: maintenance.client, rows: [...watch, ...INTERNAL_SCHEDULES] });
        await maintenance.client.schedule.getHandle('monitoring-disponibilite').trigger();
        const seen = (event: string, from: number) =>
          pings.find((ping) => ping.check === check && ping.event === event && ping.at >= from);
        await waitFor(() => seen('success', 0), { timeoutMs: 150 * SECOND, what: 'a first sign of life' });
        // Not on the guard's own minute: a fault has no clock.
        await delay(number * 7 * SECOND);

        const began = Date.now();
        await fault({ maintenance, worker, cutRoad: road.cut });
        const silentSince = (): number =>
          Math.max(
            ...pings.filter((one) => one.check === check && one.event === 'success').map(({ at }) => at),
          );
        const noticed = await waitFor(
          () => seen('fail', began)?.at ?? (Date.now() >= silentSince() + PERIOD_AND_GRACE && Date.now()),
          { timeoutMs: LIMIT + 60 * SECOND, what: 'a notice outside' },
        );
        const how = seen('fail', began) ? 'told' : 'missed';
        console.log(`${name}: ${how} after ${((noticed - began) / SECOND).toFixed(0)} s`);
        expect(noticed - began).toBeLessThanOrEqual(LIMIT);
      } finally {
        await maintenance.close();
        road.cut();
      }
    },
  );
});
