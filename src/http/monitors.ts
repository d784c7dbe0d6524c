/** What others saw from outside: webhooks of UptimeRobot and BetterStack become the same alerts as our own probes. */
import { createHash, createHmac } from 'node:crypto';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { z } from 'zod';
import { alertWorkflowId } from '../alerts/index.ts';
import { tellAlert } from '../monitoring/tell.ts';
import { isSame } from './access.ts';
import type { HttpDeps } from './app.ts';
import { answerAway, isTemporalAway, refuseStranger } from './webhooks.ts';

/** The outside's view of one of its monitors; undefined: news that is no outage. */
type Sight = { monitor: string; is: 'down' | 'up'; since?: string } | undefined;

const text = z.union([z.string(), z.number()]).transform(String);

/** UptimeRobot, with the JSON value of docs/operate.md: alert types 1 (down), 2 (up), 3 (certificate). */
const uptimeRobot = z
  .object({ monitorID: text, alertType: text, alertDateTime: text.optional() })
  .transform(({ monitorID, alertType, alertDateTime = '' }): Sight => {
    if (alertType !== '1' && alertType !== '2') return undefined;
    // Seconds since 1970; what does not apply to a notice stays `*alertDateTime*`.
    const since = /^\d{10}$/.test(alertDateTime) ? new Date(Number(alertDateTime) * 1000) : undefined;
    return { monitor: monitorID, is: alertType === '1' ? 'down' : 'up', since: since?.toISOString() };
  });

const instant = z.iso.datetime({ offset: true }).nullish();

/** BetterStack: one incident as JSON:API, sent when it starts, is acknowledged, commented, resolved or reopened. */
const betterStack = z
  .object({
    event: z.string().optional(),
    data: z.object({
      type: z.string(),
      attributes: z.object({
        status: z.string().nullish(),
        started_at: instant,
        acknowledged_at: instant,
        resolved_at: instant,
      }),
      relationships: z
        .object({ monitor: z.object({ data: z.object({ id: text }).nullish() }).optional() })
        .optional(),
    }),
  })
  .transform(({ event, data: { type, attributes, relationships } }): Sight => {
    const monitor = relationships?.monitor?.data?.id;
    const { status, started_at: started, acknowledged_at: acknowledged, resolved_at: resolved } = attributes;
    if (type !== 'incident' || monitor === undefined) return undefined;
    const seen = acknowledged ? 'acknowledged' : 'started';
    const word = (event ?? status ?? (resolved ? 'resolved' : seen)).toLowerCase();
    if (word === 'resolved') return { monitor, is: 'up' };
    // An acknowledgement may come after the end: taken for an outage, it would ring, and never end.
    const begins = ['started', 'created', 'reopened'].includes(word);
    return begins ? { monitor, is: 'down', since: started ?? undefined } : undefined;
  });

/** Part of a workflow id and of an SMS: an id as it is, anything else by its digest. */
const targetOf = (monitor: string): string =>
  `outside:${/^[A-Za-z0-9-]{1,32}$/.test(monitor) ? monitor : createHash('sha256').update(monitor).digest('hex').slice(0, 12)}`;

/**
 * For a service that can set no header: the last part of the path. It is derived, so that who holds it can report
 * outages, and neither start a backup nor learn WEBHOOK_TOKEN.
 */
export const pathSecret = (webhookToken: string, service: string): string =>
  createHmac('sha256', webhookToken).update(`webhook|${service}`).digest('hex').slice(0, 32);

export function monitors({ config, client }: HttpDeps): Hono {
  const app = new Hono();
  const route = (service: string, shape: z.ZodType<Sight>) =>
    app.post(`/${service}/:secret?`, async (context) => {
      const secret = context.req.param('secret');
      const { webhookToken } = config.environment;
      const known =
        secret !== undefined &&
        webhookToken !== undefined &&
        isSame(secret, pathSecret(webhookToken, service));
      const refused = known ? undefined : refuseStranger(context, config);
      if (refused) return refused;
      const read = shape.safeParse(await bodyOf(context));
      if (!read.success) {
        const problems = read.error.issues.map(
          (issue) => `${issue.path.join('.') || 'body'}: ${issue.message}`,
        );
        return context.json({ error: `not what ${service} sends`, problems }, 400);
      }
      if (read.data === undefined) return context.json({ ignored: true }, 202);
      return await tell(context, read.data);
    });

  async function tell(context: Context, { monitor, is, since }: NonNullable<Sight>): Promise<Response> {
    const key = { rule: 'AL4', target: targetOf(monitor) };
    const at = new Date().toISOString();
    // Their clock may be ahead of ours.
    const began = since === undefined ? at : new Date(Math.min(Date.parse(since), Date.parse(at)));
    try {
      await tellAlert(
        client,
        is === 'up'
          ? { kind: 'clear', ...key, at }
          : {
              ...{ kind: 'fire', ...key, level: config.policy.alerts.AL4.level, at, reason: 'outside' },
              since: new Date(began).toISOString(),
            },
      );
    } catch (error) {
      if (!isTemporalAway(error)) throw error;
      return answerAway(context);
    }
    return context.json({ alert: alertWorkflowId(key), is }, 202);
  }

  route('uptimerobot', uptimeRobot);
  route('betterstack', betterStack);
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
