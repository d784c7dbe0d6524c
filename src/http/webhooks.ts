import { isGrpcServiceError } from '@temporalio/client';
import { Hono } from 'hono';
import type { Context } from 'hono';
import type { Config } from '../config/index.ts';
import { mintManualKey, startManually } from '../schedules/manual.ts';
import { rowOf } from '../schedules/rows.ts';
import { MANUAL_KEY } from '../shared/ids.ts';
import { isSame, tokenOf } from './access.ts';
import type { HttpDeps } from './app.ts';

// Callers wait: after this long they hear 503 and repeat with the same key.
const START_MS = 5000;

export function webhooks({ config, client, logger }: HttpDeps): Hono {
  const app = new Hono();
  const row = rowOf('backup-database');

  app.post('/backup-manual', async (context) => {
    const refused = refuseStranger(context, config) ?? refuseWhenOff(context, config);
    if (refused) return refused;
    const key = context.req.header('Idempotency-Key') ?? mintManualKey();
    if (!MANUAL_KEY.test(key)) {
      const form = 'letters, digits, dot, underscore and hyphen, 64 at the most, a letter or digit first';
      return context.json({ error: `Idempotency-Key must be ${form}` }, 400);
    }
    try {
      const run = await client.withDeadline(Date.now() + START_MS, () => startManually(client, row, key));
      const { repeated, ...ids } = run;
      logger.info({ ...ids, repeated }, 'backup by webhook');
      return context.json(ids, repeated ? 200 : 202);
    } catch (error) {
      if (!isTemporalAway(error)) throw error;
      context.header('Retry-After', '10');
      // The start may have arrived: with the same key a repeat starts no second one.
      return context.json(
        { error: 'Temporal does not answer; repeat with this key', idempotencyKey: key },
        503,
      );
    }
  });
  return app;
}

/** The caller hears it, and repeats: nothing was lost and nothing done twice. */
export function answerAway(context: Context): Response {
  context.header('Retry-After', '10');
  return context.json({ error: 'Temporal does not answer; repeat' }, 503);
}

export function refuseStranger(context: Context, { environment }: Config): Response | undefined {
  const token = environment.webhookToken;
  if (token === undefined) {
    return context.json({ error: 'webhooks are off: WEBHOOK_TOKEN is not set' }, 503);
  }
  // Also as the password of `https://talos:token@host/…`, for services that can send no header of their own.
  const given = tokenOf(context);
  if (given !== undefined && isSame(given, token)) return undefined;
  context.header('WWW-Authenticate', 'Bearer realm="talos"');
  return context.json({ error: 'a valid bearer token is needed' }, 401);
}

function refuseWhenOff(context: Context, { jobs }: Config): Response | undefined {
  const missing = jobs.find((job) => job.scheduleId === 'backup-database')?.missing ?? [];
  if (missing.length === 0) return undefined;
  return context.json({ error: `backup-database is off: ${missing.join(', ')} not set`, missing }, 409);
}

// gRPC: deadline exceeded, resource exhausted, unavailable.
const AWAY_CODES = [4, 8, 14];

export const isTemporalAway = (error: unknown): boolean => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause) && AWAY_CODES.includes(cause.code);
};
