/** Hands what the evaluator found to the alert's workflow. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { alertWorkflowId, type AlertEffect } from '../alerts/index.ts';
import { TASK_QUEUE } from '../shared/ids.ts';

const RPC_MS = 3_000;

const SIGNALS = { fire: 'fire', nodata: 'noData', clear: 'clear', data: 'dataAgain' } as const;

/**
 * Idempotent because an alert is one workflow by its id: a second `fire` is a newer report of the same incident, and a
 * `clear` of what is not open is nothing. Rejects when Temporal did not take it.
 */
export async function tellAlert(client: Client, { kind, ...content }: AlertEffect): Promise<void> {
  const { rule, target } = content;
  const workflowId = alertWorkflowId({ rule, target });
  const signal = SIGNALS[kind];
  await client.withDeadline(Date.now() + RPC_MS, async () => {
    if (kind === 'fire' || kind === 'nodata') {
      await client.workflow.signalWithStart('raiseAlert', {
        workflowId,
        taskQueue: TASK_QUEUE,
        args: [{ rule, target }],
        signal,
        signalArgs: [content],
      });
      return;
    }
    await client.workflow
      .getHandle(workflowId)
      .signal(signal, content)
      .catch((error: unknown) => {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      });
  });
}
