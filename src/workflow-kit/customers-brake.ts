/** The brake of jobs that reach customers: far more of them than it may be, and a person is asked. Sandboxed. */
import { setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { tell } from '../notifications/workflow.ts';
import type { Answer } from './approval.ts';
import { brakeReasons, shareReasons, type Amounts, type BrakeReason } from './brake.ts';

interface Reached {
  job: string;
  at: Date;
  /** Customers found, of so many accounts. */
  found: number;
  accounts: number;
  brakeMinimum: number;
  brakePercent: number;
  /** What the preview said with which the job was armed. */
  preview?: Amounts;
}

/** Undefined: nothing holds. Does not fail where the message cannot leave: the Web UI says the same. */
export async function holdForAnswer(
  ask: () => Promise<Answer>,
  { job, at, found, accounts, brakeMinimum, brakePercent, preview }: Reached,
): Promise<{ reasons: BrakeReason[]; answer: Answer } | undefined> {
  const reasons = [
    ...shareReasons(found, accounts, { minimum: brakeMinimum, percent: brakePercent }),
    // The mean says nothing here: how many trials end on a day is what marketing did a fortnight ago.
    ...brakeReasons({ customers: found }, { recent: [], preview }, brakeMinimum),
  ].slice(0, 1);
  if (reasons.length === 0) return undefined;
  await tellBrakeHolds(job, at, reasons);
  setCurrentDetails('**The brake holds.** Waiting for the Update `approve` or `reject` (72 hours).');
  return { reasons, answer: await ask() };
}

type Held = BrakeReason & { bytes?: number; oldest?: string; newest?: string };

export async function tellBrakeHolds(job: string, at: Date, held: Held[]): Promise<void> {
  const { workflowId, runId } = workflowInfo();
  await tell({
    ...{ key: `${workflowId}/${runId}/braked`, level: 'important', template: 'brake-holds' },
    data: { job, scheduledAt: at.toISOString(), waitHours: 72, held, workflowId, runId },
  });
}
