/** How a lifecycle is started, wherever from: once a customer, and one that is under way is left as it is. */
import type { Client } from '@temporalio/client';
import { lifecycleId, TASK_QUEUE } from '../shared/ids.ts';
import type { LifecycleInput } from './customer/workflow.ts';

export async function startLifecycle(client: Client, input: LifecycleInput): Promise<void> {
  await client.workflow.start('customerLifecycle', {
    workflowId: lifecycleId(input.accountId),
    taskQueue: TASK_QUEUE,
    args: [input],
    workflowIdConflictPolicy: 'USE_EXISTING',
    workflowIdReusePolicy: 'ALLOW_DUPLICATE',
    staticSummary: 'An inactive customer: asked, archived, anonymised, or back',
    staticDetails:
      'Signals `reactivate`, `hold`, `release`, `setDeadline`; query `state`; `talos customer status <account>`. docs/lifecycle.md',
  });
}
