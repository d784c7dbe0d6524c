import { proxyActivities } from '@temporalio/workflow';
import type { NotificationActivities } from './notify.ts';

/**
 * `notify` for workflows. It ends with what became of the notice; while mail server or ledger are down it waits and
 * tries again for half a day, and at most 30 s after they are back.
 */
export const { notify } = proxyActivities<NotificationActivities>({
  // A send with all its timeouts takes 20 s.
  startToCloseTimeout: '30 seconds',
  // Shorter than a day: a daily job that still waits for its mail would make its Schedule skip the next run.
  scheduleToCloseTimeout: '12 hours',
  retry: { initialInterval: '2 seconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
});

export type {
  AlertData,
  AlertDigestData,
  BackupStoredData,
  Notice,
  NoticeOf,
  NotifyResult,
} from './notice.ts';
