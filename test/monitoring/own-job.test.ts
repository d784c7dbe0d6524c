import { afterAll, expect, inject, it } from 'vitest';
import { createPostgresMonitor } from '../../src/clients/postgres-monitor.ts';
import { HOST } from '../../src/monitoring/host-samples.ts';
import { hasTestLoad } from '../../src/monitoring/own-job.ts';
import { performanceLook, type PerformanceDeps } from '../../src/monitoring/performance.ts';
import { EMPTY } from '../../src/monitoring/state.ts';
import { TASK_QUEUE, TEST_LOAD_REAL } from '../../src/shared/ids.ts';
import { useNamespace } from '../schedules/namespace.ts';

const given = useNamespace();
const database = createPostgresMonitor({ url: inject('postgresUrl') });
afterAll(() => database.close());

/** What the watch says of a server that is this busy. */
async function cpuSample(value: number, deps: Partial<PerformanceDeps>) {
  const look = performanceLook({
    database,
    host: {
      read: async (_memory, at) => ({ samples: [{ metric: 'cpu_percent', target: HOST, at, value }] }),
    },
    ...{ availabilityIsOn: true, readEveryMs: 30_000, slowSeconds: 5 },
    ownJob: async () => 'backup-database',
    ...deps,
  });
  const { samples } = await look(EMPTY, Date.now(), new AbortController().signal);
  return samples.find(({ metric }) => metric === 'cpu_percent');
}

it('knows a real test load while it runs, and as long as its readings are in the mean', async () => {
  const { client } = given;
  expect(await hasTestLoad(client, 60_000)).toBe(false);
  const handle = await client.workflow.start('testLoad', {
    ...{ workflowId: TEST_LOAD_REAL, taskQueue: TASK_QUEUE },
  });
  expect(await hasTestLoad(client, 0)).toBe(true);
  await handle.terminate();
  expect(await hasTestLoad(client, 60_000)).toBe(true);
  expect(await hasTestLoad(client, 0)).toBe(false);
});

it('what a test load does is marked as a test, and not put down to a job of ours', async () => {
  const tested = await cpuSample(99, { testLoad: async () => true });
  expect(tested).toMatchObject({ value: 99, test: true });
  expect(tested).not.toHaveProperty('ownJob');
  const worked = await cpuSample(99, { testLoad: async () => false });
  expect(worked).toMatchObject({ value: 99, ownJob: 'backup-database' });
  expect(worked).not.toHaveProperty('test');
});

it('a calm server is nobody’s doing, and what cannot be asked keeps no figure back', async () => {
  const asked: string[] = [];
  const count = async () => void asked.push('asked');
  await cpuSample(20, { ownJob: count });
  expect(asked).toEqual([]);
  const away = () => Promise.reject(new Error('away'));
  const sample = await cpuSample(99, { ownJob: away, testLoad: away });
  expect(sample).toMatchObject({ value: 99 });
  expect(sample).not.toHaveProperty('test');
});
