/** Who may read the status page, and who may press its button. */
import type { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useNamespace } from '../../schedules/namespace.ts';
import { fillAlerts } from '../../support/operations.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';
import { ask, statusApp } from './support.ts';

const given = useNamespace();
const TOKEN = 'a-status-token-of-the-tests';
const NOTHING = { query: async () => [] };
const open = (environment: object): Hono =>
  statusApp({ client: given.client, ops: NOTHING, app: NOTHING, environment });
const statusOf = async (app: Hono, url: string, headers: Record<string, string> = {}): Promise<number> =>
  (await app.request(url, { headers })).status;
const basic = (name: string, password: string) => ({
  Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`,
});

describe.each(['/', '/metrics'])('%s without a token', (path) => {
  it('answers this machine only', async () => {
    const here = open({});
    for (const host of ['127.0.0.1:3000', 'localhost:3000', '[::1]:3000'])
      expect(await statusOf(here, `http://${host}${path}`), host).toBe(200);
    // A name elsewhere that leads here (DNS rebinding).
    expect(await statusOf(here, `http://talos.example.com${path}`)).toBe(403);
    for (const header of ['X-Forwarded-For', 'Forwarded', 'Via', 'X-Real-IP'])
      expect(await statusOf(here, `http://127.0.0.1${path}`, { [header]: '10.0.0.1' }), header).toBe(403);
  });

  it('answers nobody where others can come: bound elsewhere, or a public address', async () => {
    const bound = open({ httpBind: { host: '0.0.0.0', port: 3000 } });
    expect(await statusOf(bound, `http://127.0.0.1:3000${path}`)).toBe(403);
    // A proxy on this machine may say nothing of itself.
    const published = open({ publicUrl: 'https://talos.example.com' });
    expect(await statusOf(published, `http://127.0.0.1:3000${path}`)).toBe(403);
    expect(await statusOf(open({ publicUrl: 'http://127.0.0.1:3000' }), `http://127.0.0.1:3000${path}`)).toBe(
      200,
    );
  });
});

describe.each(['/', '/metrics'])('%s with a token', (path) => {
  it('asks for it, also on this machine', async () => {
    const app = open({ statusToken: TOKEN, publicUrl: 'https://talos.example.com' });
    const url = `https://talos.example.com${path}`;
    const refused = await app.request(`http://127.0.0.1${path}`);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('WWW-Authenticate')).toMatch(/^Basic /);
    expect(await statusOf(app, url, { Authorization: `Bearer ${TOKEN}` })).toBe(200);
    expect(await statusOf(app, url, basic('anybody', TOKEN))).toBe(200);
    for (const wrong of [basic(TOKEN, 'x'), { Authorization: `Bearer ${TOKEN}x` }, basic('', '')])
      expect(await statusOf(app, url, wrong)).toBe(401);
    expect(await statusOf(app, `${url}?token=${TOKEN}`)).toBe(401);
  });
});

describe('the button', () => {
  let ops: ClonedDatabase;
  let app: Hono;
  beforeAll(async () => {
    ops = await cloneDatabase('ops');
    await fillAlerts(ops.db);
    await given.client.workflow.start('alert', { workflowId: 'alert/AL4/app', taskQueue: 'nobody' });
    app = statusApp({ client: given.client, ops: ops.db, app: NOTHING });
  });
  afterAll(() => ops.drop());

  const ORIGIN = 'http://127.0.0.1:3000';
  const press = async (headers: Record<string, string>, alert = '1', to = app): Promise<Response> =>
    to.request(`${ORIGIN}/acknowledge`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: `alert=${alert}`,
    });
  const signals = async (): Promise<string[]> => {
    const { events } = await given.client.workflow.getHandle('alert/AL4/app').fetchHistory();
    return (events ?? []).flatMap((event) => {
      const { signalName, input } = event.workflowExecutionSignaledEventAttributes ?? {};
      const [payload] = input?.payloads ?? [];
      return signalName ? [`${signalName} ${Buffer.from(payload?.data ?? []).toString()}`] : [];
    });
  };

  it('is pressed from the page itself only', async () => {
    for (const headers of [
      { Origin: 'https://elsewhere.example.com', 'Sec-Fetch-Site': 'cross-site' },
      { Origin: 'null', 'Sec-Fetch-Site': 'same-site' },
      { Origin: 'https://elsewhere.example.com' },
      {},
    ] as Record<string, string>[])
      expect((await press(headers)).status, JSON.stringify(headers)).toBe(403);
    expect(await signals()).toEqual([]);
  });

  it('asks for the token too', async () => {
    const environment = { statusToken: TOKEN };
    const guarded = statusApp({ client: given.client, ops: ops.db, app: NOTHING, environment });
    expect((await press({ Origin: ORIGIN }, '1', guarded)).status).toBe(401);
    expect(await signals()).toEqual([]);
  });

  it('signals the alert’s workflow, and leads back to the page when the row shows it', async () => {
    const pressed = press({ Origin: ORIGIN, 'Sec-Fetch-Site': 'same-origin' });
    await ops.db.query(
      'update ops.alerts set acknowledged_at = now(), acknowledged_by = $1 where alert_id = 1',
      ['page'],
    );
    const response = await pressed;
    expect([response.status, response.headers.get('Location')]).toEqual([303, '/']);
    expect(await signals()).toEqual(['acknowledge {"by":"page","alertId":1}']);
    expect((await ask(app, '/?lang=en')).text).not.toContain('name="alert" value="1"');
  });

  it('says that there is no such alert, and leads back where its workflow has just ended', async () => {
    for (const wrong of ['99', '-1', 'x', '1e3'])
      expect((await press({ Origin: ORIGIN }, wrong)).status).toBe(404);
    expect((await press({ Origin: ORIGIN }, '2')).status).toBe(303);
  });
});
