import { createHash } from 'node:crypto';
import type { Mailer } from '../clients/mail.ts';
import { MailRejected, MailUnavailable } from '../clients/mail.ts';
import { renderEmail } from './emails/render.ts';
import type { RenderOptions } from './emails/render.ts';
import type { Claim } from './ledger.ts';
import type { ChannelName, Level, Notice } from './notice.ts';

/** Which channels a level speaks through. */
export const CHANNELS_OF_LEVEL: Readonly<Record<Level, readonly ChannelName[]>> = {
  critical: ['sms', 'email', 'in-app'],
  important: ['email', 'in-app'],
  info: ['in-app'],
};

/** How an effect ended without success. */
export interface ChannelFailure {
  code: string;
  /** Nothing a retry could change. */
  permanent: boolean;
  /** A sentence without addresses or secrets. */
  message: string;
}

/** One way to reach the operator. A new one is one more entry of the table in `notify.ts`. */
export interface Channel {
  /** False when nobody is configured to receive it: the notice is then `skipped` here. */
  readonly ready: boolean;
  /** The same for every attempt, so that receivers can recognise a repetition. */
  messageId(key: string): string;
  /** What can be made before the claim, so that the lease holds the effect alone. */
  prepare(notice: Notice): Promise<(claim: Claim) => Promise<{ providerId?: string }>>;
  explain(error: unknown): ChannelFailure;
}

export const deterministicId = (key: string, channel: ChannelName): string =>
  createHash('sha256').update(`${key}\0${channel}`).digest('hex').slice(0, 40);

export function emailChannel(mailer: Mailer, to: string, options: RenderOptions): Channel {
  return {
    ready: to !== '',
    messageId: (key) => `<${deterministicId(key, 'email')}@${mailer.domain}>`,
    async prepare(notice) {
      const { subject, html, text } = await renderEmail(notice, options);
      return ({ messageId, createdAt }) =>
        mailer.send({ to, subject, html, text, messageId, date: createdAt });
    },
    explain(error) {
      if (error instanceof MailRejected) return { code: error.code, permanent: true, message: error.message };
      if (error instanceof MailUnavailable)
        return { code: error.code, permanent: false, message: error.message };
      return { code: 'Unexpected', permanent: false, message: 'the message could not be built or sent' };
    },
  };
}
