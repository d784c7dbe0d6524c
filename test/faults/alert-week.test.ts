import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { alertWorkflowId, type AlertKey } from '../../src/alerts/alert.ts';
import { ALERT_TIMES, type AlertTimes } from '../../src/alerts/times.ts';
import { Desk } from '../alerts/desk.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

/** A minute of the alert in milliseconds of ours: a week in under two minutes. */
const MINUTE = 10;
const WEEK = 7 * 24 * 60;
/** As the watch reports what still fires. */
const REPORT = 5;

const scaled = (value: unknown, key = ''): unknown => {
  if (typeof value === 'number')
    return /^(flappingFlaps|mostReminders)$/.test(key) ? value : (value / 60_000) * MINUTE;
  if (Array.isArray(value)) return value.map((one) => scaled(one));
  return Object.fromEntries(Object.entries(value as object).map(([name, one]) => [name, scaled(one, name)]));
};

let desk: Desk;
let ops: ClonedDatabase;
let connection: Connection;
beforeAll(async () => {
  const address = inject('temporalAddress');
  connection = await Connection.connect({ address });
  const { namespace } = await newNamespace(connection);
  ops = await cloneDatabase('ops');
  const times = scaled(ALERT_TIMES) as AlertTimes;
  desk = await new Desk({ address, namespace, ops: ops.db, times }).open();
});
afterAll(async () => {
  await desk.close();
  await connection.close();
  await ops.drop();
});

/** Events of the longest run of an alert, and how many runs there were. */
async function longest(key: AlertKey): Promise<{ events: number; runs: number }> {
  let events = 0;
  let runs = 0;
  const query = `WorkflowId = '${alertWorkflowId(key)}'`;
  for await (const { historyLength = 0 } of desk.client.workflow.list({ query })) {
    events = Math.max(events, historyLength);
    runs += 1;
  }
  return { events, runs };
}

it('a week of an alert makes no run of more than 10,000 events (figure 15)', async () => {
  const steady = { rule: 'AL2', target: 'steady' };
  const flapping = { rule: 'AL2', target: 'flapping' };
  const acknowledged = { rule: 'AL2', target: 'acknowledged' };
  const began = Date.now();
  for (let minute = 0; minute < WEEK; minute += REPORT) {
    await Promise.all([
      desk.fire(steady, { value: 91 }),
      desk.fire(acknowledged, { value: 91 }),
      // Half an hour up, half an hour down.
      minute % 60 < 30 ? desk.fire(flapping, { value: 91 }) : desk.clear(flapping).catch(() => undefined),
    ]);
    if (minute === 60) await desk.handle(acknowledged).signal('acknowledge', { by: 'cli' });
    await delay(Math.max(0, began + minute * MINUTE - Date.now()));
  }
  const took = (Date.now() - began) / 1000;
  // The list of runs is a little behind.
  await delay(2_000);
  for (const key of [steady, flapping, acknowledged]) {
    const { events, runs } = await longest(key);
    console.log(
      `${key.target}: at most ${String(events)} events a run, ${String(runs)} runs, ` +
        `${String(desk.heard(key).length)} messages in a week (played in ${took.toFixed(0)} s)`,
    );
    expect(runs).toBeGreaterThanOrEqual(1);
    expect(events).toBeGreaterThan(0);
    expect(events).toBeLessThanOrEqual(10_000);
  }
});
