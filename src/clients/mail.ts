import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import { MailUnavailable, mailFailure } from './mail-failure.ts';
import { composeMail, senderAddress } from './mail-message.ts';
import type { MailMessage } from './mail-message.ts';

export { MailRejected, MailUnavailable } from './mail-failure.ts';
export type { MailAttachment, MailMessage } from './mail-message.ts';

/** What the project needs of a mail server. One connection a message, no retry: Temporal does the retrying. */
export interface Mailer {
  /** The sender's domain: the right side of our Message-IDs. */
  readonly domain: string;
  /**
   * Hands one message to the server, in at most `SEND_DEADLINE_MS`. Throws `MailRejected` (never accepted) or
   * `MailUnavailable` (worth a retry; `undecided` when the answer was lost).
   */
  send(message: MailMessage, options?: SendOptions): Promise<{ providerId?: string }>;
  /** Connects and logs in, sends nothing. */
  verify(): Promise<void>;
  /** Ends what is under way; later sends are refused. */
  close(): Promise<void>;
}

export interface SendOptions {
  /** Once the server waits for the content, and before its first byte leaves; what it throws, `send` throws. */
  beforeContent?: () => Promise<void>;
}

export interface MailerOptions {
  /** `smtp://user:password@host:587` (STARTTLS) or `smtps://…:465`. */
  smtpUrl: string;
  /** `talos@example.com` or `Talos <talos@example.com>`. */
  from: string;
  /** For tests: everything takes this share of its usual time. */
  patience?: number;
}

/** Shorter than the lease of a notification: a second attempt never begins while the first still sends. */
export const SEND_DEADLINE_MS = 20_000;
const CONNECT_MS = 8_000;
const GREETING_MS = 5_000;
const SILENCE_MS = 15_000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/;

type Login = { user: string; pass: string };

export function createMailer({ smtpUrl, from, patience = 1 }: MailerOptions): Mailer {
  const { auth, ...server } = parseConnectionUrl(smtpUrl) as SMTPConnection['options'] & { auth?: Login };
  const sender = senderAddress(from);
  const local = LOOPBACK.test(server.host ?? '');
  const underWay = new Set<SMTPConnection>();
  let closed = false;

  /** Runs `work` on a new connection that is logged in, and ends it in every case. */
  async function session<Result>(
    work: (smtp: SMTPConnection) => Promise<Result>,
    state: { handedOver: boolean },
  ) {
    if (closed) throw new MailUnavailable('Closed', 'this worker is stopping');
    const smtp = new SMTPConnection({
      // A password never crosses a network in the clear because someone removed STARTTLS from an answer.
      requireTLS: auth !== undefined && !local,
      // A catcher on this machine offers STARTTLS with a certificate nobody signed.
      ignoreTLS: local,
      ...server,
      connectionTimeout: CONNECT_MS * patience,
      dnsTimeout: CONNECT_MS * patience,
      greetingTimeout: GREETING_MS * patience,
      socketTimeout: SILENCE_MS * patience,
      socketCloseTimeout: 1_000,
    });
    underWay.add(smtp);
    let stop: (error: unknown) => void = () => undefined;
    const stopped = new Promise<never>((_, reject) => (stop = reject));
    // Two errors can come of one cut connection; the second one finds nobody waiting.
    stopped.catch(() => undefined);
    smtp.on('error', (error: unknown) => stop(error));
    smtp.on('end', () => {
      underWay.delete(smtp);
      stop({ code: 'ECONNECTION' });
    });
    const deadline = setTimeout(() => stop({ code: 'ETIMEDOUT' }), SEND_DEADLINE_MS * patience);
    try {
      const result = await Promise.race([stopped, connected(smtp, auth).then(() => work(smtp))]);
      smtp.quit();
      return result;
    } catch (error) {
      smtp.close();
      throw mailFailure(error, state.handedOver);
    } finally {
      clearTimeout(deadline);
    }
  }

  return {
    domain: sender.domain,
    async send(message, { beforeContent = async () => undefined } = {}) {
      const bytes = await composeMail(from, message);
      const state = { handedOver: false };
      let withheld: unknown;
      const sent = session<{ providerId?: string }>((smtp) => {
        const envelope = { from: sender.address, to: [message.to], size: bytes.length };
        return new Promise((resolve, reject) => {
          // Read only once the server has answered 354 to DATA.
          const content = new Readable({
            read() {
              beforeContent().then(
                () => {
                  state.handedOver = true;
                  this.push(bytes);
                  this.push(null);
                },
                (error: unknown) => reject((withheld = error) as Error),
              );
            },
          });
          smtp.send(envelope, content, (error, info) =>
            error ? reject(error) : resolve({ providerId: info?.serverMessageId ?? queueId(info?.response) }),
          );
        });
      }, state);
      return sent.catch((error: unknown) => {
        throw withheld ?? error;
      });
    },
    verify: () => session(async () => undefined, { handedOver: false }),
    async close() {
      closed = true;
      for (const smtp of underWay) smtp.close();
    },
  };
}

async function connected(smtp: SMTPConnection, auth: Login | undefined): Promise<void> {
  await new Promise<void>((resolve, reject) => smtp.connect((error) => (error ? reject(error) : resolve())));
  if (auth === undefined || !smtp.allowsAuth) return;
  await new Promise<void>((resolve, reject) =>
    smtp.login({ credentials: auth }, (error) => (error ? reject(error) : resolve())),
  );
}

/** The server's own name for the message, to find it in its log. */
const queueId = (response: string | undefined): string | undefined =>
  /\bqueued as <?([\w.-]{1,100})/i.exec(response ?? '')?.[1];
