import { once } from 'node:events';
import http from 'node:http';
import type net from 'node:net';
import { before, openTcp, openTls, timed } from './connect.ts';
import { classOf, ProbeFailure, type Phases, type Probe } from './probe.ts';

export interface HttpProbeOptions {
  /** http or https. */
  url: string;
  headers?: Record<string, string>;
  /** Of all phases and redirects together. */
  timeoutMs?: number;
  /** Which status is fine; any 2xx when left out. */
  status?: (status: number) => boolean;
  /** Statuses that say our own key is at fault, not the service. */
  ours?: readonly number[];
  /** Must stand in the first 64 KiB. */
  bodyContains?: string;
  /** What the answer must be. */
  contentType?: RegExp;
  /** Followed at the most; 0 where a header of the request is a secret. */
  redirects?: number;
  /** Trusted beside the system's certificates: for tests. */
  ca?: string;
  signal?: AbortSignal;
}

export interface HttpProbe extends Probe {
  status?: number;
  redirects: number;
  contentType?: string;
  /** The first 64 KiB. */
  body?: string;
}

const TIMEOUT_MS = 10_000;
const BODY_BYTES = 64 * 1024;
const REDIRECTS = 5;
const MOVED = new Set([301, 302, 303, 307, 308]);

interface Exchange {
  options: HttpProbeOptions;
  phases: Partial<Phases>;
  signal: AbortSignal;
  seen: { certificateDays?: number };
}

/** Always a new connection: one that is kept would hide faults of DNS and TLS. */
async function open(url: URL, { options, phases, signal, seen }: Exchange): Promise<net.Socket> {
  const secure = url.protocol === 'https:';
  // An IPv6 address stands in brackets.
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const socket = await openTcp(host, Number(url.port || (secure ? 443 : 80)), phases, signal);
  if (!secure) return socket;
  try {
    const opened = await openTls(socket, host, phases, signal, options.ca);
    seen.certificateDays ??= opened.certificateDays;
    return opened.socket;
  } catch (error) {
    seen.certificateDays ??= (error as { certificateDays?: number }).certificateDays;
    throw error;
  }
}

async function get(url: URL, exchange: Exchange): Promise<http.IncomingMessage> {
  const { options, phases, signal } = exchange;
  const socket = await open(url, exchange);
  const headers = {
    host: url.host,
    'user-agent': 'talos-monitor',
    'accept-encoding': 'identity',
    'cache-control': 'no-cache',
    connection: 'close',
    ...options.headers,
  };
  const request = http.request({
    method: 'GET',
    path: `${url.pathname}${url.search}`,
    headers,
    createConnection: () => socket,
  });
  request.on('error', () => undefined);
  try {
    return await timed(phases, 'ttfb', async () => {
      const answered = once(request, 'response') as Promise<[http.IncomingMessage]>;
      request.end();
      return (await before(signal, answered))[0];
    });
  } catch (error) {
    request.destroy();
    socket.destroy();
    signal.throwIfAborted();
    throw classOf(error);
  }
}

async function read(answer: http.IncomingMessage, signal: AbortSignal): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  const whole = async (): Promise<void> => {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes >= BODY_BYTES) return;
    }
  };
  await before(signal, whole());
  return Buffer.concat(chunks).subarray(0, BODY_BYTES).toString();
}

/** What is wrong with an answer, or undefined. */
function fault(
  options: HttpProbeOptions,
  status: number,
  contentType: string,
  body: string,
): string | undefined {
  const fine = options.status ?? ((code: number) => code >= 200 && code < 300);
  if (!fine(status)) return `status ${String(status)}`;
  if (options.contentType && !options.contentType.test(contentType)) return 'content-type';
  if (options.bodyContains !== undefined && !body.includes(options.bodyContains)) return 'body';
  return undefined;
}

/** Asks once. Never rejects for what the other side does; rejects only with the caller's own signal. */
export async function probeHttp(options: HttpProbeOptions): Promise<HttpProbe> {
  const began = performance.now();
  const deadline = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  const phases: Partial<Phases> = {};
  const exchange: Exchange = { options, phases, signal, seen: {} };
  let redirects = 0;
  let answer: http.IncomingMessage | undefined;
  const result = (state: Probe['state'], more: Partial<HttpProbe>): HttpProbe => ({
    state,
    redirects,
    phases: { ...phases, total: performance.now() - began },
    certificateDays: exchange.seen.certificateDays,
    ...more,
  });
  try {
    let url = new URL(options.url);
    for (;;) {
      answer = await get(url, exchange);
      const { location } = answer.headers;
      if (!MOVED.has(answer.statusCode ?? 0) || location === undefined || options.redirects === 0) break;
      answer.destroy();
      redirects += 1;
      if (redirects > (options.redirects ?? REDIRECTS)) throw new ProbeFailure('redirects');
      if (!URL.canParse(location, url.href)) throw new ProbeFailure('redirects');
      url = new URL(location, url);
      if (!/^https?:$/.test(url.protocol)) throw new ProbeFailure('redirects');
    }
    const status = answer.statusCode ?? 0;
    const contentType = answer.headers['content-type'] ?? '';
    const body = await read(answer, signal);
    const seen = { status, contentType, body };
    if (options.ours?.includes(status))
      return result('unknown', { ...seen, reason: `status ${String(status)}` });
    const reason = fault(options, status, contentType, body);
    return reason === undefined ? result('up', seen) : result('down', { ...seen, reason });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (deadline.aborted) return result('down', { reason: 'timeout' });
    const { reason, detail } = classOf(error);
    return result('down', { reason, detail });
  } finally {
    answer?.destroy();
  }
}
