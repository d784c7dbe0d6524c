import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { text } from 'node:stream/consumers';

export interface FakeFile {
  name: string;
  created_at: string | null;
  updated_at: string | null;
  size?: number;
}

/**
 * Supabase Storage as its own source has it (supabase/storage of 2026-08: `object/list-v2`, `object`, `bucket`): at most
 * 1,000 a page, by name as bytes, a cursor that is lines of text, deletion by exact name, 400 for most mistakes.
 */
export interface FakeStorage {
  url: string;
  buckets: Map<string, Map<string, FakeFile>>;
  requests: { method: string; path: string; body: Record<string, unknown> | undefined }[];
  /** As versions before 2026-03: `_` and `%` in a prefix are wildcards. */
  wildcards: boolean;
  /** Answers in Storage's place where it returns true; also the place to change something between two requests. */
  before: (request: http.IncomingMessage, response: http.ServerResponse) => boolean | undefined;
  stop(): Promise<void>;
}

export const SERVICE_ROLE_KEY = 'service-role-secret';

const byBytes = (a: FakeFile, b: FakeFile) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));

/** LIKE, as PostgreSQL has it. */
const like = (prefix: string) =>
  new RegExp(
    `^${prefix.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/[_%]/g, (sign) => (sign === '_' ? '.' : '.*'))}`,
    's',
  );

export async function startFakeStorage(): Promise<FakeStorage> {
  const server = http.createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeStorage = {
    url: `http://127.0.0.1:${String((server.address() as net.AddressInfo).port)}`,
    buckets: new Map(),
    requests: [],
    wildcards: false,
    before: () => undefined,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const given = await text(request);
    const body = given === '' ? undefined : (JSON.parse(given) as Record<string, unknown>);
    const { method = '', url: path = '' } = request;
    fake.requests.push({ method, path, body });
    const send = (status: number, answered: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' });
      response.end(JSON.stringify(answered));
    };
    if (fake.before(request, response)) return;
    const { apikey, authorization } = request.headers;
    if (apikey !== SERVICE_ROLE_KEY) return send(401, { message: 'Invalid API key' });
    if (authorization !== `Bearer ${SERVICE_ROLE_KEY}`)
      return send(400, { statusCode: '403', error: 'Unauthorized', message: 'Invalid Compact JWS' });
    const [, kind, name = ''] = /^\/storage\/v1\/(bucket|object\/list-v2|object)\/([^/]+)$/.exec(path) ?? [];
    const files = fake.buckets.get(decodeURIComponent(name));
    if (kind === 'object/list-v2' && method === 'POST')
      return list(files ?? new Map<string, FakeFile>(), body ?? {}, send);
    if (kind === 'object' && method === 'DELETE')
      return remove(files ?? new Map<string, FakeFile>(), body ?? {}, send);
    if (kind !== 'bucket')
      return send(404, { message: `Route ${method}:${path} not found`, error: 'Not Found' });
    if (files) send(200, { id: name, name, public: false });
    else send(400, { statusCode: '404', error: 'Bucket not found', message: 'Bucket not found' });
  }

  type Send = (status: number, answered: unknown) => void;

  function list(files: Map<string, FakeFile>, body: Record<string, unknown>, send: Send): void {
    const {
      prefix = '',
      limit = 1_000,
      cursor,
    } = body as { prefix?: string; limit?: number; cursor?: string };
    let after = '';
    for (const line of cursor === undefined ? [] : Buffer.from(cursor, 'base64').toString().split('\n')) {
      const [, part, value = ''] = /^([loca]):(.*)/.exec(line) ?? [];
      if (part === undefined)
        return send(400, { statusCode: '400', error: 'InvalidParameter', message: 'continuation token' });
      if (part === 'l') after = value;
    }
    const matches = fake.wildcards
      ? (name: string) => like(prefix).test(name)
      : (name: string) => name.startsWith(prefix);
    const found = [...files.values()]
      .filter(({ name }) => matches(name) && Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
      .sort(byBytes);
    const objects = found.slice(0, Math.min(limit, 1_000));
    const hasNext = found.length > objects.length;
    send(200, {
      hasNext,
      ...(hasNext && {
        nextCursor: Buffer.from(`l:${objects.at(-1)?.name ?? ''}\no:asc`).toString('base64'),
      }),
      folders: [],
      objects: objects.map(({ size, ...file }) => ({
        id: 'eaa8bdb5-2e00-4767-b5a9-d2502efe2196',
        ...file,
        last_accessed_at: null,
        metadata: size === undefined ? null : { size, mimetype: 'image/png' },
      })),
    });
  }

  function remove(files: Map<string, FakeFile>, body: Record<string, unknown>, send: Send): void {
    const names = body['prefixes'] as string[] | undefined;
    if (!names || names.length === 0 || names.length > 1_000)
      return send(400, { statusCode: '400', error: 'InvalidRequest', message: 'prefixes' });
    const gone = names.filter((name) => files.delete(name));
    send(
      200,
      gone.map((name) => ({ name })),
    );
  }

  return fake;
}
