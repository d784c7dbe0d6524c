import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';

/** As n8n's database holds it; `forbidden`: the key's owner sees the workflow and may not delete in it. */
export interface FakeExecution {
  id: number;
  status: string;
  stoppedAt: string | null;
  waitTill?: string | null;
  jsonSizeBytes?: number;
  forbidden?: boolean;
}

/**
 * n8n's public API as its own source has it (packages/cli/src/public-api/v1, 1.123): pages by last id, running ones left
 * out of lists, refusal to delete running ones alone. Tests change what it holds, and what it answers.
 */
export interface FakeN8n {
  url: string;
  executions: Map<number, FakeExecution>;
  /** Method and path with query, in order. */
  requests: string[];
  /** When an execution was deleted (ms of performance.now()). */
  deletedAt: number[];
  /** Answers in n8n's place where it returns true; also the place to change something between two requests. */
  before: (request: http.IncomingMessage, response: http.ServerResponse) => boolean | undefined;
  stop(): Promise<void>;
}

export const API_KEY = 'n8n-secret-key';

export async function startFakeN8n(): Promise<FakeN8n> {
  const server = http.createServer((request, response) => answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeN8n = {
    url: `http://127.0.0.1:${String((server.address() as net.AddressInfo).port)}`,
    executions: new Map(),
    requests: [],
    deletedAt: [],
    before: () => undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  function answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? '', fake.url);
    fake.requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(body));
    };
    if (fake.before(request, response)) return;
    if (pathname === '/healthz/readiness') return send(200, { status: 'ok' });
    if (request.headers['x-n8n-api-key'] !== API_KEY) return send(401, { message: 'unauthorized' });
    if (pathname === '/api/v1/executions') return list(searchParams, send);
    const id = Number(pathname.replace('/api/v1/executions/', ''));
    const found = fake.executions.get(id);
    if (!found || (found.forbidden && request.method === 'DELETE'))
      return send(404, { message: 'Not Found' });
    if (request.method === 'DELETE') {
      if (found.status === 'running') return send(400, { message: 'Cannot delete a running execution' });
      fake.executions.delete(id);
      fake.deletedAt.push(performance.now());
    }
    send(200, shown(found));
  }

  function list(query: URLSearchParams, send: (status: number, body: unknown) => void): void {
    if (query.get('includeData') === 'true') return send(500, { message: 'far too much' });
    const cursor = query.get('cursor');
    const { limit, lastId } = cursor
      ? (JSON.parse(Buffer.from(cursor, 'base64').toString()) as { limit: number; lastId: string })
      : { limit: Number(query.get('limit')), lastId: 'Infinity' };
    if (limit > 250) return send(400, { message: 'request/query/limit must be <= 250' });
    const below = (last: string) =>
      [...fake.executions.values()]
        .filter(({ id, status }) => id < Number(last) && status !== 'running')
        .sort((a, b) => b.id - a.id);
    const data = below(lastId).slice(0, limit);
    const next = String(data.at(-1)?.id ?? 0);
    send(200, {
      data: data.map(shown),
      nextCursor:
        below(next).length > 0
          ? Buffer.from(JSON.stringify({ lastId: next, limit })).toString('base64')
          : null,
    });
  }

  const shown = ({ id, status, stoppedAt, waitTill = null, jsonSizeBytes }: FakeExecution) => ({
    id: String(id),
    finished: status === 'success',
    mode: 'trigger',
    retryOf: null,
    retrySuccessId: null,
    status,
    startedAt: '2026-01-01T00:00:00.000Z',
    stoppedAt,
    workflowId: 'fwXjcUJ2mJTEhUVK',
    waitTill,
    ...(jsonSizeBytes !== undefined && { jsonSizeBytes }),
  });

  return fake;
}
