import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Connection, WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import type { Notice } from '../../src/notifications/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { newNamespace } from '../support/namespace.ts';

/** Who is told when customers could not be. The workflows are real; what they call fails as it is told to. */

const SETTINGS = { perRun: 500, brakeMinimum: 5, brakePercent: 100, inactiveDays: 3 };
const notices: Notice[] = [];
let outcome: (trialId: string) => unknown;
let find: () => unknown;

const activities = {
  resolvePolicy: () => Promise.resolve({ mode: 'armed', settings: SETTINGS, heartbeat: false }),
  readBrakeHistory: () => Promise.resolve({ recent: [] }),
  recordRun: () => Promise.resolve(),
  readConversions: () => Promise.resolve(NO_CONVERSIONS),
  findEndedTrials: async () => Promise.resolve(find()),
  endTrial: () => Promise.resolve('ended'),
  tellTrialEnded: async ({ trialId }: { trialId: string }) => Promise.resolve(outcome(trialId)),
  notify: (notice: Notice) => Promise.resolve(void notices.push(notice)),
};
const figure = { days: 1, ended: 0, converted: 0, rate: null };
const NO_CONVERSIONS = { day: figure, month: figure };

let [connection, native]: [Connection?, NativeConnection?] = [];
let client: Client;
let worker: Worker;
let running: Promise<void>;
beforeAll(async () => {
  const address = inject('temporalAddress');
  connection = await Connection.connect({ address });
  const own = await newNamespace(connection);
  client = own.client;
  native = await NativeConnection.connect({ address });
  worker = await Worker.create({
    ...{ connection: native, namespace: own.namespace, taskQueue: TASK_QUEUE, activities },
    workflowBundle: await bundleWorkflowCode({
      workflowsPath: path.resolve(import.meta.dirname, '../../src/workflows.ts'),
      logger: new DefaultLogger('ERROR'),
    }),
  });
  running = worker.run();
}, 60_000);
afterAll(async () => {
  worker.shutdown();
  await running;
  await native?.close();
  await connection?.close();
});

async function run(): Promise<{ ended: string; told: Notice[] }> {
  notices.length = 0;
  const options = { workflowId: randomUUID(), taskQueue: TASK_QUEUE, args: [] };
  const ended = await client.workflow.execute('expireTrials', options).then(
    () => 'completed',
    (error: unknown) =>
      error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure
        ? String(error.cause.type)
        : String((error as Error).cause),
  );
  return { ended, told: [...notices] };
}

const refuse = (type: string) => {
  throw ApplicationFailure.nonRetryable('not today', type);
};
const found = (trialIds: string[]) => ({ trialIds, count: trialIds.length, unfinished: 0, accounts: 100 });

test('a run in which all goes well tells nobody', async () => {
  find = () => found(['trial-1', 'trial-2']);
  outcome = () => ({ status: 'sent' });
  expect(await run()).toEqual({ ended: 'completed', told: [] });
});

test('messages of unknown fate are told once, with their ids; the run is no failure', async () => {
  find = () => found(['trial-1', 'trial-2', 'trial-3']);
  outcome = (trialId) => ({ status: trialId === 'trial-2' ? 'unknown' : 'sent' });
  const { ended, told } = await run();
  expect(ended).toBe('completed');
  expect(told).toMatchObject([
    {
      ...{ level: 'important', template: 'customers-not-told' },
      data: {
        ...{ job: 'expiration-essais', done: 3 },
        unknown: { count: 1, trialIds: ['trial-2'] },
        failed: { count: 0, trialIds: [] },
      },
    },
  ]);
});

test('customers who could not be told fail the run, after all others were, and are named', async () => {
  find = () => found(['trial-1', 'trial-2', 'trial-3']);
  outcome = (trialId) => (trialId === 'trial-1' ? refuse('ChannelUnavailable') : { status: 'sent' });
  const { ended, told } = await run();
  expect(ended).toBe('CustomersNotTold');
  expect(told).toMatchObject([
    { data: { done: 2, unknown: { count: 0 }, failed: { count: 1, trialIds: ['trial-1'] } } },
  ]);
});

test('a run that ends before it could begin is told with its cause', async () => {
  find = () => refuse('DatabaseUnreachable');
  const { told } = await run();
  expect(told).toMatchObject([
    { data: { cause: { type: 'DatabaseUnreachable', message: 'not today' }, done: 0 } },
  ]);
});
