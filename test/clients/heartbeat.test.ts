import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { heartbeatUrl, pingHeartbeat } from '../../src/clients/heartbeat.ts';

const UUID = '5b0c1f6e-0000-4000-8000-000000000000';

it.each([
  [`https://hc-ping.com/${UUID}`, 'start', `https://hc-ping.com/${UUID}/start`],
  [`https://hc-ping.com/${UUID}`, 'fail', `https://hc-ping.com/${UUID}/fail`],
  ['https://hc-ping.com/key/nightly?create=1', 'start', 'https://hc-ping.com/key/nightly/start?create=1'],
  [`https://checks.example.com/ping/${UUID}`, 'fail', `https://checks.example.com/ping/${UUID}/fail`],
  [
    'https://uptime.betterstack.com/api/v1/heartbeat/token',
    'fail',
    'https://uptime.betterstack.com/api/v1/heartbeat/token/fail',
  ],
  ['https://uptime.betterstack.com/api/v1/heartbeat/token', 'start', undefined],
  ['https://heartbeat.uptimerobot.com/m1-abc', 'fail', undefined],
  ['https://heartbeat.uptimerobot.com/m1-abc', 'success', 'https://heartbeat.uptimerobot.com/m1-abc'],
] as const)('%s, %s: %s', (url, event, expected) => {
  expect(heartbeatUrl(url, event)).toBe(expected);
});

let server: http.Server;
let status: number;
let paths: string[];
beforeEach(async () => {
  [status, paths] = [200, []];
  server = http
    .createServer((request, response) => {
      paths.push(request.url ?? '');
      response.writeHead(status).end('OK');
    })
    .listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

it('says whether it was taken, and never fails', async () => {
  const { port } = server.address() as net.AddressInfo;
  const url = `http://127.0.0.1:${String(port)}/${UUID}`;
  expect(await pingHeartbeat(url, 'start')).toBe(true);
  expect(await pingHeartbeat(url, 'success')).toBe(true);
  expect(paths).toEqual([`/${UUID}/start`, `/${UUID}`]);
  status = 404;
  expect(await pingHeartbeat(url, 'fail')).toBe(false);
  expect(await pingHeartbeat('http://127.0.0.1:1/x', 'success')).toBe(false);
  expect(await pingHeartbeat('http://127.0.0.1:1/x', 'start')).toBe(true);
});
