/** Time of one workflow, skipped by the server itself (1.32, experimental): stop at a day, look, go on. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

const DAY_S = 86_400;

export interface Calendar {
  /** Goes to so many days after the workflow began. */
  to(days: number): Promise<void>;
  /** Without another stop. */
  through(): Promise<void>;
}

type Long = never;

export function calendarOf(client: Client, workflowId: string): Calendar {
  const { workflowService } = client.connection;
  const { namespace } = client.options;
  const workflowExecution = { workflowId };
  const skip = (fastForwardConfig?: { id: string; duration: { seconds: Long; nanos: number } }) =>
    workflowService.updateWorkflowExecutionOptions({
      ...{ namespace, workflowExecution },
      workflowExecutionOptions: { timeSkippingConfig: { enabled: true, fastForwardConfig } },
      updateMask: { paths: ['time_skipping_config'] },
    });
  const begun = Date.now();
  let skipped = 0;
  return {
    async to(days) {
      const id = randomUUID();
      const ahead = days * DAY_S - (Date.now() - begun) / 1_000 - skipped;
      if (ahead <= 0) throw new Error(`the workflow is past day ${String(days)}`);
      const seconds = Math.floor(ahead);
      await skip({ id, duration: { seconds: seconds as Long, nanos: 0 } });
      const before = Date.now();
      for (;;) {
        const answer = await workflowService.pollWorkflowExecutionTimeSkipping({
          ...{ namespace, workflowExecution, fastForwardId: id },
        });
        console.log(
          'poll',
          days,
          Date.now() - before,
          JSON.stringify(answer),
          answer.fastForwardInfo?.hasCompleted,
        );
        if (answer.fastForwardInfo?.hasCompleted || Date.now() - before > 9000) break;
        await new Promise((r) => setTimeout(r, 50));
      }
      skipped += seconds - (Date.now() - before) / 1_000;
    },
    through: async () => void (await skip()),
  };
}
