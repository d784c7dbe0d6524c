import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MailRejected, MailUnavailable, createMailer } from '../../src/clients/mail.ts';
import type { MailMessage, Mailer } from '../../src/clients/mail.ts';
import { FAULTS, headerOf, startSmtpSink } from '../notifications/smtp-sink.ts';
import type { SmtpSink } from '../notifications/smtp-sink.ts';

const SECRET = 'correct-horse';
const TO = 'admin@somewhere.example';

const MESSAGE: MailMessage = {
  to: TO,
  subject: 'Sauvegarde prouvée',
  text: 'texte : œuf',
  html: '<p>texte : œuf</p>',
  messageId: '<0123456789abcdef@example.com>',
  date: new Date('2026-11-23T02:00:00Z'),
};

let sink: SmtpSink;
let mailer: Mailer;

beforeEach(async () => {
  sink = await startSmtpSink();
  mailer = createMailer({ smtpUrl: sink.url, from: 'Talos <talos@example.com>', patience: 0.05 });
});
afterEach(async () => {
  await mailer.close();
  await sink.close();
});

const failure = (message: MailMessage, by = mailer): Promise<unknown> =>
  by.send(message).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a message', () => {
  it('arrives as text and HTML, marked as automatic, under the given id', async () => {
    await expect(mailer.send(MESSAGE)).resolves.toEqual({ providerId: '4F2A1B' });
    const [mail = ''] = sink.received;
    expect(headerOf(mail, 'Message-ID')).toBe(MESSAGE.messageId);
    expect(headerOf(mail, 'Auto-Submitted')).toBe('auto-generated');
    expect(headerOf(mail, 'List-Id')).toContain('<maintenance.example.com>');
    expect(headerOf(mail, 'From')).toBe('Talos <talos@example.com>');
    expect(headerOf(mail, 'Date')).toBe('Mon, 23 Nov 2026 02:00:00 +0000');
    expect(headerOf(mail, 'Content-Type')).toContain('multipart/alternative');
    expect(mail.indexOf('text/plain')).toBeLessThan(mail.indexOf('text/html'));
    expect(sink.commands).toContain(`RCPT TO:<${TO}>`);
  });

  it('has the same bytes each time it is made, with an inline picture too', async () => {
    const withChart = {
      ...MESSAGE,
      attachments: [
        { filename: 'c.png', content: new Uint8Array([1, 2, 3]), contentType: 'image/png', cid: 'c@x' },
      ],
    };
    for (const message of [MESSAGE, withChart]) {
      await mailer.send(message);
      await mailer.send(message);
    }
    expect(sink.received[0]).toBe(sink.received[1]);
    expect(sink.received[2]).toBe(sink.received[3]);
    expect(sink.received[2]).toContain('multipart/related');
  });

  it('cannot grow a header or a recipient out of data', async () => {
    await mailer.send({ ...MESSAGE, subject: 'table x\r\nBcc: thief@evil.example\r\n\r\nbody' });
    const head = sink.received[0]?.split('\r\n\r\n')[0];
    expect(head).not.toMatch(/^Bcc:/im);
    expect(sink.commands.filter((line) => line.startsWith('RCPT'))).toHaveLength(1);
    for (const bad of [
      { ...MESSAGE, to: `${TO}, thief@evil.example` },
      { ...MESSAGE, to: `${TO}\r\nBcc: thief@evil.example` },
      { ...MESSAGE, to: 'nobody' },
      { ...MESSAGE, messageId: '<a@b>\r\nBcc: thief@evil.example' },
      { ...MESSAGE, headers: { 'X-Reason': 'a\r\nBcc: thief@evil.example' } },
      { ...MESSAGE, headers: { 'X-Bad\r\nBcc': 'thief@evil.example' } },
    ]) {
      expect(await failure(bad)).toBeInstanceOf(MailRejected);
    }
    expect(sink.received).toHaveLength(1);
  });

  it('keeps List-Unsubscribe on one line', async () => {
    const link = `<https://example.com/${'u'.repeat(120)}>, <mailto:stop@example.com>`;
    await mailer.send({ ...MESSAGE, headers: { 'List-Unsubscribe': link } });
    expect(sink.received[0]).toContain(`\r\nList-Unsubscribe: ${link}\r\n`);
  });
});

