import { CancellationScope, isCancellation, log, proxyActivities, sleep } from '@temporalio/workflow';
import type { CustomerActivities } from './customer/activities.ts';
import type { Notice } from './notice.ts';
import type { NotificationActivities } from './notify.ts';

/**
 * `notify` for workflows. It ends with what became of the notice; while mail server or ledger are down it waits and
 * tries again for half a day, and at most 30 s after they are back.
 */
export const { notify, repeatSms } = proxyActivities<NotificationActivities>({
  // Waiting for a callback (15 s), Twilio's list (10 s), a send with all its timeouts (20 s), and the ledger.
  startToCloseTimeout: '90 seconds',
  // It beats each second: what a killed worker was sending is taken up soon.
  heartbeatTimeout: '5 seconds',
  // Shorter than a day: a daily job that still waits for its mail would make its Schedule skip the next run.
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/**
 * One message to one customer. What became of it is the result; while mail server or databases are down it waits and
 * tries again for half a day, as the operator's do.
 */
export const { notifyCustomer, passOnRefusals } = proxyActivities<CustomerActivities>({
  startToCloseTimeout: '90 seconds',
  heartbeatTimeout: '5 seconds',
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

/** A notice that cannot leave must not change how the run ends: the ledger keeps it, and the guard sees it unsent. */
export async function tell(notice: Notice): Promise<void> {
  try {
    await notify(notice);
  } catch (error) {
    log.error('the notice could not be sent', { key: notice.key, error: String(error) });
  }
}

/** The usual cause of trouble is the mail server: with a run's own twelve hours it must end before the next day's. */
const AT_MOST = '6 hours';

/** As `tell`; gives up when the run has to end. */
export async function tellInTime(notice: Notice): Promise<void> {
  await CancellationScope.withTimeout(AT_MOST, () => tell(notice)).catch((error: unknown) => {
    // Time is up: the ledger keeps the notice. A person who cancels the run is obeyed.
    if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
  });
}

/** Unreachable handset, unknown error: what may pass within minutes. All other codes are for good. */
const PASSING: readonly string[] = ['30003', '30008'];

/** An SMS that was accepted and never delivered: once more where that may help, and the other channels say so. */
export async function followUndelivered({ key, code }: { key: string; code: string }): Promise<string> {
  if (PASSING.includes(code)) {
    await sleep('5 minutes');
    if (await repeatSms(key)) return 'sent again';
  }
  const at = new Date().toISOString();
  await notify({
    key: `channel-failed/sms/${code}/${at.slice(0, 10)}`,
    level: 'important',
    channels: ['email', 'in-app', 'webhook'],
    template: 'channel-failed',
    data: { channel: 'sms', code: `Twilio ${code}`, at },
  });
  return 'told by the other channels';
}

export type { CustomerDelivery, CustomerNotice } from './customer/notice.ts';
export type {
  AlertData,
  AlertDigestData,
  BackupStoredData,
  BrakeHoldsData,
  CleanReportData,
  Notice,
  NoticeOf,
  NotifyResult,
} from './notice.ts';
