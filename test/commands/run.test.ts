import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { heartbeat } from '@temporalio/activity';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test, vi } from 'vitest';
import { isPeriod, runCommand } from '../../src/commands/run.ts';
import { applySchedules } from '../../src/schedules/apply.ts';
import { rowOf } from '../../src/schedules/rows.ts';
import { triggerSchedule } from '../../src/schedules/trigger.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { settings, talos, useSettings } from './talos.ts';

interface Result {
  workflowId: string;
  runId: string;
  proven?: boolean;
  bytes?: number;
  input?: object;
}

const given = useNamespace();
let worker: Worker;
let running: Promise<void>;
let native: NativeConnection;

beforeAll(async () => {
  // The one under test: the guard would run each minute, and the worker below has not its workflow.
  await applySchedules({ client: given.client, rows: [rowOf('backup-database')] });
  native = await NativeConnection.connect({ address: inject('temporalAddress') });
  worker = await Worker.create({
    connection: native,
    namespace: given.namespace,
    taskQueue: 'maintenance',
    workflowsPath: fileURLToPath(new URL('./fake-workflows.ts', import.meta.url)),
    activities: {
      async dump() {
        for (let part = 1; part <= 3; part += 1) {
          heartbeat({ stage: 'dump', bytes: part * 5_000_000 });
          await sleep(800);
        }
      },
    },
    maxHeartbeatThrottleInterval: '100ms',
  });
  running = worker.run();
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await native.close();
});
beforeEach(() => {
  vi.unstubAllEnvs();
  useSettings(settings({ TEMPORAL_ADDRESS: inject('temporalAddress'), TEMPORAL_NAMESPACE: given.namespace }));
});

const run = (...args: string[]) => talos(runCommand(), ...args);
const json = (text: string) => JSON.parse(text) as Result;

describe('talos run', () => {
  test('triggers the Schedule and answers the run it started', async () => {
    const ended = await run('backup-database', '--json');
    expect(ended).toMatchObject({ code: 0 });
    const { workflowId, runId } = json(ended.stdout);
    expect(workflowId).toMatch(/^backup-database-\d{4}-\d\d-\d\dT/);
    expect(await given.client.workflow.getHandle(workflowId).describe()).toMatchObject({ runId });
  });

  test('several at once are given runs of their Schedule, one a second', async () => {
    const ended = await Promise.all(
      Array.from({ length: 4 }, () => triggerSchedule(given.client, 'backup-database')),
    );
    expect(new Set(ended.map(({ runId }) => runId)).size).toBeLessThanOrEqual(2);
    await sleep(1000);
    const later = await triggerSchedule(given.client, 'backup-database');
    expect(ended.map(({ runId }) => runId)).not.toContain(later.runId);
  });

  test('waits with progress on stderr and the result alone on stdout', async () => {
    const ended = await run('backup-database', '--wait', '--json');
    expect(ended.code).toBe(0);
    expect(json(ended.stdout)).toMatchObject({ proven: true, bytes: 1234, input: {} });
    expect(json(ended.stdout)).toHaveProperty('workflowId');
    expect(ended.stderr).toMatch(/\d s {2}dump {2}stage dump, bytes \d+\.\d MB/);
  });

  test('prints a result that people read', async () => {
    const { stdout, code } = await run('backup-database', '--dry-run', '--wait');
    expect(code).toBe(0);
    // Nested values keep their path: no JSON for people.
    expect(stdout).toContain('proven        true\nbytes         1234\ninput.dryRun  true\n');
  });

  test('starts directly with overrides, beside the Schedule', async () => {
    const ended = await run('backup-database', '--dry-run', '--period', '2026-W47', '--wait', '--json');
    const result = json(ended.stdout);
    expect(result.workflowId).toMatch(/^backup-database-manual-\d{8}T\d{6}Z-[0-9a-f]{6}$/);
    expect(result.input).toEqual({ dryRun: true, period: '2026-W47' });
  });

  test('a failure is exit code 1 and the cause in words', async () => {
    const ended = await run('backup-database', '--period', '2026-01-01', '--wait', '--json');
    expect(ended.code).toBe(1);
    expect(ended.stdout).toBe('');
    expect(ended.stderr).toMatch(
      /talos: backup-database-manual-\S+ failed: the bucket refused the upload\n$/,
    );
  });

  test('runs a paused Schedule too', async () => {
    const handle = given.client.schedule.getHandle('backup-database');
    await handle.pause('by hand');
    expect((await run('backup-database', '--json')).code).toBe(0);
    expect((await handle.describe()).state.paused).toBe(true);
    await handle.unpause();
  });
});

describe('talos run refuses, with exit code 2,', () => {
  test.each([
    [['backup-databse'], "there is no schedule 'backup-databse'; did you mean backup-database?"],
    [['rapport'], 'did you mean rapport-quotidien or rapport-hebdomadaire?'],
    [['zzz'], 'there are monitoring-disponibilite, '],
    [['archivage-clients-inactifs'], 'archivage-clients-inactifs is off: '],
    [['backup-database', '--period', 'yesterday'], '--period yesterday is none of'],
  ])('%j', async (args, message) => {
    const ended = await run(...args);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(message);
  });

  test('a job that is off, naming the settings', async () => {
    vi.stubEnv('BACKUP_BUCKET', undefined);
    const ended = await run('backup-database');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('backup-database is off: BACKUP_BUCKET not set');
  });
});

test('Temporal that does not answer is one line and exit code 1', async () => {
  vi.stubEnv('TEMPORAL_ADDRESS', '127.0.0.1:1');
  const ended = await run('backup-database');
  expect(ended.code).toBe(1);
  expect(ended.stderr).toMatch(
    /^talos: Temporal does not answer at 127\.0\.0\.1:1 \(TEMPORAL_ADDRESS\).*`npm start`\n$/,
  );
});

test.each([
  ['2026-11-22', true],
  ['2026-W47', true],
  ['2026-W53', true],
  ['2026-11', true],
  ['2026-11-01/2026-11-08', true],
  ['2026-11-01T00:00:00Z/2026-11-01T06:00:00Z', true],
  ['2026-02-30', false],
  ['2026-13', false],
  ['2026-W54', false],
  ['2026-11-08/2026-11-01', false],
  ['2026-11-01/2026-11-02/2026-11-03', false],
  ['yesterday', false],
  ['2026', false],
])('%s is a period: %s', (text, expected) => {
  expect(isPeriod(text)).toBe(expected);
});
