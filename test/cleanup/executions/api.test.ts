import { afterEach, beforeEach, expect, test } from 'vitest';
import { createExecutionSource } from '../../../src/cleanup/executions/index.ts';
import type { Progress } from '../../../src/cleanup/source.ts';
import { createN8nApi } from '../../../src/clients/n8n.ts';
import { API_KEY, startFakeN8n, type FakeExecution, type FakeN8n } from '../../support/n8n.ts';

let n8n: FakeN8n;
beforeEach(async () => {
  n8n = await startFakeN8n();
});
afterEach(() => n8n.stop());

const DAY = 86_400_000;
const at = new Date();
const ago = (days: number, ms = 0) => new Date(at.getTime() - days * DAY + ms).toISOString();
const never = new AbortController().signal;

const source = (perSecond = 1_000) =>
  createExecutionSource(createN8nApi({ url: n8n.url, apiKey: API_KEY }), { keepDays: 30, perSecond });

const add = (...executions: FakeExecution[]) => {
  for (const execution of executions) n8n.executions.set(execution.id, execution);
};
/** Every second one of so many is old. */
const fill = (count: number) => {
  for (let id = 1; id <= count; id += 1)
    add({ id, status: 'success', stoppedAt: ago(id % 2 === 0 ? 40 : 3), jsonSizeBytes: 10 });
};
const left = () => [...n8n.executions.keys()].sort((a, b) => a - b);

const remove = (more: { signal?: AbortSignal; before?: Progress; deadline?: Date; at?: Date } = {}) => {
  const said: Progress[] = [];
  const done = source().remove({
    at,
    signal: never,
    deadline: new Date(Date.now() + 60_000),
    progress: (progress) => said.push(progress),
    ...more,
  });
  return { done, said };
};

test('what ended long ago goes; what is new, runs, waits or ended within the days stays', async () => {
  add(
    ...['success', 'error', 'canceled', 'crashed'].map((status, index) => ({
      id: index + 1,
      status,
      stoppedAt: ago(31 + index),
    })),
    ...['new', 'running', 'waiting', 'unknown', 'of a later version'].map((status, index) => ({
      id: index + 11,
      status,
      stoppedAt: ago(31),
    })),
    { id: 21, status: 'waiting', stoppedAt: ago(60), waitTill: '3000-01-01T00:00:00.000Z' },
    { id: 22, status: 'crashed', stoppedAt: null },
    // It ended, and is to go on.
    { id: 23, status: 'error', stoppedAt: ago(60), waitTill: ago(-1) },
    // On the very boundary, and a millisecond older.
    { id: 31, status: 'success', stoppedAt: ago(30) },
    { id: 32, status: 'success', stoppedAt: ago(30, -1) },
    // It had waited.
    { id: 33, status: 'success', stoppedAt: ago(40), waitTill: ago(41) },
    { id: 41, status: 'success', stoppedAt: ago(5) },
  );
  expect(await source().check(never)).toEqual([]);
  expect(await source().find(at, never)).toEqual({
    count: 6,
    oldest: ago(40),
    newest: ago(30, -1),
    samples: ['1', '2', '3', '4', '32'],
    warnings: [],
  });
  expect(n8n.requests.every((request) => request.startsWith('GET '))).toBe(true);
  expect(await remove().done).toEqual({ count: 6, warnings: [], finished: true });
  expect(left()).toEqual([11, 12, 13, 14, 15, 21, 22, 23, 31, 41]);
  // An instant that lies ahead of our clock takes nothing more.
  expect(await remove({ at: new Date(Date.now() + 60 * DAY) }).done).toMatchObject({ count: 1 });
  expect(left()).toEqual([11, 12, 13, 14, 15, 21, 22, 23, 41]);
});

test('one that changes after the list was read is left as it is', async () => {
  fill(10);
  n8n.before = ({ url, method }) => {
    // With the first request after the list, all others have changed.
    if (!url?.endsWith('/executions/10') || method !== 'GET') return false;
    add({ id: 8, status: 'waiting', stoppedAt: ago(40), waitTill: ago(-1) });
    add({ id: 6, status: 'running', stoppedAt: null });
    add({ id: 4, status: 'success', stoppedAt: ago(0) });
    n8n.executions.delete(2);
    return false;
  };
  expect(await remove().done).toMatchObject({ count: 1, bytes: 10, left: { changed: 3 }, finished: true });
  expect(left()).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
});

