import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';

export interface N8nExecution {
  id: string;
  /** canceled, crashed, error, new, running, success, unknown or waiting. */
  status: string;
  /** Undefined while it has not ended; a waiting one has ended for now. */
  stoppedAt?: Date;
  waitTill?: Date;
  /** Of its stored data; undefined where this n8n does not say. */
  bytes?: number;
}

export interface N8nExecutionPage {
  /** Leads to this page again: it names the id before it, so that deletions shift nothing. Undefined: the first. */
  cursor: string | undefined;
  executions: N8nExecution[];
}

/** What the project needs of n8n's public API (v1). Rejects with `N8nRefused` (permanent) or `N8nUnavailable`. */
export interface N8nApi {
  /** Every workflow as the API gives it, with its nodes and connections; active or not. */
  workflows(signal?: AbortSignal): AsyncGenerator<Record<string, unknown>>;
  /**
   * Every execution that the key's owner sees, newest first, without its data. Of any status: n8n's own filter is not
   * to be trusted (most 1.x answer with all executions, waiting ones too, when asked for crashed ones).
   */
  executions(from?: { cursor?: string; signal?: AbortSignal }): AsyncGenerator<N8nExecutionPage>;
  /** As it is now; undefined when it is gone. */
  execution(id: string, signal?: AbortSignal): Promise<N8nExecution | undefined>;
  /** `gone`: there is none that the key's owner may delete. n8n itself refuses running ones, but no waiting ones. */
  deleteExecution(id: string, signal?: AbortSignal): Promise<'deleted' | 'gone' | 'running'>;
}

export interface N8nOptions {
  url: string;
  apiKey: string;
  /** Of one request. */
  timeoutMs?: number;
  /** How long a starting n8n (it migrates its database after an update) is waited for. */
  startupMs?: number;
}

/** A workflow comes with all its nodes; 250 is n8n's own largest. */
const PAGE = { workflows: 100, executions: 250 } as const;
const POLL_MS = 500;
/** A limit of requests is waited for so long and so often; longer waits are Temporal's. */
const WAIT_MS = 60_000;
const WAITS = 5;

const SCOPES = {
  workflows: 'the scope workflow:list',
  executions: 'the scopes execution:list, execution:read and execution:delete',
} as const;
type Part = keyof typeof SCOPES;

const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`n8n refused the request: ${why}`, 'N8nRefused');
const unavailable = (why: string, nextRetryDelay?: number): ApplicationFailure =>
  ApplicationFailure.create({
    message: `n8n does not answer: ${why}`,
    type: 'N8nUnavailable',
    nonRetryable: false,
    ...(nextRetryDelay !== undefined && { nextRetryDelay }),
  });

/** The texts name settings and codes: neither the address nor the key, and nothing of what n8n answered. */
function failureOf(status: number, part: Part): ApplicationFailure {
  if (status === 401 || status === 403)
    return refused(
      `HTTP ${String(status)}; has the API key expired? Make a new one with ${SCOPES[part]}, for N8N_API_KEY`,
    );
  if (status === 404)
    return refused('HTTP 404; does N8N_URL lead to n8n, and is its public API switched on?');
  if (status >= 300 && status < 400)
    return refused(`HTTP ${String(status)}; N8N_URL is redirected: write the address it leads to`);
  if (status >= 400 && status < 500) return refused(`HTTP ${String(status)}`);
  return unavailable(`HTTP ${String(status)}`);
}

