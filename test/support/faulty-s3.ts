import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** S3's operations, as far as backups use them. */
export type Operation =
  | 'ListObjects'
  | 'ListUploads'
  | 'CreateUpload'
  | 'UploadPart'
  | 'Copy'
  | 'CompleteUpload'
  | 'AbortUpload'
  | 'GetObject'
  | 'PutObject'
  | 'DeleteObject'
  | 'other';

export interface S3Request {
  operation: Operation;
  /** `/bucket/prefix/key`. */
  path: string;
  /** Of `UploadPart`. */
  partNumber?: number;
}

/** What happens to a chosen request. */
export type Fault =
  /** Refused with an error of S3, after its body was read. */
  | { kind: 'answer'; status: number; code: string }
  /** The connection is reset before anything reaches the store. */
  | { kind: 'reset' }
  /** The store does it, and the connection is reset instead of its answer. */
  | { kind: 'lost answer' }
  /** Nothing is ever answered; the connection stays open until the proxy closes. */
  | { kind: 'silence' }
  /** The answer's body stops after so many bytes: reset, or silent for ever. */
  | { kind: 'cut body'; afterBytes: number; then: 'reset' | 'silence' }
  /** Both bodies go at this pace for so many bytes, then as fast as they can. */
  | { kind: 'slow'; bytesPerSecond: number; forBytes: number }
  /** Held until the promise resolves, then done as usual. */
  | { kind: 'hold'; until: Promise<unknown> };

export interface Injected {
  /** How many requests it has met so far. */
  readonly hits: number;
}

export interface FaultyS3 {
  endpoint: string;
  /** The next `times` requests that fit meet the fault; the newest rule goes first. */
  inject(fits: (request: S3Request) => boolean, fault: Fault, times?: number): Injected;
  /** Forgets every fault; what is silent stays so. */
  mend(): void;
  requests: S3Request[];
  close(): Promise<void>;
}

function describeRequest({ method = 'GET', url = '/', headers }: http.IncomingMessage): S3Request {
  const { pathname, searchParams: query } = new URL(url, 'http://proxy');
  const ofObject = pathname.split('/').filter(Boolean).length > 1;
  const operation = ((): Operation => {
    if (headers['x-amz-copy-source'] !== undefined) return 'Copy';
    if (query.has('uploads')) return method === 'POST' ? 'CreateUpload' : 'ListUploads';
    if (query.has('uploadId'))
      return { PUT: 'UploadPart', POST: 'CompleteUpload', DELETE: 'AbortUpload' }[method] as Operation;
    if (!ofObject) return 'ListObjects';
    return ({ GET: 'GetObject', PUT: 'PutObject', DELETE: 'DeleteObject' }[method] ?? 'other') as Operation;
  })();
  const partNumber = query.get('partNumber');
  return { operation, path: pathname, ...(partNumber ? { partNumber: Number(partNumber) } : {}) };
}

/** Passes chunks on, at a pace for the first bytes. */
async function* paced(
  source: AsyncIterable<Buffer>,
  fault: Fault | undefined,
): AsyncGenerator<Buffer, void, undefined> {
  let passed = 0;
  for await (const chunk of source) {
    if (fault?.kind !== 'slow') {
      yield chunk;
      continue;
    }
    const step = Math.max(1, Math.ceil(fault.bytesPerSecond / 10));
    for (let at = 0; at < chunk.length;) {
      const slow = passed < fault.forBytes;
      const piece = chunk.subarray(at, slow ? at + step : undefined);
      yield piece;
      at += piece.length;
      passed += piece.length;
      if (slow) await delay(100);
    }
  }
}

async function write(source: AsyncIterable<Buffer>, sink: http.ClientRequest | http.ServerResponse) {
  for await (const chunk of source) {
    if (sink.destroyed) return;
    if (!sink.write(chunk))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          sink.off('drain', go).off('close', go);
          resolve();
        };
        sink.on('drain', go).on('close', go);
      });
  }
  sink.end();
}

/**
 * A proxy on the loopback in front of a real S3 store: requests go through as they are, the signed Host among them,
 * but for those that meet a fault.
 */
export async function startFaultyS3(target: string): Promise<FaultyS3> {
  const { hostname, port } = new URL(target);
  const requests: S3Request[] = [];
  let rules: { fits: (request: S3Request) => boolean; fault: Fault; left: number; hits: number }[] = [];
  const agent = new http.Agent({ keepAlive: true });

  async function forward(request: http.IncomingMessage, fault: Fault | undefined) {
    const headers = request.rawHeaders.flatMap((name, index, all) =>
      index % 2 === 0 && name.toLowerCase() !== 'expect' ? [[name, all[index + 1] ?? '']] : [],
    );
    const upstream = http.request({
      ...{ hostname, port, agent, method: request.method, path: request.url },
      headers: headers.flat(),
    });
    const answered = once(upstream, 'response') as Promise<[http.IncomingMessage]>;
    answered.catch(() => undefined);
    await write(paced(request, fault), upstream);
    return (await answered)[0];
  }

  async function handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const described = describeRequest(request);
    requests.push(described);
    const rule = rules.find(({ fits, left }) => left > 0 && fits(described));
    const fault = rule?.fault;
    if (rule) [rule.left, rule.hits] = [rule.left - 1, rule.hits + 1];
    if (fault?.kind === 'silence') return;
    if (fault?.kind === 'reset') return void request.socket.resetAndDestroy();
    if (fault?.kind === 'hold') await fault.until;
    if (fault?.kind === 'answer') {
      request.resume();
      await once(request, 'end');
      response.writeHead(fault.status, { 'content-type': 'application/xml' });
      response.end(
        `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${fault.code}</Code><Message>injected by the test</Message></Error>`,
      );
      return;
    }
    const answer = await forward(request, fault);
    if (fault?.kind === 'lost answer') {
      // Read to its end: only then has the store surely done it.
      for await (const chunk of answer) void chunk;
      return void request.socket.resetAndDestroy();
    }
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    if (fault?.kind !== 'cut body') return write(paced(answer, fault), response);
    let passed = 0;
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      const piece = chunk.subarray(0, fault.afterBytes - passed);
      if (piece.length > 0) response.write(piece);
      passed += chunk.length;
      if (passed > fault.afterBytes) break;
    }
    if (fault.then === 'reset') request.socket.resetAndDestroy();
  }

  const server = http.createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  return {
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    requests,
    inject(fits, fault, times = Infinity) {
      const rule = { fits, fault, left: times, hits: 0 };
      rules.unshift(rule);
      return rule;
    },
    mend: () => (rules = []),
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
