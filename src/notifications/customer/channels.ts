import type { Mailer } from '../../clients/mail.ts';
import { MailRejected, MailUnavailable } from '../../clients/mail.ts';
import { SmsRejected, type SmsSender } from '../../clients/twilio.ts';
import { deterministicId, unexpected } from '../channel.ts';
import type { Channel, ChannelFailure } from '../channel.ts';
import { smsChannel } from '../channels/sms.ts';
import { isLedgerFailure, type Claim, type Entry } from '../ledger.ts';
import { CustomersUnavailable } from './recipient.ts';
import type { CustomerEmail } from './render.ts';

/** What is found out at the last moment: the message is not to leave. A code, nothing else. */
export class NotWanted extends Error {
  override readonly name = 'NotWanted';
  readonly code: string;
  constructor(code: string) {
    super(`The message is not wanted any more (${code})`);
    this.code = code;
  }
}

const withheld = (error: unknown): ChannelFailure | undefined => {
  if (error instanceof NotWanted)
    return { code: error.code, permanent: true, skip: true, message: error.message };
  if (error instanceof CustomersUnavailable)
    return { code: 'DatabaseUnreachable', permanent: false, message: error.message };
  // Nothing has left: the next attempt sends it.
  if (isLedgerFailure(error))
    return { code: 'LedgerUnavailable', permanent: false, message: (error as Error).message };
  return undefined;
};

export interface CustomerMail extends CustomerEmail {
  to: string;
  /** `List-Unsubscribe` of a message that offers something. */
  unsubscribe?: string;
}

interface EmailOptions {
  brand: string;
  replyTo?: string;
  /** Read after the claim, so that a person who changed their mind meanwhile is heard. */
  compose: (claim: Claim) => Promise<CustomerMail>;
  /** Between the server's yes and the first byte; throws `NotWanted`. */
  beforeContent: (claim: Claim) => Promise<void>;
}

/** A mail to one customer: rather not at all than twice. */
export function customerEmailChannel<N extends Entry>(
  mailer: Mailer,
  { brand, replyTo, compose, beforeContent }: EmailOptions,
): Channel<N> {
  return {
    ready: true,
    neverTwice: true,
    messageId: ({ key }) => `<${deterministicId(key, 'email')}@${mailer.domain}>`,
    prepare: async () => async (claim) => {
      const { to, subject, html, text, unsubscribe } = await compose(claim);
      const headers: Record<string, string> = {
        'List-Id': `${asPhrase(brand)} <customers.${mailer.domain}>`,
        ...(replyTo === undefined ? {} : { 'Reply-To': replyTo }),
        // RFC 8058: one click at the mail program, without cookies or a page.
        ...(unsubscribe === undefined
          ? {}
          : {
              'List-Unsubscribe': `<${unsubscribe}>`,
              'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
            }),
      };
      const { messageId, createdAt } = claim;
      return mailer.send(
        { to, subject, html, text, headers, messageId, date: createdAt },
        { beforeContent: () => beforeContent(claim) },
      );
    },
    explain(error) {
      if (error instanceof MailRejected) return { code: error.code, permanent: true, message: error.message };
      if (error instanceof MailUnavailable) {
        const { code, undecided, message } = error;
        return { code, permanent: false, undecided, message };
      }
      return withheld(error) ?? unexpected;
    },
  };
}

/** A display name that needs no quotes. */
const asPhrase = (brand: string): string => brand.replace(/[^\p{L}\p{N} ]/gu, '').trim();

interface SmsOptions {
  to: string;
  text: string;
  beforeSending: (claim: Claim) => Promise<void>;
  /** The person has answered STOP, and the provider knows before us. */
  onStopped: () => Promise<void>;
}

const STOPPED = 'Twilio 21610';

/** An SMS to one customer. Whether a lost one has left, Twilio's list says; until it does, none leaves again. */
export function customerSmsChannel<N extends Entry>(
  sender: SmsSender,
  { to, text, beforeSending, onStopped }: SmsOptions,
): Channel<N> {
  const channel = smsChannel<N>(sender, to, { text: () => text });
  return {
    ...channel,
    capped: false,
    prepare: async (entry) => {
      const send = await channel.prepare(entry);
      return async (claim) => {
        await beforeSending(claim);
        try {
          return await send(claim);
        } catch (error) {
          if (error instanceof SmsRejected && error.code === STOPPED) await onStopped();
          throw error;
        }
      };
    },
    explain: (error) => withheld(error) ?? channel.explain(error),
  };
}
