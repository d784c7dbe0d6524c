import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, inject } from 'vitest';
import { waitFor } from '../support/wait.ts';

export interface TestNamespace {
  client: Client;
  namespace: string;
}

/** A namespace of its own for the file that calls this, so that files may run side by side on one server. */
export function useNamespace(): TestNamespace {
  const given = {} as TestNamespace;
  let connection: Connection | undefined;
  beforeAll(async () => {
    connection = await Connection.connect({ address: inject('temporalAddress') });
    Object.assign(given, await newNamespace(connection));
  });
  afterAll(() => connection?.close());
  return given;
}

export async function newNamespace(connection: Connection): Promise<TestNamespace> {
  const namespace = `test-${randomUUID()}`;
  await connection.workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  const client = new Client({ connection, namespace });
  // Servers learn of a new namespace a little later.
  await waitFor(
    async () => {
      await client.schedule.create({
        scheduleId: 'probe',
        spec: {},
        state: { paused: true },
        action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none' },
      });
      await client.schedule.getHandle('probe').delete();
      return true;
    },
    { timeoutMs: 30_000, what: `namespace ${namespace}` },
  );
  return { client, namespace };
}
