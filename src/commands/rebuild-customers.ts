import { setTimeout as delay } from 'node:timers/promises';
import { startLifecycle } from '../lifecycle/index.ts';
import { lifecycleId } from '../shared/ids.ts';
import { pages } from './customer-tell.ts';
import type { Rebuilt, RebuildContext } from './rebuild.ts';

/** The lifecycles that sleep for months: each goes on from its row in `ops.lifecycles`, with the same days. */
export async function rebuildCustomers({
  client,
  clients,
  config,
  dryRun,
}: RebuildContext): Promise<Rebuilt> {
  const running = new Set<string>();
  const query = `WorkflowType = 'customerLifecycle' and ExecutionStatus = 'Running'`;
  for await (const { workflowId } of client.workflow.list({ query })) running.add(workflowId);
  const rebuilt: Rebuilt = { part: 'customers', known: 0, running: 0, made: 0 };
  const pauseMs = 1_000 / config.policy.lifecycle.startsPerSecond;
  for await (const page of pages(clients.ops))
    for (const accountId of page) {
      rebuilt.known += 1;
      if (running.has(lifecycleId(accountId))) {
        rebuilt.running += 1;
        continue;
      }
      rebuilt.made += 1;
      if (dryRun) continue;
      await startLifecycle(client, { accountId });
      await delay(pauseMs);
    }
  return rebuilt;
}
