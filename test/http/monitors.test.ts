import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps } from '../../src/http/app.ts';
import { pathSecret } from '../../src/http/monitors.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { NO_ROWS, configOf, TOKEN } from './support.ts';

const given = useNamespace();
const lines: unknown[][] = [];
const keep = (...line: unknown[]) => void lines.push(line);
const logger = { info: keep, error: keep } as unknown as HttpDeps['logger'];

function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` },
  client: Client = given.client,
) {
  const config = {
    ...configOf({}),
    policy: { alerts: { AL4: { level: 'critical' } } },
  } as HttpDeps['config'];
  const app = createApp({ config, client, ...{ ops: NO_ROWS, app: NO_ROWS, logger } });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return app.request(`/webhook/${path}`, { method: 'POST', headers, body: text });
}
const signalsOf = async (id: string): Promise<string[]> => {
  const { events = [] } = await given.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );
};
const inputsOf = async (id: string): Promise<string> => {
  const history = JSON.stringify(await given.client.workflow.getHandle(id).fetchHistory());
  return [...history.matchAll(/"data":"([^"]+)"/g)]
    .map(([, data = '']) => Buffer.from(data, 'base64').toString())
    .join();
};
/** As BetterStack's documentation shows it; `event` stands in older accounts' webhooks, `status` in newer ones. */
const incident = (
  resolved: string | null,
  more: { event?: string; status?: string; monitor?: string } = {},
) => ({
  ...(more.event === undefined ? {} : { event: more.event }),
  data: {
    id: '25',
    type: 'incident',
    attributes: {
      name: 'app.talosprimes.example',
      url: 'https://app.talosprimes.example',
      http_method: 'get',
      cause: 'Status 503',
      ...(more.status === undefined ? {} : { status: more.status }),
      started_at: '2026-11-24T03:00:00.000Z',
      acknowledged_at: /^ack/i.test(more.event ?? more.status ?? '') ? '2026-11-24T03:02:00.000Z' : null,
      resolved_at: resolved,
      response_content: null,
    },
    relationships: { monitor: { data: { id: more.monitor ?? '2', type: 'monitor' } } },
  },
});

test('an outage that UptimeRobot saw is one alert, however often it says so; its end clears it', async () => {
  const down = { monitorID: 777712, monitorFriendlyName: 'app', alertType: 1, alertDetails: 'HTTP 503' };
  for (let time = 0; time < 3; time += 1) expect((await post('uptimerobot', down)).status).toBe(202);
  expect(await (await post('uptimerobot', { ...down, alertType: '2' })).json()).toMatchObject({ is: 'up' });
  expect(await signalsOf('alert/AL4/outside:777712')).toEqual(['fire', 'fire', 'fire', 'clear']);
});

test('BetterStack’s incident too, with the time it began; nothing of its name is kept', async () => {
  expect((await post('betterstack', incident(null))).status).toBe(202);
  expect((await post('betterstack', incident('2026-11-24T03:10:00.000Z'))).status).toBe(202);
  expect(await signalsOf('alert/AL4/outside:2')).toEqual(['fire', 'clear']);
  const inputs = await inputsOf('alert/AL4/outside:2');
  expect(inputs).not.toContain('talosprimes.example');
  expect(inputs).toContain('"since":"2026-11-24T03:00:00.000Z"');
});

test.each([
  ['event', (word: string) => ({ event: word })],
  ['status', (word: string) => ({ status: word.charAt(0).toUpperCase() + word.slice(1) })],
])('an acknowledgement or comment that comes after the end opens nothing (by %s)', async (name, by) => {
  const monitor = `late-${name}`;
  const say = async (word: string, resolved: string | null = null) =>
    (await post('betterstack', incident(resolved, { ...by(word), monitor }))).json();
  expect(await say('started')).toMatchObject({ is: 'down' });
  expect(await say('resolved', '2026-11-24T03:10:00.000Z')).toMatchObject({ is: 'up' });
  expect(await say('acknowledged')).toEqual({ ignored: true });
  expect(await say('comment')).toEqual({ ignored: true });
  expect(await say('reopened')).toMatchObject({ is: 'down' });
  expect(await signalsOf(`alert/AL4/outside:${monitor}`)).toEqual(['fire', 'clear', 'fire']);
});

test('UptimeRobot’s own time is the beginning; one that was not filled in, or is to come, is not', async () => {
  const at = Math.floor(Date.now() / 1000) - 90;
  const down = (monitorID: string, alertDateTime: unknown) =>
    post('uptimerobot', { monitorID, alertType: '1', alertDateTime });
  expect((await down('41', at)).status).toBe(202);
  expect(await inputsOf('alert/AL4/outside:41')).toContain(new Date(at * 1000).toISOString());
  for (const [monitor, time] of [
    ['42', '*alertDateTime*'],
    ['43', at + 86_400],
  ] as const) {
    expect((await down(monitor, time)).status).toBe(202);
    const [, since = ''] = /"since":"([^"]+)"/.exec(await inputsOf(`alert/AL4/outside:${monitor}`)) ?? [];
    expect(Math.abs(Date.now() - Date.parse(since))).toBeLessThan(60_000);
  }
});

test('a form is read too, and a name that is no id becomes a digest', async () => {
  const headers = {
    Authorization: `Bearer ${TOKEN}`,
    'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8',
  };
  const body = new URLSearchParams({ monitorID: '../my site?', alertType: '1' }).toString();
  const { alert } = (await (await post('uptimerobot', body, headers)).json()) as { alert: string };
  expect(alert).toMatch(/^alert\/AL4\/outside:[0-9a-f]{12}$/);
});

test('news that is no outage is taken and does nothing; the end of what never began too', async () => {
  expect(await (await post('uptimerobot', { monitorID: '9', alertType: '3' })).json()).toEqual({
    ignored: true,
  });
  expect((await post('uptimerobot', { monitorID: '9', alertType: '2' })).status).toBe(202);
  await expect(given.client.workflow.getHandle('alert/AL4/outside:9').describe()).rejects.toThrow();
});

test.each([
  ['nothing', ''],
  ['no JSON', '<xml/>'],
  ['another shape', { incident: true }],
])('%s is refused, and named', async (_what, body) => {
  const answer = await post('uptimerobot', body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toHaveProperty('problems');
});

test('a stranger is refused; the token may come as a password', async () => {
  const down = { monitorID: '31', alertType: '1' };
  expect((await post('uptimerobot', down, {})).status).toBe(401);
  const basic = (password: string) => `Basic ${Buffer.from(`talos:${password}`).toString('base64')}`;
  expect((await post('uptimerobot', down, { Authorization: basic('guessed') })).status).toBe(401);
  expect((await post('uptimerobot', down, { Authorization: basic(TOKEN) })).status).toBe(202);
});

test('where no header can be set, a derived secret in the path does; it opens nothing else, and no log shows it', async () => {
  const secret = pathSecret(TOKEN, 'uptimerobot');
  // As docs/operate.md makes it.
  const line =
    "crypto.createHmac('sha256', process.env.WEBHOOK_TOKEN).update('webhook|uptimerobot').digest('hex').slice(0, 32)";
  const made = await promisify(execFile)(process.execPath, ['-p', line], { env: { WEBHOOK_TOKEN: TOKEN } });
  expect(made.stdout.trim()).toBe(secret);

  const down = { monitorID: '51', alertType: '1' };
  expect((await post(`uptimerobot/${secret}`, down, {})).status).toBe(202);
  for (const path of [
    `uptimerobot/${secret.slice(1)}`,
    `uptimerobot/${TOKEN}`,
    `betterstack/${secret}`,
    `uptimerobot?secret=${secret}`,
  ])
    expect((await post(path, down, {})).status, path).toBe(401);
  for (const path of ['backup-manual', 'test-load'])
    expect((await post(path, '', { Authorization: `Bearer ${secret}` })).status, path).toBe(401);
  expect(JSON.stringify(lines)).not.toContain(secret);
  expect(JSON.stringify(lines)).toContain('/webhook/uptimerobot/…');
});

test('503 when Temporal does not answer: the service repeats', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const away = new Client({ connection, namespace: 'none' });
  const authorized = { Authorization: `Bearer ${TOKEN}` };
  for (const alertType of ['1', '2']) {
    const answer = await post('uptimerobot', { monitorID: '61', alertType }, authorized, away);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('Retry-After')).toBe('10');
  }
  await connection.close();
});
