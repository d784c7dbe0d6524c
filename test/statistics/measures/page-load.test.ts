import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { measurePage } from '../../../src/statistics/measures/page-load.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

const AT = new Date('2027-03-28T15:00:00Z');
let app: ClonedDatabase;
let ops: ClonedDatabase;
let status = 200;
const server = http.createServer((request, response) =>
  response.writeHead(status).end(request.url === '/' ? '<script src="/a.js"></script>' : ''),
);
beforeAll(async () => {
  [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await Promise.all([app.drop(), ops.drop()]);
});

const measure = (more: { at?: Date; now?: Date; url?: string } = {}) =>
  measurePage({
    ...{ app: app.db, ops: ops.db, at: AT, now: AT, signal: new AbortController().signal },
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    ...more,
  });
const samples = () =>
  ops.db.query<{ value: number }>(`select value from ops.samples where metric = 'page_load_ms'`);

it('keeps one sample an hour, and none of an hour that is over or a page that is not there', async () => {
  status = 503;
  expect(await measure()).toEqual({ skipped: 'status 503' });
  status = 200;
  expect(await measure({ now: new Date(AT.getTime() + 16 * 60_000) })).toEqual({
    skipped: 'too late for this hour',
  });
  expect(await measure({ url: undefined })).toEqual({ skipped: 'APP_URL is not set' });
  expect(await samples()).toEqual([]);
  const first = await measure();
  expect(first).toMatchObject({ assets: 1 });
  // The same hour again, as after a worker that was lost.
  await measure();
  expect(await samples()).toEqual([{ value: first.ms }]);
});

it('leaves it to the browsers as soon as one reports', async () => {
  await app.db.query(
    `insert into public.page_loads (at, path, device, lcp_ms) values ($1, '/', 'mobile', 1200)`,
    [AT],
  );
  expect(await measure()).toEqual({ skipped: 'browsers report it' });
});
