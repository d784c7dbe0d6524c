/** A next version with one step more, as it must be deployed. */
import { patched, proxyActivities } from '@temporalio/workflow';
import type { CustomerLifecycleActivities } from '../../../src/lifecycle/customer/activities.ts';
import * as today from '../../../src/lifecycle/customer/workflow.ts';

const { lookAtCustomer } = proxyActivities<CustomerLifecycleActivities>({
  startToCloseTimeout: '30 seconds',
});

export async function customerLifecycle(
  input: today.LifecycleInput,
): ReturnType<typeof today.customerLifecycle> {
  if (patched('look-first-2026-11-28'))
    await lookAtCustomer({
      accountId: input.accountId,
      inactiveSince: new Date(0).toISOString(),
      archived: false,
    });
  return today.customerLifecycle(input);
}
