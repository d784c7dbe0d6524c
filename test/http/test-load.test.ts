import { Client, Connection } from '@temporalio/client';
import { expect, test } from 'vitest';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps } from '../../src/http/app.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { NO_ROWS, configOf, TOKEN } from './support.ts';

const given = useNamespace();
const logger = { info: () => undefined, error: () => undefined } as unknown as HttpDeps['logger'];

async function post(body: unknown, authorization = `Bearer ${TOKEN}`, client: Client = given.client) {
  const app = createApp({ config: configOf({}), client, ...{ ops: NO_ROWS, app: NO_ROWS, logger } });
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { Authorization: authorization };
  return app.request('/webhook/test-load', { method: 'POST', headers, body: text });
}

test('starts once in five minutes a mode, and says when again', async () => {
  const first = await post('');
  expect(first.status).toBe(202);
  const { workflowId, alert } = (await first.json()) as Record<string, string>;
  expect(alert).toBe('alert/AL1/test-load');
  const handle = given.client.workflow.getHandle(workflowId ?? '');
  expect((await handle.describe()).type).toBe('testLoad');

  // Ended or not: the time counts.
  await handle.terminate();
  const again = await post({ mode: 'synthetic' });
  expect(again.status).toBe(429);
  const wait = Number(again.headers.get('Retry-After'));
  expect(wait).toBeGreaterThan(240);
  expect(wait).toBeLessThanOrEqual(300);
});

test('each mode has a limit of its own; ten at once start one', async () => {
  const answers = await Promise.all(Array.from({ length: 10 }, () => post({ mode: 'real', seconds: 30 })));
  expect(answers.map(({ status }) => status).sort()).toEqual([202, ...Array<number>(9).fill(429)]);
  for (const answer of answers.filter(({ status }) => status === 429))
    expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
});

test.each([
  ['no time', { seconds: 0 }],
  ['too long', { seconds: 361 }],
  ['another mode', { mode: 'wild' }],
  ['an unknown key', { other: 1 }],
  ['no JSON', '{'],
])('400 for %s', async (_what, body) => {
  const answer = await post(body);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('1 to 360');
});

test('401 for a stranger', async () => {
  expect((await post('', 'Bearer guessed')).status).toBe(401);
});

test('503 when Temporal does not answer', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const answer = await post('', undefined, new Client({ connection, namespace: 'none' }));
  await connection.close();
  expect(answer.status).toBe(503);
  expect(answer.headers.get('Retry-After')).toBe('10');
});
