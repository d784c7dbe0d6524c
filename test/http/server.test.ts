import { createServer } from 'node:net';
import { once } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createPostgres } from '../../src/clients/postgres.ts';
import { startHttpServer } from '../../src/http/server.ts';
import { useNamespace } from '../schedules/namespace.ts';
import { TOKEN, configOf, testApp } from './support.ts';

const given = useNamespace();
const logger = pino({ level: 'silent' });
const unreachable = () =>
  createPostgres({
    url: 'postgres://nobody@127.0.0.1:1/none',
    applicationName: 'talos-test',
    connectTimeoutMs: 500,
  });

test('serves over a real socket, and closes', async () => {
  const ops = unreachable();
  const server = await startHttpServer({ config: configOf({}), client: given.client, ops, app: ops, logger });
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${server.url}/health`)).json()).toEqual({ status: 'ok' });
  const started = await fetch(`${server.url}/webhook/backup-manual`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${TOKEN}` },
  });
  expect(started.status).toBe(202);
  await server.close();
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
  await ops.close();
});

test('a busy port is one clear message', async () => {
  const blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
  const { port } = blocker.address() as { port: number };
  const config = configOf({});
  config.environment.httpBind.port = port;
  const starting = startHttpServer({
    config,
    client: given.client,
    ops: unreachable(),
    app: unreachable(),
    logger,
  });
  await expect(starting).rejects.toThrow(`127.0.0.1:${port} (HTTP_BIND): the port is in use`);
  blocker.close();
});

test('is ready when Temporal and the operations database answer', async () => {
  const { app } = testApp({ client: given.client });
  const response = await app.request('/health/ready');
  expect(response.status).toBe(200);
  expect(await response.json()).toEqual({ status: 'ready', temporal: true, operationsDatabase: true });
});

test('is not ready, and lives, while something is away', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1', interceptors: [] });
  const ops = unreachable();
  const { app } = testApp({ client: new Client({ connection }), ops });
  const response = await app.request('/health/ready');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({ status: 'not ready', temporal: false, operationsDatabase: false });
  expect((await app.request('/health')).status).toBe(200);
  await ops.close();
  await connection.close();
});

test('/help lists the endpoints; anything else is a JSON 404', async () => {
  const { app } = testApp({ client: given.client });
  expect(await (await app.request('/help')).text()).toContain('POST /webhook/backup-manual');
  const missing = await app.request('/nothing');
  expect(missing.status).toBe(404);
  expect(await missing.json()).toHaveProperty('error');
  expect((await app.request('/webhook/backup-manual')).status).toBe(404);
});

test('every answer has the security headers', async () => {
  const { app, post } = testApp({ client: given.client });
  for (const response of [await app.request('/help'), await app.request('/nothing'), await post({})]) {
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    expect(response.headers.get('X-Frame-Options')).toBe('SAMEORIGIN');
    expect(response.headers.get('Content-Security-Policy')).toContain("default-src 'none'");
    expect(response.headers.get('Cache-Control')).toBe('no-store');
  }
});

test('an unexpected error is a JSON 500 that tells nothing', async () => {
  const client = Object.create(given.client, {
    withDeadline: { value: () => Promise.reject(new Error(`oops ${TOKEN}`)) },
  }) as Client;
  const response = await testApp({ client }).post();
  expect(response.status).toBe(500);
  expect(await response.text()).not.toContain('oops');
});
