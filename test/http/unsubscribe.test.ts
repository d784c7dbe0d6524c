import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp, type HttpDeps } from '../../src/http/app.ts';
import { unsubscribeLink } from '../../src/notifications/customer/unsubscribe.ts';
import { passOnRefusals } from '../../src/notifications/customer/unsubscribe.ts';
import { help, KEY, openDesk, PUBLIC_URL, type Desk } from '../notifications/customer/support.ts';

const LINKS = { publicUrl: PUBLIC_URL, linkSigningKey: KEY };
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

const logged: string[] = [];
function open(link: string, method: 'GET' | 'POST', init: RequestInit = {}, changes: Partial<HttpDeps> = {}) {
  const keep = (...line: unknown[]) => void logged.push(JSON.stringify(line));
  const config = {
    environment: { linkSigningKey: KEY, httpBind: { host: '127.0.0.1', port: 0 } },
    policy: { locale: 'fr', timeZone: 'Europe/Paris', customers: { brand: 'TalosPrimes' } },
    jobs: [],
  } as unknown as HttpDeps['config'];
  const logger = { info: keep, error: keep } as unknown as HttpDeps['logger'];
  const app = createApp({
    ...{ config, logger, client: {} as HttpDeps['client'], ops: desk.ops.db, app: desk.app.db },
    ...changes,
  });
  return app.request(new URL(link).pathname, { ...init, method });
}
const linkOf = (accountId: string, since = new Date()) => unsubscribeLink(LINKS, accountId, since);

test('looking at the page changes nothing, in the language of the reader', async () => {
  const { accountId } = await desk.account();
  const french = await open(linkOf(accountId), 'GET');
  expect(french.status).toBe(200);
  expect(french.headers.get('set-cookie')).toBeNull();
  expect(await french.text()).toContain('Me désinscrire');
  const english = await open(linkOf(accountId), 'GET', { headers: { 'accept-language': 'en-GB,fr;q=0.5' } });
  expect(await english.text()).toContain('Unsubscribe');
  expect(await desk.notices().mayOffer(accountId, 'email')).toBe(true);
});

test('one click of a mail program withdraws at once, here and in the application', async () => {
  const { accountId } = await desk.account({ kind: 'b2c' });
  await desk.permit(accountId, 'email', 'consent');
  const { mayOffer, tell } = desk.notices();
  expect(await mayOffer(accountId, 'email')).toBe(true);
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  const answer = await open(linkOf(accountId), 'POST', { body });
  expect(answer.status).toBe(200);
  expect(await mayOffer(accountId, 'email')).toBe(false);
  expect(await tell(help(accountId))).toEqual({ status: 'skipped', code: 'NoPermission' });
  const rows = await desk.app.db.query(
    'select from saas.contact_permissions where account_id = $1 and withdrawn_at is not null',
    [accountId],
  );
  expect(rows).toHaveLength(1);
  expect((await open(linkOf(accountId), 'POST')).status).toBe(200);
});

test('a refusal counts while the application’s database is away, and reaches it later', async () => {
  const { accountId } = await desk.account();
  const away = { query: () => Promise.reject(new Error('away')) };
  expect((await open(linkOf(accountId), 'POST', {}, { app: away })).status).toBe(200);
  expect(await desk.notices().mayOffer(accountId, 'email')).toBe(false);
  expect(await passOnRefusals({ app: desk.app.db, ops: desk.ops.db })).toBe(1);
  expect(await passOnRefusals({ app: desk.app.db, ops: desk.ops.db })).toBe(0);
  const [row] = await desk.app.db.query<{ basis: string }>(
    'select basis from saas.contact_permissions where account_id = $1 and withdrawn_at is not null',
    [accountId],
  );
  expect(row).toEqual({ basis: 'none' });
});

test('whoever agrees again later is written to again', async () => {
  const { accountId } = await desk.account({ kind: 'b2c' });
  await open(linkOf(accountId), 'POST');
  await desk.app.db.query(
    `update public.contact_permissions set basis = 'consent', granted_at = now() + interval '1 second', withdrawn_at = null
      where account_id = $1`,
    [accountId],
  );
  expect(await desk.notices().mayOffer(accountId, 'email')).toBe(true);
});

test('forged, cut and expired links withdraw nothing; a database that is away says so', async () => {
  const { accountId } = await desk.account();
  const other = await desk.account();
  const forged = linkOf(accountId).replace(
    Buffer.from(accountId).toString('base64url'),
    Buffer.from(other.accountId).toString('base64url'),
  );
  expect((await open(forged, 'POST')).status).toBe(404);
  expect((await open(linkOf(accountId).slice(0, -1), 'POST')).status).toBe(404);
  const old = linkOf(accountId, new Date(Date.now() - 401 * 86_400_000));
  expect((await open(old, 'GET')).status).toBe(410);
  expect((await open(old, 'POST')).status).toBe(410);
  const away = { query: () => Promise.reject(new Error('away')) };
  expect((await open(linkOf(accountId), 'POST', {}, { ops: away })).status).toBe(503);
  for (const { accountId: id } of [{ accountId }, other])
    expect(await desk.notices().mayOffer(id, 'email')).toBe(true);
  // A link is a secret: it stands in no log.
  expect(logged.join('')).not.toContain(Buffer.from(accountId).toString('base64url'));
});
