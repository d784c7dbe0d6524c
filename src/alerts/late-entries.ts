/** What left while the ledger was away: kept here, in the history, until it is written down. Sandboxed. */
import { log, proxyActivities } from '@temporalio/workflow';
import type { NotificationActivities } from '../notifications/index.ts';
import type { Delivery } from '../notifications/notice.ts';
import type { Send } from './state.ts';

const { recordDelivery } = proxyActivities<NotificationActivities>({
  startToCloseTimeout: '10 seconds',
  scheduleToCloseTimeout: '7 days',
  retry: { initialInterval: '2 seconds', maximumInterval: '30 seconds' },
});

export interface LateEntry {
  notice: Send['notice'];
  delivery: Delivery;
}

export interface LateEntries {
  add(entry: LateEntry): void;
  idle(): boolean;
  /** For the next run, which writes them once more: that changes nothing. */
  carry(): LateEntry[];
}

export function createLateEntries(carried: readonly LateEntry[] = [], wake: () => void): LateEntries {
  let open: LateEntry[] = [];
  const add = (entry: LateEntry): void => {
    open.push(entry);
    void write(entry);
  };
  const write = async (entry: LateEntry): Promise<void> => {
    try {
      await recordDelivery(entry.notice, entry.delivery);
    } catch (error) {
      log.error('a notice could not be written to the ledger', {
        key: entry.notice.key,
        error: String(error),
      });
    }
    open = open.filter((other) => other !== entry);
    wake();
  };
  carried.forEach(add);
  return { add, idle: () => open.length === 0, carry: () => open };
}
