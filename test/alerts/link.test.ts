import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { alertLink, readAlertLink } from '../../src/alerts/link.ts';
import type { Config } from '../../src/config/index.ts';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps } from '../../src/http/app.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { Desk } from './desk.ts';

const KEY = 'a-signing-key-of-the-tests-0123456789';
const PUBLIC = 'https://maintenance.talosprimes.test';

describe('a signed link', () => {
  it('opens its own alert, under a folder too, and no other', () => {
    const link = alertLink(`${PUBLIC}/talos`, KEY, 17);
    expect(link).toMatch(/^https:\/\/maintenance\.talosprimes\.test\/talos\/a\/17\.[\w-]{22}$/);
    const text = link.split('/').at(-1) ?? '';
    expect(readAlertLink(KEY, text)).toBe(17);
    expect(readAlertLink(`${KEY}x`, text)).toBeUndefined();
    expect(readAlertLink(KEY, text.replace('17.', '18.'))).toBeUndefined();
    for (const wrong of [
      '',
      '17',
      '17.',
      '17.abc',
      `0${text}`,
      `${text}A`,
      `-${text}`,
      '17.éééééééééééééééééééééé',
    ])
      expect(readAlertLink(KEY, wrong)).toBeUndefined();
  });
});

describe('the page of an alert', () => {
  let ops: ClonedDatabase;
  let desk: Desk;
  let connection: Connection;
  const logged: unknown[][] = [];
  const keep = (...line: unknown[]) => void logged.push(line);
  beforeAll(async () => {
    const address = inject('temporalAddress');
    connection = await Connection.connect({ address });
    const { namespace } = await newNamespace(connection);
    ops = await cloneDatabase('ops');
    desk = await new Desk({ address, namespace, ops: ops.db, times: { hold: 300 } }).open();
  });
  afterAll(async () => {
    await desk?.close();
    await connection?.close();
    await ops?.drop();
  });

  const page = async (
    alertId: number,
    method: 'GET' | 'POST' = 'GET',
    changes: Partial<HttpDeps> = {},
    locale = 'fr',
  ) => {
    const config = {
      environment: { linkSigningKey: KEY, httpBind: { host: '127.0.0.1', port: 0 } },
      policy: { locale, timeZone: 'Europe/Paris' },
      jobs: [],
    } as unknown as Config;
    const logger = { info: keep, error: keep } as unknown as HttpDeps['logger'];
    const app = createApp({ config, client: desk.client, ops: ops.db, app: ops.db, logger, ...changes });
    const response = await app.request(new URL(alertLink(PUBLIC, KEY, alertId)).pathname, { method });
    return {
      status: response.status,
      headers: response.headers,
      text: (await response.text()).replace(/\s+/g, ' '),
    };
  };

  it('shows it and acknowledges by POST alone, once and again; it is dead after the end', async () => {
    const key = { rule: 'AL4', target: 'app' };
    await desk.fire(key, { reason: 'refused' });
    const { alertId } = await desk.until(key, (view) => view.alertId > 0);
    await desk.waitHeard(key, 2);

    const shown = await page(alertId);
    expect(shown.status).toBe(200);
    expect(shown.text).toContain('Application injoignable');
    expect(shown.text).toContain('connexion refusée');
    expect(shown.text).toContain('<form method="post">');
    expect(shown.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*style-src 'sha256-.*form-action 'self'/,
    );
    expect(shown.text).not.toContain('<script');
    for (let scans = 0; scans < 5; scans += 1) await page(alertId);
    expect((await desk.view(key)).state).toBe('firing');

    const done = await page(alertId, 'POST');
    expect(done.status).toBe(200);
    expect(done.text).toContain('C’est noté.');
    expect(done.text).not.toContain('<form');
    const view = await desk.until(key, ({ state }) => state === 'acknowledged');
    expect(view.acknowledged?.by).toBe('link');
    await waitFor(async () => (await page(alertId)).text.includes('Prise en charge le'), {
      timeoutMs: 10_000,
      what: 'the row',
    });
    expect((await page(alertId, 'POST')).status).toBe(200);
    expect((await page(alertId, 'GET', {}, 'en')).text).toContain('Acknowledged on');

    await desk.clear(key);
    await desk.handle(key).result();
    const over = await page(alertId, 'POST');
    expect([over.status, (await page(alertId)).status]).toEqual([410, 410]);
    expect(over.text).toContain('Alerte terminée');
    expect(over.text).not.toContain('<form');
    expect(JSON.stringify(logged)).not.toContain(alertLink(PUBLIC, KEY, alertId).split('.').at(-1));
  });

  it('does not acknowledge the next incident of the same rule', async () => {
    const key = { rule: 'AL1', target: 'vps' };
    await desk.fire(key);
    const { alertId } = await desk.until(key, (view) => view.alertId > 0);
    await desk.clear(key);
    await desk.handle(key).result();
    await ops.db.query('update ops.alerts set resolved_at = null where alert_id = $1', [alertId]);
    await desk.fire(key);
    await desk.until(key, (view) => view.alertId > alertId);
    expect((await page(alertId, 'POST')).status).toBe(200);
    expect((await desk.view(key)).acknowledged).toBeUndefined();
    await desk.handle(key).signal('resolve', { by: 'cli' });
    await desk.handle(key).signal('resolve', { by: 'cli' });
    await desk.handle(key).result();
  });

  it('says in both languages that a link is wrong, or that nobody answers', async () => {
    const wrong = await page(99_999);
    expect([wrong.status, (await page(99_999, 'POST')).status]).toEqual([404, 404]);
    expect(wrong.text).toContain('Lien inconnu');
    const ops: HttpDeps['ops'] = {
      query: () => Promise.reject(new Error('connect ECONNREFUSED db.internal')),
    };
    const away = await page(1, 'GET', { ops }, 'en');
    expect(away.status).toBe(503);
    expect(away.text).toContain('Nothing was changed');
    expect(away.text).not.toContain('db.internal');
  });
});
