/** What others saw from outside: webhooks of UptimeRobot and BetterStack become the same alerts as our own probes. */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { tellAlert } from '../monitoring/tell.ts';
import type { HttpDeps } from './app.ts';
import { answerAway, isTemporalAway, refuseStranger } from './webhooks.ts';

/** The outside's view of one of its monitors; undefined: news that is no outage. */
type Sight = { monitor: string; is: 'down' | 'up'; since?: string } | undefined;

const text = z.union([z.string(), z.number()]).transform(String);

/** UptimeRobot, with the JSON value of docs/alerts.md: alert types 1 (down), 2 (up), 3 (certificate). */
const uptimeRobot = z
  .object({ monitorID: text, alertType: text })
  .transform(({ monitorID, alertType }): Sight =>
    alertType === '1' || alertType === '2'
      ? { monitor: monitorID, is: alertType === '1' ? 'down' : 'up' }
      : undefined,
  );

/** BetterStack: one incident as JSON:API; it is over when `resolved_at` is set. */
const betterStack = z
  .object({
    data: z.object({
      type: z.string(),
      attributes: z.object({
        started_at: z.iso.datetime({ offset: true }).nullish(),
        resolved_at: z.string().nullish(),
      }),
      relationships: z
        .object({ monitor: z.object({ data: z.object({ id: text }).nullish() }).optional() })
        .optional(),
    }),
  })
  .transform(({ data: { type, attributes, relationships } }): Sight => {
    const monitor = relationships?.monitor?.data?.id;
    if (type !== 'incident' || monitor === undefined) return undefined;
    const over = attributes.resolved_at != null;
    return { monitor, is: over ? 'up' : 'down', since: attributes.started_at ?? undefined };
  });

/** Part of a workflow id and of an SMS: an id as it is, anything else by its digest. */
const targetOf = (monitor: string): string =>
  `outside:${/^[A-Za-z0-9-]{1,32}$/.test(monitor) ? monitor : createHash('sha256').update(monitor).digest('hex').slice(0, 12)}`;

export function monitors({ config, client }: HttpDeps): Hono {
  const app = new Hono();
  const route = (path: string, shape: z.ZodType<Sight>) =>
    app.post(path, async (context) => {
      const refused = refuseStranger(context, config);
      if (refused) return refused;
      const read = shape.safeParse(await bodyOf(context));
      if (!read.success) {
        const problems = read.error.issues.map(
          (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
        );
        return context.json({ error: 'not what this service sends', problems }, 400);
      }
      if (read.data === undefined) return context.json({ ignored: true }, 202);
      return await tell(context, read.data);
    });

  async function tell(context: Context, { monitor, is, since }: NonNullable<Sight>): Promise<Response> {
    const key = { rule: 'AL4', target: targetOf(monitor) };
    const at = new Date().toISOString();
    try {
      await tellAlert(
        client,
        is === 'up'
          ? { kind: 'clear', ...key, at }
          : {
              ...{ kind: 'fire', ...key, level: config.policy.alerts.AL4.level, at, reason: 'outside' },
              since: since === undefined ? at : new Date(since).toISOString(),
            },
      );
    } catch (error) {
      if (!isTemporalAway(error)) throw error;
      return answerAway(context);
    }
    return context.json({ alert: `alert/${key.rule}/${key.target}`, is }, 202);
  }

  route('/uptimerobot', uptimeRobot);
  route('/betterstack', betterStack);
  return app;
}

/** JSON, or the form that UptimeRobot sends without its tick at "Send as JSON". */
async function bodyOf(context: Context): Promise<unknown> {
  const body = await context.req.text();
  if (context.req.header('Content-Type')?.includes('x-www-form-urlencoded'))
    return Object.fromEntries(new URLSearchParams(body));
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return undefined;
  }
}
