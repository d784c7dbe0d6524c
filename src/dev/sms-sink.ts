/** Answers as Twilio's Messages resource does (2010-04-01), keeps every SMS, and shows it in the inbox. */
import { Hono } from 'hono';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { serveLoopback } from './loopback.ts';
import type { LoopbackServer } from './loopback.ts';
import type { Sms } from './sms-shapes.ts';
import { asResource, listPage, matchesDate, refuse, refusalOf } from './sms-shapes.ts';

export interface SmsSinkOptions {
  port: number;
  /** One JSON line an SMS: a message looked up after a restart is still known. */
  file: string;
  accountSid: string;
  authToken: string;
  /** Told of every accepted SMS. */
  onSms?: (sms: Sms) => Promise<void>;
}

const MAX_PAGE = 1000;

export function startSmsSink(options: SmsSinkOptions): Promise<LoopbackServer> {
  const { accountSid, file } = options;
  const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const messages = kept.map((line) => JSON.parse(line) as Sms);
  const app = new Hono();
  const account = '/2010-04-01/Accounts/:account';

  app.use(`${account}/*`, async (context, next) => {
    const expected = `Basic ${Buffer.from(`${accountSid}:${options.authToken}`).toString('base64')}`;
    const known =
      context.req.header('authorization') === expected && context.req.param('account') === accountSid;
    if (!known) return context.json(refuse(401, 20003, 'Authenticate'), 401);
    await next();
  });

  app.post(`${account}/Messages.json`, async (context) => {
    const form = new URLSearchParams(await context.req.text());
    const refusal = refusalOf(form);
    if (refusal) return context.json(refusal, 400);
    const sms: Sms = {
      sid: `SM${randomBytes(16).toString('hex')}`,
      to: form.get('To') ?? '',
      from: form.get('From'),
      messagingServiceSid: form.get('MessagingServiceSid'),
      body: form.get('Body') ?? '',
      at: new Date().toISOString(),
    };
    appendFileSync(file, `${JSON.stringify(sms)}\n`, { mode: 0o600 });
    messages.push(sms);
    // The SMS is accepted whatever becomes of its copy in the inbox.
    await options.onSms?.(sms).catch(() => undefined);
    return context.json(asResource(sms, accountSid, 'queued'), 201);
  });

  app.get(`${account}/Messages.json`, (context) => {
    const query = new URL(context.req.url).searchParams;
    const chosen = messages
      .filter(({ to, from, at }) => {
        const addressed = (query.get('To') ?? to) === to && (query.get('From') ?? from) === from;
        return addressed && matchesDate(at, query);
      })
      .reverse();
    const page = Number(query.get('Page') ?? 0);
    const size = Math.min(Number(query.get('PageSize') ?? 50), MAX_PAGE);
    return context.json(listPage(chosen, { accountSid, query, page, size }));
  });

  app.get(`${account}/Messages/:file`, (context) => {
    const sid = context.req.param('file').replace(/\.json$/, '');
    const sms = messages.find((message) => message.sid === sid);
    if (sms) return context.json(asResource(sms, accountSid, 'delivered'));
    return context.json(refuse(404, 20404, `The requested resource ${context.req.path} was not found`), 404);
  });

  return serveLoopback(app, options.port);
}
