import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startN8n } from '../../src/dev/n8n.ts';
import type { N8nExecution } from '../../src/dev/n8n-executions.ts';
import type { LoopbackServer } from '../../src/dev/loopback.ts';
import { choosePorts } from '../../src/dev/ports.ts';

interface Page {
  data: N8nExecution[];
  nextCursor: string | null;
}

const MAX_PAGES = 20;
let folder: string;
let server: LoopbackServer;
const headers = { 'X-N8N-API-KEY': 'key' };

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'talos-n8n-'));
  const file = path.join(folder, 'executions.json');
  const { n8n: port } = await choosePorts('free');
  server = await startN8n({ port, apiKey: 'key', file, now: new Date('2026-11-23T12:00:00Z') });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function allPages(query: string, between?: (page: Page) => Promise<unknown>): Promise<N8nExecution[]> {
  const all: N8nExecution[] = [];
  let cursor: string | null = null;
  for (let pages = 0; pages < MAX_PAGES; pages += 1) {
    const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const response = await fetch(`${server.url}/api/v1/executions?${query}${next}`, { headers });
    const page = (await response.json()) as Page;
    all.push(...page.data);
    await between?.(page);
    cursor = page.nextCursor;
    if (cursor === null) return all;
  }
  throw new Error('the pages do not end');
}

it('asks for its key, and is ready', async () => {
  const url = `${server.url}/api/v1/executions`;
  expect((await fetch(url)).status).toBe(401);
  expect((await fetch(url, { headers: { 'X-N8N-API-KEY': 'other' } })).status).toBe(401);
  expect(await (await fetch(`${server.url}/healthz/readiness`)).json()).toEqual({ status: 'ok' });
  expect((await fetch(`${url}?limit=251`, { headers })).status).toBe(400);
});

it('pages by cursor, newest first, and filters by status', async () => {
  const all = await allPages('limit=100');
  expect(all).toHaveLength(360);
  expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).toSorted((a, b) => b - a));
  const failed = await allPages('limit=4&status=error');
  expect(failed).toEqual(all.filter(({ status }) => status === 'error'));
  expect(failed).toHaveLength(9);
});

it('skips nothing when executions are deleted between two pages', async () => {
  const remove = async (page: Page) => {
    for (const { id } of page.data) {
      const response = await fetch(`${server.url}/api/v1/executions/${id}`, { method: 'DELETE', headers });
      expect(((await response.json()) as N8nExecution).id).toBe(id);
    }
  };
  expect(await allPages('limit=100', remove)).toHaveLength(360);
  expect(await allPages('limit=100')).toEqual([]);
});
