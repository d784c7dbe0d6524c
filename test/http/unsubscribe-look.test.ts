import { afterAll, beforeAll, expect, test } from 'vitest';
import { createApp, type HttpDeps } from '../../src/http/app.ts';
import { unsubscribeLink } from '../../src/notifications/customer/unsubscribe.ts';
import { KEY, openDesk, PUBLIC_URL, type Desk } from '../notifications/customer/support.ts';
import { axeFindings, findBrowser } from '../support/axe.ts';

/** The page as a person gets it on a phone, in each of its colours, in a real browser. */

const browser = await findBrowser();
let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
});
afterAll(() => desk.close());

async function page(method: 'GET' | 'POST', locale: 'fr' | 'en', changes: Partial<HttpDeps> = {}) {
  const { accountId } = await desk.account();
  const { pathname } = new URL(
    unsubscribeLink({ publicUrl: PUBLIC_URL, linkSigningKey: KEY }, accountId, new Date()),
  );
  const config = {
    environment: { linkSigningKey: KEY, httpBind: { host: '127.0.0.1', port: 0 } },
    policy: { locale: 'fr', timeZone: 'Europe/Paris', customers: { brand: 'TalosPrimes' } },
    jobs: [],
  } as unknown as HttpDeps['config'];
  const logger = { info: () => undefined, error: () => undefined } as unknown as HttpDeps['logger'];
  const client = {} as HttpDeps['client'];
  const app = createApp({ ...{ config, logger, client, ops: desk.ops.db, app: desk.app.db }, ...changes });
  return (await app.request(pathname, { method, headers: { 'accept-language': locale } })).text();
}

const away = { query: () => Promise.reject(new Error('away')) };

test.skipIf(browser === undefined).each([
  ['the question', 'fr', () => page('GET', 'fr')],
  ['the question', 'en', () => page('GET', 'en')],
  ['done', 'fr', () => page('POST', 'fr')],
  ['no answer', 'fr', () => page('POST', 'fr', { ops: away })],
] as const)('%s (%s) is accessible on a phone, light and dark', async (_what, locale, open) => {
  const html = await open();
  expect(html).toContain(`<html lang="${locale}"`);
  for (const dark of [false, true]) expect(await axeFindings(browser ?? '', html, { dark })).toEqual([]);
});

test.skipIf(browser === undefined)('the check finds what is wrong: contrast, a label, a width', async () => {
  const wrong = `<!doctype html><html lang="en"><head><title>x</title><meta name="viewport" content="width=device-width"></head>
    <body><main><h1>A page</h1><p style="color:#999;background:#fff">faint</p><input><div style="width:900px">wide</div></main></body></html>`;
  const found = (await axeFindings(browser ?? '', wrong)).join('\n');
  for (const rule of ['color-contrast: ', 'label: ', 'wider than the screen']) expect(found).toContain(rule);
});