/** Seconds or a date (RFC 9110); undefined where it says neither. */
function retryAfterMs(header: string | null): number | undefined {
  const ms = /^\s*\d+\s*$/.test(header ?? '')
    ? Number(header) * 1_000
    : Date.parse(header ?? '') - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

const instant = (value: unknown): Date | undefined => {
  const date = typeof value === 'string' ? new Date(value) : undefined;
  return date && !Number.isNaN(date.getTime()) ? date : undefined;
};

/** Ids are numbers in older versions; what is no status is none that has ended. */
const executionOf = (given: Record<string, unknown>): N8nExecution => ({
  id: String(given['id']),
  status: typeof given['status'] === 'string' ? given['status'] : 'unknown',
  stoppedAt: instant(given['stoppedAt']),
  waitTill: instant(given['waitTill']),
  // 0 is n8n's own word for unknown.
  bytes: Number(given['jsonSizeBytes']) || undefined,
});

interface Answer {
  status: number;
  body: Record<string, unknown>;
}

export function createN8nApi(options: N8nOptions): N8nApi {
  const { url, apiKey, timeoutMs = 30_000, startupMs = 30_000 } = options;

  async function request(path: string, signal?: AbortSignal, method = 'GET'): Promise<Response> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await fetch(`${url}${path}`, {
        method,
        headers: { 'X-N8N-API-KEY': apiKey, accept: 'application/json' },
        // Followed, it would take the key to another host.
        redirect: 'manual',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
    } catch (error) {
      throw lost(error, signal);
    }
  }

  function lost(error: unknown, signal?: AbortSignal): Error {
    if (signal?.aborted) return signal.reason as Error;
    const { name, cause } = error as { name?: string; cause?: { code?: string } };
    if (name === 'TimeoutError') return unavailable(`no answer in ${String(timeoutMs / 1_000)} s`);
    return unavailable(cause?.code ?? 'the connection failed; check N8N_URL');
  }

  /** While it starts, n8n says 200 to anything, with the text "n8n is starting up": only readiness tells. */
  async function ready(signal?: AbortSignal): Promise<void> {
    const end = performance.now() + startupMs;
    for (;;) {
      let status: number | undefined;
      try {
        const answer = await request('/healthz/readiness', signal);
        await answer.body?.cancel();
        ({ status } = answer);
      } catch (error) {
        signal?.throwIfAborted();
        if (performance.now() > end) throw error;
      }
      // Older versions have no such page.
      if (status === 200 || status === 404) return;
      if (performance.now() > end)
        throw unavailable(`it is not ready${status ? ` (HTTP ${String(status)})` : ''}`);
      await delay(POLL_MS, undefined, { signal });
    }
  }

  /** Waits where n8n, or what stands before it, limits the number of requests. */
  async function patiently(path: string, signal?: AbortSignal, method?: string): Promise<Response> {
    for (let waits = 0; ; waits += 1) {
      const answer = await request(path, signal, method);
      if (answer.status !== 429) return answer;
      await answer.body?.cancel();
      const asked = retryAfterMs(answer.headers.get('retry-after'));
      const wait = asked ?? 1_000 * 2 ** waits;
      if (waits === WAITS || wait > WAIT_MS)
        throw unavailable('HTTP 429: too many requests; lower cleanup.n8nExecutions.perSecond', asked);
      await delay(wait, undefined, { signal });
    }
  }

  /** An answer of n8n itself: with 200, or with a status that is `fine`. */
  async function json(
    path: string,
    part: Part,
    signal?: AbortSignal,
    { method, fine = [] }: { method?: string; fine?: readonly number[] } = {},
  ): Promise<Answer> {
    const answer = await patiently(path, signal, method);
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    if (answer.status !== 200 && !(isJson && fine.includes(answer.status))) {
      await answer.body?.cancel();
      throw failureOf(answer.status, part);
    }
    if (!isJson) {
      await answer.body?.cancel();
      throw unavailable(
        'it answered with a page instead of data; is it starting, or does N8N_URL lead elsewhere?',
      );
    }
    try {
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    } catch (error) {
      throw error instanceof SyntaxError ? unavailable('its answer is cut') : lost(error, signal);
    }
  }

  async function* pages(part: Part, query: string, cursor: string | undefined, signal?: AbortSignal) {
    await ready(signal);
    const seen = new Set([cursor]);
    for (let from = cursor; ;) {
      const next = from === undefined ? '' : `&cursor=${encodeURIComponent(from)}`;
      const { body } = await json(`/api/v1/${part}?limit=${String(PAGE[part])}${query}${next}`, part, signal);
      if (!Array.isArray(body['data'])) throw unavailable(`its answer holds no ${part}`);
      yield { cursor: from, data: body['data'] as Record<string, unknown>[] };
      const following = body['nextCursor'];
      if (typeof following !== 'string' || following === '') return;
      // The same pages again and again would never end.
      if (seen.has(following)) throw unavailable('its pages go round in a circle');
      seen.add((from = following));
    }
  }

  const one = (id: string) => `/api/v1/executions/${encodeURIComponent(id)}`;

  return {
    async *workflows(signal) {
      for await (const { data } of pages('workflows', '', undefined, signal)) yield* data;
    },
    async *executions({ cursor, signal } = {}) {
      for await (const page of pages('executions', '&includeData=false', cursor, signal))
        yield { cursor: page.cursor, executions: page.data.map(executionOf) };
    },
    async execution(id, signal) {
      const { status, body } = await json(one(id), 'executions', signal, { fine: [404] });
      return status === 404 ? undefined : executionOf(body);
    },
    async deleteExecution(id, signal) {
      const { status } = await json(one(id), 'executions', signal, { method: 'DELETE', fine: [400, 404] });
      // 400: "Cannot delete a running execution".
      return status === 200 ? 'deleted' : status === 404 ? 'gone' : 'running';
    },
  };
}
