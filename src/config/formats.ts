import { parse as parsePostgresUrl } from 'pg-connection-string';
import { z } from 'zod';

/** Says what is wrong with a value without repeating it. */
export class Malformed extends Error {
  readonly mend: string | undefined;

  constructor(problem: string, mend?: string) {
    super(problem);
    this.mend = mend;
  }
}

/** A variable's format: `read` returns its value, or throws `Malformed`. `mend` shows the form that is expected. */
const format = <Value>(mend: string, read: (text: string) => Value | Promise<Value>) =>
  z.string().transform(async (text, context): Promise<Value> => {
    try {
      return await read(text);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      context.addIssue({ code: 'custom', message: error.message, params: { mend: error.mend ?? mend } });
      return z.NEVER;
    }
  });

const matching = (pattern: RegExp, problem: string, mend: string) =>
  format(mend, (text) => {
    if (!pattern.test(text)) throw new Malformed(problem);
    return text;
  });

const urlOf = (text: string, protocols: readonly string[]): URL => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.hostname === '' || !protocols.includes(url.protocol)) {
    throw new Malformed(`is not a URL that begins with ${protocols.map((name) => `${name}//`).join(' or ')}`);
  }
  return url;
};

/**
 * Whether the URL leads to a pooler in transaction mode (Supavisor's port 6543, or `pgbouncer=true`), where a session
 * does not outlive a transaction: no exported snapshot, no advisory lock, no `LISTEN`.
 */
export function isTransactionPooler(url: string): boolean {
  const { port, ...parameters } = parsePostgresUrl(url);
  return port === '6543' || (parameters as Record<string, unknown>)['pgbouncer'] === 'true';
}

const readPostgresUrl = (text: string): string => {
  try {
    if (/^postgres(ql)?:\/\//.test(text) && parsePostgresUrl(text).host !== '') return text;
  } catch {
    // The parser's own message may repeat the URL, and with it the password.
  }
  throw new Malformed('is not a PostgreSQL URL');
};

const POSTGRES_FORM =
  'Write postgresql://user:password@host:5432/database; in a password, write @ as %40, # as %23, / as %2F.';

export const postgresUrl = format(POSTGRES_FORM, readPostgresUrl);

export const sessionPostgresUrl = format(POSTGRES_FORM, (text) => {
  const url = readPostgresUrl(text);
  if (isTransactionPooler(url)) {
    throw new Malformed(
      'leads to a transaction pooler, through which no consistent snapshot can be taken',
      'Use the session pooler (same host, port 5432, without pgbouncer=true) or the direct connection.',
    );
  }
  return url;
});

export const httpUrl = format('Write it whole, as https://app.example.com.', (text) =>
  urlOf(text, ['https:', 'http:']).href.replace(/\/$/, ''),
);

export const smtpUrl = format(
  'Write smtp://user:password@host:587 (STARTTLS) or smtps://user:password@host:465.',
  (text) => {
    urlOf(text, ['smtp:', 'smtps:']);
    return text;
  },
);

export const bucketUrl = format('Write s3://bucket or s3://bucket/prefix.', (text) => {
  const { hostname, pathname } = urlOf(text, ['s3:']);
  return { name: hostname, prefix: pathname.replace(/^\/+|\/+$/g, '') };
});

export const bindAddress = format('Write 127.0.0.1:3000, or [::1]:3000.', (text) => {
  const [, host, port] =
    /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)?.filter((part) => part !== undefined) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new Malformed('is not host:port');
  return { host, port: Number(port) };
});

const MAILBOX = /^[^\s@<>]+@[^\s@<>]+$/;

export const emailAddress = matching(MAILBOX, 'is not one e-mail address', 'Write admin@example.com.');

export const sender = matching(
  /^(?:[^\s@<>]+@[^\s@<>]+|[^<>\r\n]+ <[^\s@<>]+@[^\s@<>]+>)$/,
  'is not a sender',
  'Write talos@example.com or Talos <talos@example.com>.',
);

export const phoneNumber = matching(
  /^\+[1-9]\d{7,14}$/,
  'is not an international phone number',
  'Write + and digits only, without spaces, as +33612345678.',
);

export const twilioSender = matching(
  /^(?:\+[1-9]\d{2,14}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11})$/,
  'is not a Twilio sender',
  'Write a number as +33644600000, an alphanumeric sender of up to 11 characters, or a MG… messaging service.',
);

export const twilioAccountSid = matching(
  /^AC[0-9a-f]{32}$/i,
  'is not a Twilio account SID',
  'Copy the AC… value (34 characters) from the Twilio console.',
);

/** A secret people make up themselves: only its length can be checked. */
export const secretOf = (characters: number) =>
  matching(
    new RegExp(`^[^]{${characters},}$`),
    `is shorter than ${characters} characters`,
    'Generate one: openssl rand -base64 32',
  );

export const anyText = format('', (text) => text);

/** Variables with line breaks often arrive on one line with `\n` written out. */
const withLineBreaks = (text: string): string => `${text.replaceAll('\\n', '\n').trim()}\n`;

export const sshPrivateKey = format(
  'Give the text of the private key, or put its path into VPS_SSH_KEY_FILE.',
  (text) => {
    if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) throw new Malformed('is not a private key');
    return withLineBreaks(text);
  },
);

export const sshKnownHosts = format('', withLineBreaks);
