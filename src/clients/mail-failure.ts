/**
 * The two ways in which a message does not leave. Their texts hold a code and nothing of what the server said:
 * servers repeat addresses in their answers, and some repeat the login.
 */

/** This message is never accepted: a wrong address, a refused sender or content. A retry cannot mend it. */
export class MailRejected extends Error {
  override readonly name = 'MailRejected';
  readonly code: string;

  constructor(code: string, why: string) {
    super(`The mail server refused the message (${code}): ${why}`);
    this.code = code;
  }
}

/** The mail server cannot be reached or does not take mail now; also a refused login, which a person mends. */
export class MailUnavailable extends Error {
  override readonly name = 'MailUnavailable';
  readonly code: string;
  /** True when the whole message was handed over and the answer was lost: it may have been accepted. */
  readonly undecided: boolean;

  constructor(code: string, why: string, undecided = false) {
    super(`The mail server did not take the message (${code}): ${why}`);
    this.code = code;
    this.undecided = undecided;
  }
}

export type MailFailure = MailRejected | MailUnavailable;

/** What nodemailer puts on its errors; everything else on them may hold an address. */
interface SmtpError {
  code?: string;
  originalCode?: string;
  responseCode?: number;
  command?: string;
}

/** Answers about the session and not about the message, although they begin with 5: the login is wrong or missing. */
const LOGIN_CODES = new Set([530, 534, 535, 538]);

const CONNECTION_TROUBLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check host and port in SMTP_URL',
  ENOTFOUND: 'the host name is not known; check SMTP_URL',
  EDNS: 'the host name cannot be resolved; check SMTP_URL',
  ETIMEDOUT: 'no answer in time',
  ECONNECTION: 'it closed the connection',
  ECONNRESET: 'it closed the connection',
  ETLS: 'no secure connection could be made; check the certificate, and smtp: or smtps: in SMTP_URL',
  EAUTH: 'the login was refused; check user and password in SMTP_URL',
};

export function mailFailure(error: unknown, handedOver: boolean): MailFailure {
  const { code, originalCode, responseCode, command } = (error ?? {}) as SmtpError;
  if (responseCode !== undefined) {
    const aboutMessage = command === 'MAIL FROM' || command === 'RCPT TO' || command === 'DATA';
    if (LOGIN_CODES.has(responseCode) || code === 'EAUTH') {
      return new MailUnavailable(`SMTP ${responseCode}`, CONNECTION_TROUBLE['EAUTH'] ?? '');
    }
    if (responseCode >= 500 && aboutMessage) {
      return new MailRejected(`SMTP ${responseCode}`, `answer to ${command}`);
    }
    return new MailUnavailable(`SMTP ${responseCode}`, `answer to ${command ?? 'the connection'}`);
  }
  const cause = originalCode ?? code ?? 'Unknown';
  return new MailUnavailable(
    cause,
    CONNECTION_TROUBLE[cause] ?? CONNECTION_TROUBLE[code ?? ''] ?? 'the connection failed',
    handedOver,
  );
}
