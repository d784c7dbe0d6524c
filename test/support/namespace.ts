import { randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import type { Connection } from '@temporalio/client';
import { waitFor } from './wait.ts';

export interface TestNamespace {
  client: Client;
  namespace: string;
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
