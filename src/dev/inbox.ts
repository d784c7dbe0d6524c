import { mkdirSync } from 'node:fs';
import { HOST } from './ports.ts';

export interface Inbox {
  smtpUrl: string;
  /** The page; its data under `/api/email`. */
  url: string;
  stop(): Promise<void>;
}

/** A mail server that delivers nowhere, with a page that shows what it got. Mails are kept in `dir`. */
export async function startInbox(options: { smtpPort: number; port: number; dir: string }): Promise<Inbox> {
  mkdirSync(options.dir, { recursive: true, mode: 0o700 });
  // A development dependency of half a second: loaded only where the inbox is wanted.
  const { MailDev } = await import('maildev');
  const server = new MailDev({
    smtp: options.smtpPort,
    ip: HOST,
    web: options.port,
    webIp: HOST,
    mailDirectory: options.dir,
    silent: true,
  });
  await withoutGreeting(() => server.start());
  return {
    smtpUrl: `smtp://${HOST}:${options.smtpPort}`,
    url: `http://${HOST}:${options.port}`,
    stop: () => server.stop(),
  };
}

/** `silent` leaves one line, which would stand in the middle of our own output. */
async function withoutGreeting(work: () => Promise<unknown>): Promise<void> {
  const { console } = globalThis;
  const info = console.info.bind(console);
  console.info = () => undefined;
  try {
    await work();
  } finally {
    console.info = info;
  }
}
