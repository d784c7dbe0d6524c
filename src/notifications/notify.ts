import type { Postgres } from '../clients/postgres.ts';
import { beginAttempt } from './attempt.ts';
import { createChannels } from './channels/index.ts';
import type { ChannelDeps } from './channels/index.ts';
import { deliver, WAITS } from './deliver.ts';
import type { Delivering, Waits } from './deliver.ts';
import { digestOf } from './digest.ts';
import { createLedger, ledgerQuery } from './ledger.ts';
import type { ChannelName, Delivery, Level, Notice, NotifyResult } from './notice.ts';
import { createSmsCap } from './sms-cap.ts';

export interface NotificationDeps extends ChannelDeps {
  /** The operations database: the ledger survives a loss of the application's. */
  ops: Pick<Postgres, 'query'>;
  /** Which channels a level speaks through, and the hourly cap (`notifications` of the policy). */
  policy: Readonly<Record<Level, readonly ChannelName[]>> & { smsPerHour: number };
  /** For tests. */
  waits?: Partial<Waits>;
}

/** Channels that reach a person away from the screen; who takes over when another refuses for good, in this order. */
const AWAY: readonly ChannelName[] = ['sms', 'email', 'webhook'];
/** Ends the key of a notice that is sent once more. */
const AGAIN = '/again';
const ARRIVED: readonly Delivery['status'][] = ['sent', 'already sent', 'unknown'];

export interface HowToTell {
  /** For a caller that hands what the ledger could not take to `recordDelivery`, for as long as that takes. */
  handBack?: boolean;
}

export const createNotificationActivities = ({ ops, policy, waits, ...deps }: NotificationDeps) => {
  const ledger = createLedger(ops);
  const cap = createSmsCap(ledgerQuery(ops), policy.smsPerHour);
  const channels = createChannels(deps);

  async function tell(
    notice: Notice,
    names: readonly ChannelName[],
    delivering: Delivering,
  ): Promise<PromiseSettledResult<Delivery>[]> {
    const built = names.flatMap((name) => {
      const channel = channels[name];
      return channel === undefined ? [] : [deliver(delivering, notice, name, channel)];
    });
    // All of them, whatever becomes of one: a channel that is down does not hold back the others.
    return Promise.allSettled(built);
  }

  const notify = async (notice: Notice, { handBack }: HowToTell = {}): Promise<NotifyResult> => {
    const attempt = beginAttempt();
    const delivering: Delivering = {
      ...{ ledger, attempt, handBack, waits: { ...WAITS, ...waits } },
      async admit({ key }) {
        if (await cap.take(key)) return true;
        if (await cap.takeDigest(key)) {
          const digest = digestOf(notice, await cap.freeAt());
          // Best effort: what is capped stands in the e-mails, of which the digest is only the pointer.
          await tell(digest, ['sms'], { ...delivering, admit: () => Promise.resolve(true) });
        }
        return false;
      },
    };
    try {
      const wanted = notice.channels ?? policy[notice.level];
      const outcomes = await tell(notice, wanted, delivering);
      if (notice.channels === undefined && notice.level !== 'info' && refused(outcomes)) {
        for (const name of AWAY.filter((other) => !wanted.includes(other))) {
          const [outcome] = await tell(notice, [name], delivering);
          if (outcome !== undefined) outcomes.push(outcome);
          if (!refused(outcomes)) break;
        }
      }
      const failure = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failure !== undefined) throw failure.reason;
      return { key: notice.key, deliveries: valuesOf(outcomes) };
    } finally {
      attempt.end();
    }
  };

  return {
    /**
     * Tells the operator once on each channel of the notice, whatever its level says or the notice asks for.
     * Idempotent because each (key, channel) is claimed in SQL before the message leaves and closed after it; what an
     * attempt that died in between did is looked up at the provider where it can tell (SMS), and costs at most one
     * repetition with the same Message-ID, date and bytes where it cannot (e-mail).
     */
    notify,

    /**
     * Writes down what left while the ledger was away. Idempotent because the row's key is the notice and the channel,
     * and a row that says how it ended is left as it is.
     */
    recordDelivery: (notice: Notice, delivery: Delivery): Promise<void> => ledger.late(notice, delivery),

    /**
     * Sends a notice that was accepted and never delivered as an SMS once more. False where that is not to be: it was
     * repeated already, or it is about an alert, which may be over by now and reminds by itself. Idempotent as `notify`.
     */
    repeatSms: async (key: string): Promise<boolean> => {
      const stored = await ledger.read(key, 'sms');
      if (stored === undefined || stored.template === 'alert' || key.endsWith(AGAIN)) return false;
      const notice = { ...stored, key: `${key}${AGAIN}`, channels: ['sms'] } as Notice;
      const { deliveries } = await notify(notice);
      return deliveries.some(({ status }) => ARRIVED.includes(status));
    },
  };
};

export type NotificationActivities = ReturnType<typeof createNotificationActivities>;

const valuesOf = (outcomes: readonly PromiseSettledResult<Delivery>[]): Delivery[] =>
  outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));

/** A channel refused it for good and no other one has told it: the next takes over at once. */
function refused(outcomes: readonly PromiseSettledResult<Delivery>[]): boolean {
  const away = valuesOf(outcomes).filter(({ channel }) => AWAY.includes(channel));
  const arrived = away.some(({ status }) => ARRIVED.includes(status));
  return !arrived && away.some(({ status }) => status === 'failed');
}
