/** archivage-clients-inactifs, on the 1st of the month at 00:00 Paris (AR1): finds, asks where it is far more than usual, starts. */
import { isCancellation, patched, proxyActivities, workflowInfo } from '@temporalio/workflow';
import { tellInTime } from '../notifications/workflow.ts';
import {
  causeOf,
  holdForAnswer,
  openGate,
  readBrakeHistory,
  runJob,
  type ResolvedPolicy,
} from '../workflow-kit/workflow.ts';
import { describeArchiving, failureOf, type ArchiveResult } from './result.ts';
import type { ScanActivities } from './scan.ts';
import type { LifecyclePolicy } from './state.ts';

export { customerLifecycle } from './customer/workflow.ts';

/** The part of `lifecycle` in `maintenance.yaml` that a run decides by. */
interface ArchiveSettings extends LifecyclePolicy {
  inactiveMonths: number;
  perRun: number;
  startsPerSecond: number;
  brakeMinimum: number;
  brakePercent: number;
}

/** Overrides of `maintenance.yaml` for one run. */
export interface ArchiveInput extends Partial<ArchiveSettings> {
  /** Says how many it would ask, and changes nothing. */
  dryRun?: boolean;
}

const JOB = 'archivage-clients-inactifs';

const { findInactiveCustomers, countOverdueLifecycles, purgePrivacy } = proxyActivities<ScanActivities>({
  startToCloseTimeout: '30 minutes',
  heartbeatTimeout: '5 minutes',
  scheduleToCloseTimeout: '6 hours',
});

/** A killed worker's place is known: the next attempt goes on from there. */
const { startLifecycles } = proxyActivities<ScanActivities>({
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  scheduleToCloseTimeout: '1 day',
});

/** Late customers, or a run that could not go to its end: nobody looks at a monthly job by themselves. */
async function tellOperator(
  at: Date,
  { done, ...trouble }: { cause?: { type: string; message: string }; overdue?: number; done: number },
): Promise<void> {
  // Runs that are under way while this is deployed have no such step.
  if (!patched('archiving-trouble-told-2026-11-28')) return;
  const { workflowId, runId } = workflowInfo();
  const none = { count: 0, trialIds: [] };
  await tellInTime({
    ...{ key: `${workflowId}/${runId}/trouble`, level: 'important', template: 'customers-not-told' },
    data: {
      ...{ job: JOB, scheduledAt: at.toISOString(), ...trouble, done },
      ...{ unknown: none, failed: none, workflowId, runId },
    },
  });
}

export async function archiveInactiveCustomers(input: ArchiveInput = {}): Promise<ArchiveResult> {
  return runJob<ArchiveInput, ArchiveResult>({
    ...{ scheduleId: JOB, input, describe: describeArchiving, failed: failureOf },
    async work(resolved, scheduled) {
      try {
        const result = await archive(resolved, scheduled);
        if (result.overdue > 0)
          await tellOperator(scheduled, { overdue: result.overdue, done: result.count });
        return result;
      } catch (error) {
        if (!isCancellation(error)) await tellOperator(scheduled, { cause: causeOf(error), done: 0 });
        throw error;
      }
    },
  });
}

async function archive(resolved: ResolvedPolicy, scheduled: Date): Promise<ArchiveResult> {
  const settings = resolved.settings as unknown as ArchiveSettings;
  const { inactiveMonths, perRun, startsPerSecond, brakeMinimum, brakePercent } = settings;
  const at = scheduled.toISOString();
  const ask = openGate();
  const { count: found, accounts } = await findInactiveCustomers({ at, inactiveMonths });
  const count = Math.min(found, perRun);
  const result: ArchiveResult = {
    ...{ mode: resolved.mode, found, count, left: found - count, overdue: 0 },
    amounts: { customers: found },
  };
  if (resolved.mode !== 'armed') return result;

  const purged = await purgePrivacy({ at });
  const { preview } = await readBrakeHistory(JOB);
  const limits = { brakeMinimum, brakePercent, preview };
  result.brake = await holdForAnswer(ask, { job: JOB, at: scheduled, found, accounts, ...limits });
  if (result.brake && result.brake.answer !== 'approved')
    return { ...result, purged, count: 0, left: found, amounts: {} };

  const { reactivationDays, reminderDays, anonymiseAfterMonths } = settings;
  const { started } = await startLifecycles({
    ...{ at, inactiveMonths, limit: perRun, perSecond: startsPerSecond },
    policy: { reactivationDays, reminderDays, anonymiseAfterMonths },
  });
  const overdue = await countOverdueLifecycles();
  return { ...result, purged, overdue, count: started, left: Math.max(0, found - started) };
}
