import type { Client } from '@temporalio/client';
import type { Hono } from 'hono';
import type { Queryable, Transaction } from '../../../src/clients/postgres.ts';
import type { Config } from '../../../src/config/index.ts';
import { policySchema } from '../../../src/config/policy.ts';
import { createApp } from '../../../src/http/app.ts';
import { DEMO_NOW } from '../../support/postgres.ts';

/** A transaction is one connection: the page asks several things at once. */
export function oneByOne(tx: Transaction): Queryable {
  let last: Promise<unknown> = Promise.resolve();
  return {
    query: <Row extends object>(text: string, values?: readonly unknown[]) => {
      const next = last.then(() => tx.query<Row>(text, values));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

export interface PageOptions {
  client: Client;
  ops: Queryable;
  app: Queryable;
  environment?: object;
  missing?: Record<string, string[]>;
}

export function statusApp({ client, ops, app, environment, missing = {} }: PageOptions): Hono {
  const config = {
    environment: {
      httpBind: { host: '127.0.0.1', port: 0 },
      temporalUiUrl: 'http://127.0.0.1:8233',
      ...environment,
    },
    policy: policySchema.parse({}),
    jobs: Object.entries(missing).map(([scheduleId, names]) => ({
      scheduleId,
      missing: names,
      ready: false,
    })),
  } as unknown as Config;
  const quiet = () => undefined;
  const logger = { info: quiet, error: quiet };
  return createApp({ config, client, ops, app, logger, now: () => DEMO_NOW });
}

/** Asked from this machine, in a language. */
export const ask = async (
  app: Hono,
  path = '/',
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> => {
  const response = await app.request(`http://127.0.0.1:3000${path}`, { headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
};
