import type { Client } from '@temporalio/client';
import type { Config } from '../../src/config/index.ts';
import { createApp } from '../../src/http/app.ts';
import type { HttpDeps } from '../../src/http/app.ts';

export const NO_ROWS = { query: async () => [] };

export const TOKEN = 'a-token-of-the-tests-0123456789';

export interface TestApp {
  config?: { webhookToken?: string | null; missing?: string[] };
  client: Client;
  ops?: HttpDeps['ops'];
  app?: HttpDeps['app'];
}

export const configOf = ({ webhookToken = TOKEN, missing = [] }: NonNullable<TestApp['config']>): Config =>
  ({
    environment: { webhookToken: webhookToken ?? undefined, httpBind: { host: '127.0.0.1', port: 0 } },
    jobs: [{ scheduleId: 'backup-database', ready: missing.length === 0, missing }],
  }) as unknown as Config;

/** The routes over a real client; every log line is kept. */
export function testApp({ config = {}, client, ops = NO_ROWS, app: saas = ops }: TestApp) {
  const lines: unknown[][] = [];
  const logger = { info: keep, error: keep } as unknown as HttpDeps['logger'];
  function keep(...line: unknown[]) {
    lines.push(line);
  }
  const app = createApp({ config: configOf(config), client, ops, app: saas, logger });
  const post = async (
    headers: Record<string, string> = { Authorization: `Bearer ${TOKEN}` },
    body?: string,
  ) => app.request('/webhook/backup-manual', { method: 'POST', headers, body });
  return { app, post, logged: () => JSON.stringify(lines) };
}
