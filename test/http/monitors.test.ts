import { expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps } from '../../src/http/app.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { configOf, TOKEN } from './support.ts';

const given = useNamespace();
const logger = { info: () => undefined, error: () => undefined } as unknown as HttpDeps['logger'];

function post(
  path: string,
  body: unknown,
  headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` },
) {
  const config = {
    ...configOf({}),
    policy: { alerts: { AL4: { level: 'critical' } } },
  } as HttpDeps['config'];
  const app = createApp({ config, client: given.client, ops: { query: async () => [] }, logger });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return app.request(`/webhook/${path}`, { method: 'POST', headers, body: text });
}
const signalsOf = async (id: string): Promise<string[]> => {
  const { events = [] } = await given.client.workflow.getHandle(id).fetchHistory();
  return (events ?? []).flatMap(
    ({ workflowExecutionSignaledEventAttributes: signaled }) => signaled?.signalName ?? [],
  );
};
const incident = (resolved: string | null) => ({
  data: {
    id: '25',
    type: 'incident',
    attributes: {
      name: 'app.talosprimes.example',
      cause: 'Status 503',
      started_at: '2026-11-24T03:00:00.000Z',
      acknowledged_at: null,
      resolved_at: resolved,
    },
    relationships: { monitor: { data: { id: '2', type: 'monitor' } } },
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
  const history = JSON.stringify(await given.client.workflow.getHandle('alert/AL4/outside:2').fetchHistory());
  const payloads = [...history.matchAll(/"data":"([^"]+)"/g)].map(([, data = '']) =>
    Buffer.from(data, 'base64').toString(),
  );
  expect(payloads.join()).not.toContain('talosprimes.example');
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

test('a test load starts once in five minutes a kind, and says when again', async () => {
  const first = await post('test-load', '');
  expect(first.status).toBe(202);
  const { workflowId } = (await first.json()) as { workflowId: string };
  expect((await given.client.workflow.getHandle(workflowId).describe()).type).toBe('testLoad');
  const again = await post('test-load', { mode: 'synthetic' });
  expect(again.status).toBe(429);
  expect(Number(again.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect((await post('test-load', { mode: 'real', seconds: 30 })).status).toBe(202);
  for (const body of [{ seconds: 9 }, { seconds: 361 }, { mode: 'wild' }, { other: 1 }, '{'])
    expect((await post('test-load', body)).status).toBe(400);
  expect((await post('test-load', '', {})).status).toBe(401);
});
