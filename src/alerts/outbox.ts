/** Notices on their way: one activity a channel, each cancelled alone. Sandboxed. */
import { ActivityCancellationType, CancellationScope, log, proxyActivities } from '@temporalio/workflow';
import type { NotificationActivities } from '../notifications/index.ts';
import type { LateEntries } from './late-entries.ts';
import type { AlertEvent, Outcome, Send } from './state.ts';

const { notify } = proxyActivities<NotificationActivities>({
  // A send with all its timeouts takes 20 s.
  startToCloseTimeout: '30 seconds',
  // It beats each second: a worker that was killed is noticed, and a withdrawal heard, without waiting for the end.
  heartbeatTimeout: '10 seconds',
  // Whoever must be told is told when the channel is back, also after a long weekend.
  scheduleToCloseTimeout: '7 days',
  // At most this long after the return of a channel (60 s are promised).
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '20 seconds' },
  // Whether it had left already decides what is told of the end.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export interface Outbox {
  send(send: Send): void;
  withdraw(id: string): void;
  /** Nothing was asked back whose fate is open: the next run may take over. */
  mayMove(): boolean;
}

export function createOutbox(push: (event: AlertEvent) => void, late: LateEntries): Outbox {
  const scopes = new Map<string, CancellationScope>();
  const withdrawn = new Set<string>();

  const run = async ({ id, channel, notice }: Send): Promise<void> => {
    let outcome: Outcome;
    try {
      const { deliveries } = await notify(notice, { handBack: true });
      const delivery = deliveries.find((one) => one.channel === channel);
      const status = delivery?.status ?? 'skipped';
      if (delivery?.unrecorded) late.add({ notice, delivery });
      // Of `unknown` it left at least once as far as anybody can tell.
      outcome = status === 'failed' || status === 'skipped' ? status : 'told';
    } catch (error) {
      outcome = withdrawn.has(id) ? 'withdrawn' : 'failed';
      if (outcome === 'failed') log.error('a notice was given up', { key: notice.key, error: String(error) });
    }
    scopes.delete(id);
    withdrawn.delete(id);
    push({ kind: 'settled', id, outcome });
  };

  return {
    send(send) {
      const scope = new CancellationScope();
      scopes.set(send.id, scope);
      void scope.run(() => run(send));
      if (send.withdrawn) this.withdraw(send.id);
    },
    withdraw(id) {
      withdrawn.add(id);
      scopes.get(id)?.cancel();
    },
    mayMove: () => withdrawn.size === 0,
  };
}
