import { setTimeout as delay } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';

/** What the project needs of n8n's public API (v1). Rejects with `N8nRefused` (permanent) or `N8nUnavailable`. */
export interface N8nApi {
  /** Every workflow as the API gives it, with its nodes and connections; active or not. */
  workflows(signal?: AbortSignal): AsyncGenerator<Record<string, unknown>>;
}

export interface N8nOptions {
  url: string;
  apiKey: string;
  /** Of one request. */
  timeoutMs?: number;
  /** How long a starting n8n (it migrates its database after an update) is waited for. */
  startupMs?: number;
}

const PAGE = 100;
const POLL_MS = 500;

const refused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`n8n refused the request: ${why}`, 'N8nRefused');
const unavailable = (why: string): ApplicationFailure =>
  ApplicationFailure.retryable(`n8n does not answer: ${why}`, 'N8nUnavailable');

/** The texts name settings and codes: neither the address nor the key, and nothing of what n8n answered. */
function failureOf(status: number): ApplicationFailure {
  if (status === 401 || status === 403)
    return refused(
      `HTTP ${String(status)}; make a new API key with the scope workflow:list, for N8N_API_KEY`,
    );
  if (status === 404)
    return refused('HTTP 404; does N8N_URL lead to n8n, and is its public API switched on?');
  if (status >= 300 && status < 400)
    return refused(`HTTP ${String(status)}; N8N_URL is redirected: write the address it leads to`);
  if (status >= 400 && status < 500 && status !== 429) return refused(`HTTP ${String(status)}`);
  return unavailable(`HTTP ${String(status)}`);
}

export function createN8nApi(options: N8nOptions): N8nApi {
  const { url, apiKey, timeoutMs = 30_000, startupMs = 30_000 } = options;

  async function request(path: string, signal?: AbortSignal): Promise<Response> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      return await fetch(`${url}${path}`, {
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

  async function json(path: string, signal?: AbortSignal): Promise<Record<string, unknown>> {
    const answer = await request(path, signal);
    if (answer.status !== 200) {
      await answer.body?.cancel();
      throw failureOf(answer.status);
    }
    if (!answer.headers.get('content-type')?.includes('json')) {
      await answer.body?.cancel();
      throw unavailable(
        'it answered with a page instead of data; is it starting, or does N8N_URL lead elsewhere?',
      );
    }
    try {
      return (await answer.json()) as Record<string, unknown>;
    } catch (error) {
      throw error instanceof SyntaxError ? unavailable('its answer is cut') : lost(error, signal);
    }
  }

  return {
    async *workflows(signal) {
      await ready(signal);
      let cursor: unknown;
      do {
        const next = typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : '';
        const page = await json(`/api/v1/workflows?limit=${String(PAGE)}${next}`, signal);
        if (!Array.isArray(page['data'])) throw unavailable('its answer holds no workflows');
        yield* page['data'] as Record<string, unknown>[];
        const previous = cursor;
        cursor = page['nextCursor'];
        // The same page again and again would never end.
        if (cursor && cursor === previous) throw unavailable('its pages go round in a circle');
      } while (typeof cursor === 'string' && cursor !== '');
    },
  };
}
