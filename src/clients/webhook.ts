import { createHmac } from 'node:crypto';

/** One signed request to an address of the operator's: n8n, Slack, Telegram, anything that takes JSON. */
export interface WebhookSender {
  /** Throws `WebhookRejected` or `WebhookUnavailable`; their texts hold neither the address nor the answer. */
  send(message: { id: string; body: unknown }): Promise<{ providerId: string }>;
}

export interface WebhookOptions {
  /** May hold a token: it is a secret. */
  url: string;
  /** `whsec_` and base64, or any text. */
  secret?: string;
  /** For tests: how long an answer may take (ms). */
  timeoutMs?: number;
}

export class WebhookRejected extends Error {
  override readonly name = 'WebhookRejected';
  readonly code: string;

  constructor(code: string) {
    super(`The webhook refused the notice (${code})`);
    this.code = code;
  }
}

export class WebhookUnavailable extends Error {
  override readonly name = 'WebhookUnavailable';
  readonly code: string;

  constructor(code: string) {
    super(`The webhook did not take the notice (${code})`);
    this.code = code;
  }
}

const ANSWER_MS = 10_000;
/** Answers below 500 after which the same request may yet be taken. */
const LATER = new Set([408, 423, 425, 429]);

/** Signed as standardwebhooks.com says, for which every language has a verifier. */
export function signWebhook(secret: string, id: string, timestamp: number, body: string): string {
  const prefix = 'whsec_';
  const key = secret.startsWith(prefix) ? Buffer.from(secret.slice(prefix.length), 'base64') : secret;
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

export function createWebhookSender({ url, secret, timeoutMs = ANSWER_MS }: WebhookOptions): WebhookSender {
  return {
    async send({ id, body }) {
      const text = JSON.stringify(body);
      const timestamp = Math.floor(Date.now() / 1_000);
      let status: number;
      try {
        const response = await fetch(url, {
          method: 'POST',
          body: text,
          headers: {
            'content-type': 'application/json',
            'user-agent': 'TalosPrimes-Maintenance',
            'webhook-id': id,
            'webhook-timestamp': String(timestamp),
            ...(secret === undefined
              ? {}
              : { 'webhook-signature': signWebhook(secret, id, timestamp, text) }),
          },
          // Another address than the one that was written down never gets it.
          redirect: 'manual',
          signal: AbortSignal.timeout(timeoutMs),
        });
        await response.body?.cancel();
        ({ status } = response);
      } catch (error) {
        throw new WebhookUnavailable(codeOf(error));
      }
      const code = `HTTP ${status}`;
      if (status >= 200 && status < 300) return { providerId: code };
      if (status >= 500 || LATER.has(status)) throw new WebhookUnavailable(code);
      throw new WebhookRejected(code);
    },
  };
}

function codeOf(error: unknown): string {
  const { name, cause } = (error ?? {}) as { name?: unknown; cause?: { code?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'TimeoutError' ? 'no answer' : 'Unknown';
}
