import { createHash } from 'node:crypto';
import MailComposer from 'nodemailer/lib/mail-composer';
import { MailRejected } from './mail-failure.ts';

export interface MailAttachment {
  filename: string;
  content: Uint8Array | string;
  contentType: string;
  /** Makes the picture inline: the HTML names it `cid:<this>`. */
  cid?: string;
}

export interface MailMessage {
  /** One bare address. */
  to: string;
  subject: string;
  text: string;
  html?: string;
  /** `<left@right>`. The same id and date make the same bytes. */
  messageId: string;
  date?: Date;
  headers?: Readonly<Record<string, string>>;
  attachments?: readonly MailAttachment[];
}

/** One mailbox, and nothing that could end a header or begin a second recipient. */
const ADDRESS = /^[^\s<>()[\]\\,;:"@\p{Cc}]+@[^\s<>()[\]\\,;:"@\p{Cc}]+$/u;
const MESSAGE_ID = /^<[^\s<>@\p{Cc}]+@[^\s<>@\p{Cc}]+>$/u;
const HEADER_NAME = /^[A-Za-z0-9-]+$/;
const CONTROL = /\p{Cc}/u;
const CONTROLS = /\p{Cc}+/gu;

/** Headers a signature covers and receivers match as they stand: folding one breaks DKIM at some servers. */
const NEVER_FOLDED = /^List-Unsubscribe/i;

/** The envelope's and our ids' part of `Talos <talos@example.com>`. */
export function senderAddress(from: string): { address: string; domain: string } {
  const address = /<([^<>]+)>\s*$/.exec(from)?.[1] ?? from.trim();
  if (!ADDRESS.test(address) || CONTROL.test(from)) {
    throw new MailRejected('BadSender', 'the sender is not an address; check MAIL_FROM');
  }
  return { address, domain: address.slice(address.lastIndexOf('@') + 1) };
}

/** Builds the message: the same input gives the same bytes. Refuses what would inject a header or a recipient. */
export async function composeMail(from: string, message: MailMessage): Promise<Buffer> {
  if (!ADDRESS.test(message.to)) throw new MailRejected('BadAddress', 'the recipient is not one address');
  if (!MESSAGE_ID.test(message.messageId)) {
    throw new MailRejected('BadMessageId', 'the Message-ID is not <left@right>');
  }
  const { domain } = senderAddress(from);
  const composer = new MailComposer({
    from,
    to: { name: '', address: message.to },
    // Data may stand in a subject: a control character becomes a space, never a new line.
    subject: message.subject.replace(CONTROLS, ' ').trim(),
    text: message.text,
    html: message.html,
    messageId: message.messageId,
    date: message.date,
    headers: headersOf({
      'Auto-Submitted': 'auto-generated',
      // Exchange answers with an absence notice in spite of Auto-Submitted.
      'X-Auto-Response-Suppress': 'All',
      'List-Id': `TalosPrimes Maintenance <maintenance.${domain}>`,
      ...message.headers,
    }),
    attachments: message.attachments?.map(({ content, ...attachment }) => ({
      ...attachment,
      content: typeof content === 'string' ? content : Buffer.from(content),
    })),
    textEncoding: 'quoted-printable',
    baseBoundary: createHash('sha256').update(message.messageId).digest('hex').slice(0, 24),
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return composer.compile().build();
}

function headersOf(headers: Readonly<Record<string, string>>) {
  return Object.entries(headers).map(([key, value]) => {
    if (!HEADER_NAME.test(key) || CONTROL.test(value)) {
      throw new MailRejected('BadHeader', 'a header holds a character that headers may not hold');
    }
    return NEVER_FOLDED.test(key) ? { key, value: { prepared: true, value } } : { key, value };
  });
}
