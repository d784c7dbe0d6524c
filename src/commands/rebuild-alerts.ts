import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { alertWorkflowId } from '../alerts/index.ts';
import { closeLost, readOpenAlerts, type OpenAlert } from '../alerts/lost.ts';
import { tellAlert } from '../monitoring/tell.ts';
import type { RebuildContext, Rebuilt } from './rebuild.ts';

const runs = async (client: Client, workflowId: string): Promise<boolean> => {
  try {
    return (await client.workflow.getHandle(workflowId).describe()).status.name === 'RUNNING';
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
};

/**
 * What was open rings again: the rules hold that it was told, and would be silent until it ends. What had been
 * acknowledged or silenced is so again. The old row is closed only when its successor runs.
 */
export async function rebuildAlerts({ client, clients, dryRun }: RebuildContext): Promise<Rebuilt> {
  const open = await readOpenAlerts(clients.ops);
  let running = 0;
  for (const alert of open) {
    if (await runs(client, alertWorkflowId(alert))) running += 1;
    else if (!dryRun) await raiseAgain({ client, clients }, alert);
  }
  return { part: 'open alerts', known: open.length, running, made: open.length - running };
}

async function raiseAgain(
  { client, clients }: Pick<RebuildContext, 'client' | 'clients'>,
  { alertId, acknowledgedBy, silencedUntil, ...effect }: OpenAlert,
): Promise<void> {
  await tellAlert(client, effect);
  const handle = client.workflow.getHandle(alertWorkflowId(effect));
  if (acknowledgedBy) await handle.signal('acknowledge', { by: acknowledgedBy });
  if (silencedUntil) await handle.signal('silence', { until: silencedUntil, by: 'rebuild' });
  await closeLost(clients.ops, alertId);
}