test('n8n has the last word on running ones, and on what its key may not delete', async () => {
  fill(4);
  add({ id: 4, status: 'success', stoppedAt: ago(40), forbidden: true });
  n8n.before = ({ url, method }) => {
    if (method === 'DELETE' && url?.endsWith('/2')) add({ id: 2, status: 'running', stoppedAt: null });
    return false;
  };
  expect(await remove().done).toEqual({
    count: 0,
    left: { changed: 1, notAllowed: 1 },
    warnings: [{ code: 'ExecutionsNotAllowed' }],
    finished: true,
  });
  expect(left()).toEqual([1, 2, 3, 4]);
});

test('killed again and again, the next one goes on at the page, and each goes once', async () => {
  fill(1_200);
  let before: Progress | undefined;
  let kills = 0;
  for (;;) {
    const kill = new AbortController();
    const after = n8n.deletedAt.length + 70;
    // In the middle of a request: n8n deletes, and nobody hears of it.
    n8n.before = ({ method }) => {
      if (method === 'DELETE' && n8n.deletedAt.length >= after) kill.abort(new Error('killed'));
      return false;
    };
    const { done, said } = remove({ signal: kill.signal, before });
    const result = await done.catch((error: Error) => error.message);
    before = said.at(-1);
    if (result !== 'killed') {
      expect(result).toMatchObject({ finished: true });
      break;
    }
    kills += 1;
    expect(JSON.stringify(before).length).toBeLessThan(200);
  }
  expect(kills).toBeGreaterThan(6);
  expect(left()).toEqual(Array.from({ length: 600 }, (_, index) => 2 * index + 1));
  expect(n8n.deletedAt).toHaveLength(600);
  // What was under way when it was killed went uncounted; nothing is counted twice.
  expect(before?.count).toBeGreaterThanOrEqual(600 - kills);
  expect(before?.count).toBeLessThanOrEqual(600);
  // The first page was read by the first ones alone.
  const firsts = n8n.requests.filter((request) => /executions\?/.test(request) && !/cursor=/.test(request));
  expect(firsts.length).toBeLessThan(4);
});

test('no more go in a second than were asked for', async () => {
  fill(12);
  await source(20).remove({
    at,
    signal: never,
    deadline: new Date(Date.now() + 60_000),
    progress: () => undefined,
  });
  expect(n8n.deletedAt).toHaveLength(6);
  const took = (n8n.deletedAt.at(-1) ?? 0) - (n8n.deletedAt[0] ?? 0);
  // Five pauses of 50 ms; a request that comes a little late makes one of them shorter.
  expect(took).toBeGreaterThan(200);
});

test('it ends in good order when the time is over, and the next run takes the rest', async () => {
  fill(600);
  const deadline = new Date(Date.now() + 100_000);
  const realNow = Date.now;
  n8n.before = ({ method }) => {
    if (method === 'DELETE' && n8n.deletedAt.length === 9) Date.now = () => realNow() + 200_000;
    return false;
  };
  const { done } = remove({ deadline });
  expect(await done.finally(() => (Date.now = realNow))).toEqual({
    count: 10,
    bytes: 100,
    warnings: [],
    finished: false,
  });
  n8n.before = () => false;
  expect(await remove().done).toMatchObject({ count: 290, finished: true });
  expect(await remove().done).toMatchObject({ count: 0, finished: true });
});

test('bytes are told where n8n tells those of every one', async () => {
  fill(4);
  expect(await source().find(at, never)).toMatchObject({ count: 2, bytes: 20 });
  add({ id: 6, status: 'error', stoppedAt: ago(50), jsonSizeBytes: 0 });
  expect(await source().find(at, never)).not.toHaveProperty('bytes');
});

test('a key without rights fails the check, before anything goes', async () => {
  fill(2);
  n8n.before = ({ url }, response) => {
    if (!url?.includes('/executions/')) return false;
    response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
    return true;
  };
  await expect(source().check(never)).rejects.toMatchObject({ type: 'N8nRefused' });
});
