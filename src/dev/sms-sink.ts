/** Answers as Twilio's Messages resource does (2010-04-01), keeps every SMS, and shows it in the inbox. */
import { Hono } from 'hono';
import { randomBytes } from 'node:crypto';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { serveLoopback } from './loopback.ts';
import type { LoopbackServer } from './loopback.ts';
import { callBack } from './sms-callback.ts';
import type { Sms } from './sms-shapes.ts';
import { accountResource, asResource, listPage, matchesDate, refuse, refusalOf } from './sms-shapes.ts';

export interface SmsSinkOptions {
  port: number;
  /** One JSON line an SMS: a message looked up after a restart is still known. */
  file: string;
  accountSid: string;
  authToken: string;
  /** Told of every accepted SMS. */
  onSms?: (sms: Sms) => Promise<void>;
}

/** What goes wrong on request, as it does at Twilio. */
export interface SmsFaults {
  /** The message is accepted, and the caller never hears of it: a cut connection, or a 500. */
  loseAnswer?: 'cut' | 'error';
  /** Every request is answered so, the list too (503: an outage; 429; a 4xx with its code). */
  answer?: { status: 400 | 401 | 403 | 408 | 429 | 503; code: number };
  /** Only the list of messages is away. */
  noList?: boolean;
  /** The statuses that are called back, in this order; none: no callback. Default: sent, delivered. */
  callbacks?: { status: string; errorCode?: string }[];
}

export interface SmsSink extends LoopbackServer {
  /** Every accepted message, in order. */
  messages: readonly Sms[];
  faults: SmsFaults;
}

const MAX_PAGE = 1000;
const DELIVERED = [{ status: 'sent' }, { status: 'delivered' }];

export async function startSmsSink(options: SmsSinkOptions): Promise<SmsSink> {
  const { accountSid, authToken, file } = options;
  const kept = existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  const messages = kept.map((line) => JSON.parse(line) as Sms);
  const app = new Hono();
  const account = '/2010-04-01/Accounts/:account';
  const state: Pick<SmsSink, 'messages' | 'faults'> = { messages, faults: {} };

  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`;
  const isKnown = (authorization: string | undefined, sid: string): boolean =>
    authorization === expected && sid === accountSid;

  app.get('/2010-04-01/Accounts/:file{[^/]+\\.json}', (context) => {
    const sid = context.req.param('file').replace(/\.json$/, '');
    if (!isKnown(context.req.header('authorization'), sid))
      return context.json(refuse(401, 20003, 'Authenticate'), 401);
    return context.json(accountResource(sid));
  });

  app.use(`${account}/*`, async (context, next) => {
    if (!isKnown(context.req.header('authorization'), context.req.param('account')))
      return context.json(refuse(401, 20003, 'Authenticate'), 401);
    const { answer } = state.faults;
    if (answer) return context.json(refuse(answer.status, answer.code, 'on request'), answer.status);
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
    const { loseAnswer, callbacks = DELIVERED } = state.faults;
    const url = form.get('StatusCallback');
    if (url !== null) void callBack({ url, sms, accountSid, authToken, callbacks });
    if (loseAnswer === 'error') return context.json(refuse(500, 20500, 'on request'), 500);
    if (loseAnswer === 'cut') {
      const { incoming } = context.env as { incoming: { socket: { destroy(): void } } };
      incoming.socket.destroy();
    }
    return context.json(asResource(sms, accountSid, 'queued'), 201);
  });

  app.get(`${account}/Messages.json`, (context) => {
    if (state.faults.noList) return context.json(refuse(503, 20503, 'on request'), 503);
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

  app.delete(`${account}/Messages/:file`, (context) => {
    const sid = context.req.param('file').replace(/\.json$/, '');
    const at = messages.findIndex((message) => message.sid === sid);
    if (at === -1)
      return context.json(
        refuse(404, 20404, `The requested resource ${context.req.path} was not found`),
        404,
      );
    messages.splice(at, 1);
    writeFileSync(file, messages.map((sms) => `${JSON.stringify(sms)}\n`).join(''), { mode: 0o600 });
    return context.body(null, 204);
  });

  return Object.assign(state, await serveLoopback(app, options.port));
}
