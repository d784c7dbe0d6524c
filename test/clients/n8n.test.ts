import { ApplicationFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createN8nApi, type N8nOptions } from '../../src/clients/n8n.ts';
import { API_KEY, startFakeN8n, type FakeN8n } from '../support/n8n.ts';

let n8n: FakeN8n;
beforeEach(async () => {
  n8n = await startFakeN8n();
});
afterEach(() => n8n.stop());

const api = (options?: Partial<N8nOptions>) =>
  createN8nApi({ url: n8n.url, apiKey: API_KEY, startupMs: 2_000, ...options });

const old = (id: number, status = 'success') => ({ id, status, stoppedAt: '2026-01-01T00:00:01.000Z' });
const fill = (count: number) => {
  for (let id = 1; id <= count; id += 1) n8n.executions.set(id, old(id));
};

async function ids(cursor?: string): Promise<string[]> {
  const all: string[] = [];
  for await (const page of api().executions({ cursor })) all.push(...page.executions.map(({ id }) => id));
  return all;
}

async function failure(work: Promise<unknown>): Promise<ApplicationFailure> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ApplicationFailure);
  expect(String((error as Error).message)).not.toContain(API_KEY);
  return error as ApplicationFailure;
}

const type = (response: { setHeader: (name: string, value: string) => void }, value: string) =>
  response.setHeader('content-type', value);

describe('executions', () => {
  it('come page by page, each of which its cursor leads to again', async () => {
    fill(600);
    n8n.executions.set(601, { ...old(601, 'waiting'), waitTill: '3000-01-01T00:00:00.000Z' });
    const pages = [];
    for await (const page of api().executions()) pages.push(page);
    expect(pages.map(({ executions }) => executions.length)).toEqual([250, 250, 101]);
    expect(pages[0]?.executions[0]).toEqual({
      id: '601',
      status: 'waiting',
      stoppedAt: new Date('2026-01-01T00:00:01Z'),
      waitTill: new Date('3000-01-01T00:00:00Z'),
      bytes: undefined,
    });
    expect(await ids(pages[1]?.cursor)).toHaveLength(351);
    expect(n8n.requests.filter((request) => /includeData=false/.test(request))).toHaveLength(5);
    // Some versions answer with executions of every status where they are asked for one that they do not know.
    expect(n8n.requests.some((request) => /status=/.test(request))).toBe(false);
  });

  it('end when the pages go round in a circle, of any length', async () => {
    fill(10);
    let asked = 0;
    n8n.before = ({ url }, response) => {
      if (!url?.startsWith('/api/')) return false;
      type(response, 'application/json');
      response.end(JSON.stringify({ data: [], nextCursor: ['a', 'b', 'c'][(asked += 1) % 3] }));
      return true;
    };
    expect(await failure(ids())).toMatchObject({
      type: 'N8nUnavailable',
      message: expect.stringContaining('round in a circle') as string,
    });
    expect(asked).toBeLessThan(6);
  });

  it('are deleted one by one: gone and running ones are no failure', async () => {
    fill(2);
    n8n.executions.set(3, old(3, 'running'));
    expect(await api().deleteExecution('1')).toBe('deleted');
    expect(await api().deleteExecution('1')).toBe('gone');
    expect(await api().execution('1')).toBeUndefined();
    expect(await api().deleteExecution('3')).toBe('running');
    expect([...n8n.executions.keys()]).toEqual([2, 3]);
  });
});

describe('what goes wrong', () => {
  it('an expired key, or one without the scopes, is said with the scopes that it takes', async () => {
    expect(await failure(api({ apiKey: 'old' }).execution('1'))).toMatchObject({
      type: 'N8nRefused',
      nonRetryable: true,
      message: expect.stringMatching(
        /HTTP 401.*execution:list, execution:read and execution:delete.*N8N_API_KEY/,
      ) as string,
    });
    const first = api({ apiKey: 'old' }).workflows().next();
    expect((await failure(first)).message).toMatch(/workflow:list/);
    n8n.before = ({ method }, response) => {
      if (method !== 'DELETE') return false;
      response.writeHead(403, { 'content-type': 'application/json' }).end('{"message":"Forbidden"}');
      return true;
    };
    fill(1);
    expect((await failure(api().deleteExecution('1'))).message).toMatch(/HTTP 403.*execution:delete/);
  });

  it('a starting n8n answers 200 to anything: its text is neither a list nor a deletion', async () => {
    fill(1);
    n8n.before = (_request, response) => {
      type(response, 'text/html; charset=utf-8');
      response.end('n8n is starting up. Please wait');
      return true;
    };
    for (const work of [() => ids(), () => api().execution('1'), () => api().deleteExecution('1')])
      expect(await failure(work())).toMatchObject({
        type: 'N8nUnavailable',
        nonRetryable: false,
        message: expect.stringContaining('a page instead of data') as string,
      });
    // It is waited for as long as its page of readiness says that it is not.
    let asked = 0;
    n8n.before = ({ url }, response) => {
      if (url !== '/healthz/readiness' || (asked += 1) > 1) return false;
      response.writeHead(503).end();
      return true;
    };
    expect(await ids()).toEqual(['1']);
    expect(asked).toBe(2);
  });

  it('a page of a proxy in the place of n8n is no deletion', async () => {
    fill(1);
    n8n.before = (_request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not found</h1>');
      return true;
    };
    const refused = await failure(api().deleteExecution('1'));
    expect(refused).toMatchObject({
      type: 'N8nRefused',
      message: expect.stringContaining('N8N_URL') as string,
    });
  });

  it('too many requests are waited for as long as n8n asks, or left to the next attempt', async () => {
    fill(1);
    let retryAfter = '1';
    let limited = 1;
    n8n.before = ({ url }, response) => {
      if (!url?.startsWith('/api/') || (limited -= 1) < 0) return false;
      response.writeHead(429, { 'retry-after': retryAfter }).end();
      return true;
    };
    const began = performance.now();
    expect(await api().deleteExecution('1')).toBe('deleted');
    expect(performance.now() - began).toBeGreaterThan(990);
    retryAfter = '600';
    limited = 1;
    const later = await failure(api().execution('1'));
    expect(later).toMatchObject({ type: 'N8nUnavailable', nextRetryDelay: 600_000 });
    retryAfter = new Date(Date.now() + 600_000).toUTCString();
    limited = 1;
    expect((await failure(api().execution('1'))).nextRetryDelay).toBeGreaterThan(590_000);
  });

  it('a redirect is not followed: the key would go along', async () => {
    n8n.before = (_request, response) => {
      response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
      return true;
    };
    expect((await failure(api().execution('1'))).message).toMatch(/N8N_URL is redirected/);
    expect(n8n.requests).toHaveLength(1);
  });
});