describe('a failure', () => {
  it.each([
    ['RCPT', '550 5.1.1 <admin@somewhere.example> unknown'],
    ['MAIL', '553 5.7.1 sender refused'],
    ['content', '554 5.7.1 looks like spam to admin@somewhere.example'],
  ] as const)('is permanent when the server refuses the message at %s', async (step, answer) => {
    sink.faults[step] = answer;
    const error = await failure(MESSAGE);
    expect(error).toBeInstanceOf(MailRejected);
    expect(error).toMatchObject({ code: `SMTP ${answer.slice(0, 3)}` });
  });

  it.each([
    ['RCPT', '451 4.7.1 greylisted', 'SMTP 451'],
    ['greeting', '554 no service for you', 'SMTP 554'],
    ['MAIL', '530 5.7.0 authentication required', 'SMTP 530'],
    ['content', '452 4.3.1 disk full', 'SMTP 452'],
    ['RCPT', 'cut', 'ECONNECTION'],
    ['greeting', 'cut', 'ECONNECTION'],
    ['MAIL', 'silence', 'ETIMEDOUT'],
    ['greeting', 'silence', 'ETIMEDOUT'],
  ] as const)('is temporary when %s is answered with %s', async (step, answer, code) => {
    sink.faults[step] = answer;
    const error = await failure(MESSAGE);
    expect(error).toBeInstanceOf(MailUnavailable);
    expect(error).toMatchObject({ code, undecided: false });
  });

  it.each(['cut', 'silence'] as const)(
    'is undecided when the answer to the content is %s',
    async (answer) => {
      sink.faults.content = answer;
      expect(await failure(MESSAGE)).toMatchObject({ name: 'MailUnavailable', undecided: true });
      expect(sink.received).toHaveLength(1);
    },
  );

  it('is temporary when nothing listens, or when we are closing', async () => {
    const nobody = createMailer({ smtpUrl: 'smtp://127.0.0.1:1', from: 'talos@example.com' });
    expect(await failure(MESSAGE, nobody)).toMatchObject({ name: 'MailUnavailable', code: 'ECONNREFUSED' });
    await mailer.close();
    expect(await failure(MESSAGE)).toMatchObject({ name: 'MailUnavailable', code: 'Closed' });
  });

  it('comes in time even from a server that keeps talking', async () => {
    sink.faults.EHLO = FAULTS.drip;
    const begun = Date.now();
    const error = await failure(MESSAGE);
    expect(error).toMatchObject({ name: 'MailUnavailable', code: 'ETIMEDOUT' });
    // 20 s at the usual patience.
    expect(Date.now() - begun).toBeLessThan(1_500);
  });

  it('says neither address nor password nor what the server said', async () => {
    const login = createMailer({
      smtpUrl: `smtp://talos:${SECRET}@127.0.0.1:${sink.port}`,
      from: 'talos@example.com',
      patience: 0.05,
    });
    for (const [step, answer] of [
      ['AUTH', `535 5.7.8 no talos:${SECRET}`],
      ['RCPT', `550 <${TO}> unknown`],
      ['content', `451 ${TO} later`],
    ] as const) {
      sink.faults = { [step]: answer };
      const error = (await failure(MESSAGE, login)) as Error;
      const whole = `${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`;
      expect(whole).not.toContain(SECRET);
      expect(whole).not.toContain(TO);
      if (step === 'AUTH') expect(error).toMatchObject({ name: 'MailUnavailable', code: 'SMTP 535' });
    }
  });
});

describe('a login', () => {
  it('is checked without sending anything', async () => {
    const url = `smtp://talos:${SECRET}@127.0.0.1:${sink.port}`;
    const login = createMailer({ smtpUrl: url, from: 'talos@example.com', patience: 0.05 });
    await expect(login.verify()).resolves.toBeUndefined();
    expect(sink.commands.some((line) => line.startsWith('AUTH PLAIN'))).toBe(true);
    expect(sink.received).toHaveLength(0);
    sink.faults.AUTH = '535 no';
    await expect(login.verify()).rejects.toBeInstanceOf(MailUnavailable);
  });

  it('never leaves this machine in the clear', async () => {
    // 0.0.0.0 leads to the sink, and is not known as the loopback.
    const url = `smtp://talos:${SECRET}@0.0.0.0:${sink.port}`;
    const login = createMailer({ smtpUrl: url, from: 'talos@example.com', patience: 0.05 });
    expect(await failure(MESSAGE, login)).toBeInstanceOf(MailUnavailable);
    expect(sink.commands.some((line) => line.startsWith('AUTH'))).toBe(false);
  });
});
