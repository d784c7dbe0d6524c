import { setTimeout as pause } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { Mailer } from '../clients/mail.ts';
import type { Postgres } from '../clients/postgres.ts';
import { CHANNELS_OF_LEVEL, emailChannel } from './channels.ts';
import type { Channel } from './channels.ts';
import type { Locale } from './format.ts';
import { createLedger } from './ledger.ts';
import type { Ledger } from './ledger.ts';
import type { ChannelName, Delivery, Notice, NotifyResult } from './notice.ts';

export interface NotificationDeps {
  /** The operations database: the ledger survives a loss of the application's. */
  ops: Pick<Postgres, 'query'>;
  mailer: Mailer;
  admin: { email: string; sms?: string };
  locale: Locale;
  timeZone?: string;
  /** Temporal's Web UI, for links to a run. */
  webUiUrl?: string;
  /** Namespace of those links. */
  namespace?: string;
}

/** How long another attempt waits before it looks at a claim again. */
const LOOK_AGAIN_SECONDS = 5;

/** A restart of the ledger's server takes seconds: waiting for it is cheaper than a second mail. */
const CLOSE_PAUSES_MS = [100, 400, 1_500, 3_000];

export const createNotificationActivities = (deps: NotificationDeps) => {
  const ledger = createLedger(deps.ops);
  const { locale, timeZone, webUiUrl, namespace } = deps;
  /** The channels that are built. A notice for one that is not is neither sent nor written down. */
  const channels: Partial<Record<ChannelName, Channel>> = {
    email: emailChannel(deps.mailer, deps.admin.email, { locale, timeZone, webUiUrl, namespace }),
  };

  return {
    /**
     * Tells the operator once on each channel of the notice, whatever its level says or the notice asks for.
     * Idempotent because each (key, channel) is claimed in SQL before the message leaves and closed after it; an
     * attempt that died in between costs at most one repetition, with the same Message-ID, date and bytes.
     */
    notify: async (notice: Notice): Promise<NotifyResult> => {
      const wanted = notice.channels ?? CHANNELS_OF_LEVEL[notice.level];
      const built = wanted.flatMap((name) => {
        const channel = channels[name];
        return channel === undefined ? [] : [{ name, channel }];
      });
      // All of them, whatever becomes of one: a channel that is down does not hold back the others.
      const outcomes = await Promise.allSettled(
        built.map(({ name, channel }) => deliver(ledger, notice, name, channel)),
      );
      const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome] : []));
      if (failures[0] !== undefined) throw failures[0].reason;
      const deliveries = outcomes.flatMap((outcome) =>
        outcome.status === 'fulfilled' ? [outcome.value] : [],
      );
      return { key: notice.key, deliveries };
    },
  };
};

export type NotificationActivities = ReturnType<typeof createNotificationActivities>;

async function deliver(
  ledger: Ledger,
  notice: Notice,
  name: ChannelName,
  channel: Channel,
): Promise<Delivery> {
  const { key } = notice;
  if (!channel.ready) {
    await ledger.skipped(notice, name, 'NoRecipient');
    return { channel: name, status: 'skipped', attempts: 0, code: 'NoRecipient' };
  }
  const send = await channel.prepare(notice);
  const answer = await ledger.claim(notice, name, channel.messageId(key));
  if (answer.kind === 'in flight') throw inFlight(name, answer.secondsLeft);
  if (answer.kind === 'closed') return asDelivery(name, answer);

  const { claim } = answer;
  const { attempts } = claim;
  let providerId: string | undefined;
  try {
    ({ providerId } = await send(claim));
  } catch (error) {
    const { code, permanent, message } = channel.explain(error);
    if (permanent) {
      await patiently(() => ledger.failed(key, name, attempts, code));
      return { channel: name, status: 'failed', attempts, code };
    }
    await patiently(() => ledger.release(key, name, attempts, code));
    throw ApplicationFailure.create({ message, type: 'ChannelUnavailable' });
  }
  await patiently(() => ledger.sent(key, name, providerId));
  return { channel: name, status: 'sent', attempts };
}

function asDelivery(
  channel: ChannelName,
  { status, attempts, code }: { status: string; attempts: number; code?: string },
): Delivery {
  if (status === 'sent') return { channel, status: 'already sent', attempts };
  return { channel, status: status === 'skipped' ? 'skipped' : 'failed', attempts, code };
}

const inFlight = (channel: ChannelName, secondsLeft: number): ApplicationFailure =>
  ApplicationFailure.create({
    message: `Another attempt is sending this notice (${channel})`,
    type: 'NotificationInFlight',
    nextRetryDelay: Math.max(1, Math.min(LOOK_AGAIN_SECONDS, secondsLeft)) * 1_000,
  });

/** Repeats the closing of a claim while the ledger does not answer. */
async function patiently(close: () => Promise<void>): Promise<void> {
  for (const wait of CLOSE_PAUSES_MS) {
    try {
      return await close();
    } catch {
      await pause(wait);
    }
  }
  await close();
}
