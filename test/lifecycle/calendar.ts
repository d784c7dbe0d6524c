/** Time of one workflow, skipped by the server itself (1.32, experimental): stop at a day, look, go on. */
import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

const DAY_S = 86_400;

export interface Calendar {
  /** Goes to so many days after the workflow began. */
  to(days: number): Promise<void>;
  /** Goes to an instant, and so many seconds. */
  at(instant: string | undefined, seconds?: number): Promise<void>;
  /** Without another stop. */
  through(): Promise<void>;
}

type Long = never;
/** FAST_FORWARD_POLLING_RESULT_FAST_FORWARD_COMPLETED */
const COMPLETED = 2;

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
  const calendar: Calendar = {
    at: (instant, seconds = 0) =>
      calendar.to((Date.parse(instant ?? '') - begun) / 1_000 / DAY_S + seconds / DAY_S),
    async to(days) {
      const id = randomUUID();
      const ahead = days * DAY_S - (Date.now() - begun) / 1_000 - skipped;
      if (ahead <= 0) throw new Error(`the workflow is past day ${String(days)}`);
      const seconds = Math.floor(ahead);
      await skip({ id, duration: { seconds: seconds as Long, nanos: 0 } });
      const before = Date.now();
      // Answers when it is there, or after a while; then it is asked again.
      for (let round = 0; ; round += 1) {
        const { fastForwardPollingResult, failedReason } =
          await workflowService.pollWorkflowExecutionTimeSkipping({
            ...{ namespace, workflowExecution, fastForwardId: id },
          });
        if (Number(fastForwardPollingResult) === COMPLETED) break;
        // It may have come to its end on the way.
        if (failedReason.includes('execution ended')) return;
        if (failedReason || round === 5)
          throw new Error(`day ${String(days)} was not reached: ${failedReason}`);
      }
      skipped += seconds - (Date.now() - before) / 1_000;
    },
    through: async () => void (await skip()),
  };
  return calendar;
}
