import { setTimeout as pause } from 'node:timers/promises';
import { SmsRejected, SmsUnavailable } from '../../clients/twilio.ts';
import type { SmsSender } from '../../clients/twilio.ts';
import { deterministicId, unexpected } from '../channel.ts';
import type { Channel } from '../channel.ts';
import type { Entry } from '../ledger.ts';
import type { Notice } from '../notice.ts';

export interface SmsChannelOptions<N extends Entry> {
  /** The same in every attempt: a lost one is looked for by it. */
  text: (notice: N) => string;
  /** Where the provider says what became of a message; absent where it could not reach us. */
  callbackUrl?: string;
  /** How long a callback is waited for before the provider's list is looked through (ms). */
  callbackMs?: number;
}

const CALLBACK_MS = 15_000;
const LOOK_MS = 250;

/**
 * Twilio has no idempotency key. What proves that an attempt whose answer was lost has sent: the callback, whose
 * address names the ledger's row, or the text itself in Twilio's list of messages.
 */
export function smsChannel<N extends Entry = Notice>(
  sender: SmsSender,
  to: string,
  options: SmsChannelOptions<N>,
): Channel<N> {
  const { text, callbackUrl, callbackMs = CALLBACK_MS } = options;
  return {
    ready: to !== '',
    capped: true,
    messageId: ({ key }) => deterministicId(key, 'sms'),
    prepare: async (notice) => {
      const body = text(notice);
      return async ({ callback }) => {
        const statusCallback =
          callbackUrl !== undefined && callback !== undefined ? `${callbackUrl}/${callback}` : undefined;
        const { providerId } = await sender.send({ to, body, statusCallback });
        return { providerId };
      };
    },
    async settle(notice, claim, { isSent, isTaken }) {
      const body = text(notice);
      const waits = callbackUrl === undefined || claim.callback === undefined ? 0 : callbackMs;
      const end = Math.min(Date.now(), claim.undecidedAt?.getTime() ?? 0) + waits;
      for (;;) {
        if (await isSent()) return { kind: 'sent' };
        const left = end - Date.now();
        if (left <= 0) break;
        await pause(Math.min(left, LOOK_MS));
      }
      try {
        for (const { providerId } of await sender.find({ to, body, since: claim.createdAt })) {
          if (!(await isTaken(providerId))) return { kind: 'sent', providerId };
        }
        return { kind: 'not sent' };
      } catch (error) {
        if (error instanceof SmsUnavailable || error instanceof SmsRejected) return { kind: 'unreachable' };
        throw error;
      }
    },
    explain(error) {
      if (error instanceof SmsRejected) return { code: error.code, permanent: true, message: error.message };
      if (error instanceof SmsUnavailable) {
        const { code, undecided, message } = error;
        return { code, permanent: false, undecided, message };
      }
      return unexpected;
    },
  };
}
