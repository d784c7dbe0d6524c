import { createRequire } from 'node:module';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp, type HttpDeps } from '../../src/http/app.ts';
import { isStop } from '../../src/notifications/index.ts';
import { help, openDesk, PUBLIC_URL, type Desk } from '../notifications/customer/support.ts';

/** What customers answer to an SMS, signed as Twilio signs it, by Twilio's own library. */

const AUTH_TOKEN = '0123456789abcdef0123456789abcdef';
const URL_OF_ANSWERS = `${PUBLIC_URL}/webhook/twilio/sms`;
const { getExpectedTwilioSignature } = createRequire(import.meta.url)('twilio/lib/webhooks/webhooks.js') as {
  getExpectedTwilioSignature: (token: string, url: string, form: Record<string, string>) => string;
};

let desk: Desk;
const logged: string[] = [];
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

function answer(
  form: Record<string, string>,
  { signature, ...changes }: { signature?: string } & Partial<HttpDeps> = {},
) {
  const keep = (...line: unknown[]) => void logged.push(JSON.stringify(line));
  const twilio = { accountSid: `AC${'0'.repeat(32)}`, authToken: AUTH_TOKEN, from: '+33639980000' };
  const config = {
    environment: { twilio, publicUrl: PUBLIC_URL, httpBind: { host: '127.0.0.1', port: 0 } },
    policy: { locale: 'fr' },
    jobs: [],
  } as unknown as HttpDeps['config'];
  const logger = { info: keep, error: keep } as unknown as HttpDeps['logger'];
  const client = {} as HttpDeps['client'];
  const app = createApp({ ...{ config, logger, client, ops: desk.ops.db, app: desk.app.db }, ...changes });
  return app.request('/webhook/twilio/sms', {
    method: 'POST',
    body: new URLSearchParams(form),
    headers: {
      'x-twilio-signature': signature ?? getExpectedTwilioSignature(AUTH_TOKEN, URL_OF_ANSWERS, form),
    },
  });
}

async function agreed() {
  const account = await desk.account();
  await desk.permit(account.accountId, 'sms', 'consent');
  return account;
}

test('STOP withdraws SMS at once, here and in the application, and nothing else', async () => {
  const { accountId, phone } = await agreed();
  const { mayOffer, tell } = desk.notices();
  expect(await mayOffer(accountId, 'sms')).toBe(true);
  const reply = await answer({ From: phone, Body: 'Stop', MessageSid: 'SM1' });
  expect([reply.status, reply.headers.get('content-type')]).toEqual([200, 'text/xml']);
  expect(await reply.text()).toContain('<Response></Response>');
  expect(await mayOffer(accountId, 'sms')).toBe(false);
  expect(await tell(help(accountId, 'sms'))).toEqual({ status: 'skipped', code: 'NoPermission' });
  expect(await mayOffer(accountId, 'email')).toBe(true);
  const rows = await desk.app.db.query(
    `select from saas.contact_permissions where account_id = $1 and channel = 'sms' and withdrawn_at is not null`,
    [accountId],
  );
  expect(rows).toHaveLength(1);
  expect((await answer({ From: phone, Body: 'STOP' })).status).toBe(200);
});

test('Twilio’s own word for it counts, and a number written as people do is found', async () => {
  const { accountId, phone } = await agreed();
  const asWritten = phone.replace('+33', '0').replace(/(\d\d)(?=\d)/g, '$1 ');
  await desk.app.db.query('update public.accounts set phone = $2 where id = $1', [accountId, asWritten]);
  expect((await answer({ From: phone, Body: 'ça suffit', OptOutType: 'STOP' })).status).toBe(200);
  expect(await desk.notices().mayOffer(accountId, 'sms')).toBe(false);
});

test('what is no STOP, or not from Twilio, withdraws nothing', async () => {
  const { accountId, phone } = await agreed();
  expect((await answer({ From: phone, Body: 'Oui, demain à 10 h' })).status).toBe(200);
  expect((await answer({ From: phone, Body: 'STOP' }, { signature: 'forged' })).status).toBe(403);
  const signature = getExpectedTwilioSignature(AUTH_TOKEN, URL_OF_ANSWERS, { From: phone, Body: 'Bonjour' });
  expect((await answer({ From: phone, Body: 'STOP' }, { signature })).status).toBe(403);
  expect((await answer({ From: '+33600000000', Body: 'STOP' })).status).toBe(200);
  expect(await desk.notices().mayOffer(accountId, 'sms')).toBe(true);
});

test('a database that is away is said, so that it can be repeated; no number stands in a log', async () => {
  const { phone } = await agreed();
  const away = { query: () => Promise.reject(new Error(`no row for ${phone}`)) };
  expect((await answer({ From: phone, Body: 'STOP' }, { app: away })).status).toBe(503);
  expect(logged.join('')).toContain('could not be recorded');
  expect(logged.join('')).not.toContain('+336399');
});

test.each([
  ['STOP', true],
  [' stop. ', true],
  ['Arrêt', true],
  ['STOP pub', true],
  ['Stopper', true],
  ['unsubscribe', true],
  ['Ne pas stopper svp', false],
  ['Oui', false],
  ['Où est l’arrêt de bus ?', false],
  ['', false],
])('« %s » is a STOP: %s', (body, stop) => {
  expect(isStop(body)).toBe(stop);
});
