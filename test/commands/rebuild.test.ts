/** Temporal is lost: another, empty one takes its place, and `talos rebuild` makes again what the operations database knows. */
import { afterAll, afterEach, beforeAll, expect, inject, it, vi } from 'vitest';
import { Connection, type Client } from '@temporalio/client';
import { rebuildCommand } from '../../src/commands/rebuild.ts';
import type { Rebuilt } from '../../src/commands/rebuild.ts';
import { applySchedules, notePauses, readPauses } from '../../src/schedules/index.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { newNamespace } from '../support/namespace.ts';
import { waitFor } from '../support/wait.ts';
import { talos, useSettings } from './talos.ts';

let maintenance: Maintenance;
let connection: Connection;
let empty: { client: Client; namespace: string };

beforeAll(async () => {
  maintenance = await startMaintenance({ APP_URL: 'http://127.0.0.1:1' });
  const { client, ops } = maintenance;
  await applySchedules({ client });
  connection = await Connection.connect({ address: inject('temporalAddress') });
  await client.schedule.getHandle('rapport-quotidien').pause('holidays');
  await client.schedule.getHandle('nettoyage-logs').pause('being looked at');
  await waitFor(async () => Object.keys(await pausedIn(client)).length === 2, {
    timeoutMs: 10_000,
    what: 'the list of Schedules',
  });
  await notePauses(client, ops.db, new Date());
  const alert = (rule: string, more: string) =>
    `('alert/${rule}/app', '${rule}-run', 1, '${rule}', 'app', 'critical', now() - interval '1 hour',
      now() - interval '1 hour', ${more})`;
  await ops.db.query(
    `insert into ops.alerts (workflow_id, run_id, episode, rule, target, level, since, opened_at,
                             acknowledged_at, acknowledged_by, resolved_at, data) values
     ${alert('AL4', `null, null, null, '{"event": "firing", "alertId": 1, "rule": "AL4", "target": "app", "reason": "refused", "workflowId": "x", "runId": "y"}'`)},
     ${alert('AL3', `now(), 'cli', null, '{"event": "firing", "value": 91, "threshold": 85, "unit": "%"}'`)},
     ${alert('AL2', `null, null, now(), '{"event": "firing"}'`)}`,
  );
  empty = await newNamespace(connection);
}, 60_000);
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await maintenance.close();
  await connection.close();
});

const rebuild = async (...args: string[]): Promise<Map<string, Rebuilt>> => {
  useSettings({ ...maintenance.environment, TEMPORAL_NAMESPACE: empty.namespace });
  const { code, stdout } = await talos(rebuildCommand(), '--json', ...args);
  expect(code).toBe(0);
  return new Map((JSON.parse(stdout) as Rebuilt[]).map((part) => [part.part, part]));
};
const pausedIn = async (client: Client): Promise<Record<string, string | undefined>> => {
  const paused: Record<string, string | undefined> = {};
  for await (const { scheduleId, state } of client.schedule.list())
    if (state.paused) paused[scheduleId] = state.note;
  return paused;
};
const state = async (rule: string) =>
  (await empty.client.workflow.getHandle(`alert/${rule}/app`).describe()).status.name;

it('says what is missing without making anything', async () => {
  const found = await rebuild('--dry-run');
  expect(found.get('Schedules')).toMatchObject({ running: 0 });
  expect(found.get('pauses')).toEqual({ part: 'pauses', known: 2, running: 0, made: 2 });
  expect(found.get('open alerts')).toEqual({ part: 'open alerts', known: 2, running: 0, made: 2 });
  const schedules = [];
  for await (const schedule of empty.client.schedule.list()) schedules.push(schedule);
  expect(schedules).toEqual([]);
  await expect(state('AL4')).rejects.toThrow();
});

it('makes Schedules, pauses and open alerts again, and no more than once', async () => {
  const made = await rebuild();
  expect(made.get('Schedules')?.made).toBeGreaterThan(8);
  await waitFor(async () => Object.keys(await pausedIn(empty.client)).length === 2, {
    timeoutMs: 10_000,
    what: 'the list of Schedules',
  });
  expect(await pausedIn(empty.client)).toEqual({
    'rapport-quotidien': 'holidays',
    'nettoyage-logs': 'being looked at',
  });
  expect([await state('AL4'), await state('AL3')]).toEqual(['RUNNING', 'RUNNING']);
  await expect(state('AL2')).rejects.toThrow();
  const { events } = await empty.client.workflow.getHandle('alert/AL3/app').fetchHistory();
  const signals = (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );
  expect(signals).toEqual(['fire', 'acknowledge']);
  expect(
    await maintenance.ops.db.query(
      `select rule, resolved_by as by from ops.alerts where run_id like '%-run' order by rule`,
    ),
  ).toEqual([
    { rule: 'AL2', by: null },
    { rule: 'AL3', by: 'rebuild' },
    { rule: 'AL4', by: 'rebuild' },
  ]);

  const again = await rebuild();
  for (const part of ['Schedules', 'pauses', 'open alerts']) expect(again.get(part)?.made, part).toBe(0);
});

it('forgets a pause when somebody ends it, and not because the Schedule is a new one', async () => {
  const { ops } = maintenance;
  const ids = async () => (await readPauses(ops.db)).map(({ scheduleId }) => scheduleId);
  const fresh = await newNamespace(connection);
  await applySchedules({ client: fresh.client });
  await notePauses(fresh.client, ops.db, new Date());
  expect(await ids()).toEqual(['nettoyage-logs', 'rapport-quotidien']);

  await notePauses(empty.client, ops.db, new Date());
  await empty.client.schedule.getHandle('nettoyage-logs').unpause();
  await waitFor(async () => Object.keys(await pausedIn(empty.client)).length === 1, {
    timeoutMs: 10_000,
    what: 'the list of Schedules',
  });
  await notePauses(empty.client, ops.db, new Date());
  expect(await ids()).toEqual(['rapport-quotidien']);
});
