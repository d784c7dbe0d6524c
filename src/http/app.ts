import type { Client } from '@temporalio/client';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import type { Logger } from 'pino';
import type { Queryable } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { alertPages } from './alert-page.ts';
import { health } from './health.ts';
import { metrics } from './metrics/routes.ts';
import { monitors } from './monitors.ts';
import { STYLE_HASH } from './page.ts';
import { reactivatePages } from './reactivate-page.ts';
import { statusPages } from './status/routes.ts';
import { STATUS_STYLE_HASH } from './status/style.ts';
import { testLoads } from './test-load.ts';
import { twilioCallbacks } from './twilio.ts';
import { twilioReplies } from './twilio-replies.ts';
import { unsubscribePages } from './unsubscribe-page.ts';
import { webhooks } from './webhooks.ts';

export interface HttpDeps {
  config: Config;
  client: Client;
  ops: Queryable;
  /** The application's database: a refusal is passed on to it. */
  app: Queryable;
  logger: Pick<Logger, 'info' | 'error'>;
  /** Where Temporal's runtime tells its metrics, as host:port; undefined: this process has no worker. */
  workerMetrics?: string;
  /** Stands in for the clock of the status page and the metrics. */
  now?: () => Date;
}

const MAX_BODY_BYTES = 64 * 1024;

const INDEX = `TalosPrimes Maintenance

GET  /                       the status page (on this machine, or with STATUS_TOKEN as the password)
GET  /metrics                the same for Prometheus
GET  /health                 this process answers
GET  /health/ready           Temporal and the operations database answer too
POST /twilio/status/…        what became of an SMS (signed by Twilio)
POST /webhook/backup-manual  starts a backup (bearer token WEBHOOK_TOKEN; optional Idempotency-Key)
POST /webhook/test-load      a processor under load, marked [TEST] ({ mode, seconds }; bearer token)
POST /webhook/uptimerobot    an outage seen from outside becomes an alert (bearer token, or a secret in the path)
POST /webhook/betterstack    the same
POST /webhook/twilio/sms     a customer's answer to an SMS: STOP counts at once (signed by Twilio)
GET  /a/<signed link>        an alert, with a button that acknowledges it
GET  /r/<signed link>        a customer comes back, or is forgotten, with a button each
GET  /u/<signed link>        a customer's way out of offers, with a button (POST: RFC 8058, one click)
`;

/** The links of alerts and customers, and the addresses of callbacks are secrets in a path. */
const withoutToken = (path: string): string =>
  path.replace(/^(\/a\/|\/r\/|\/u\/|\/twilio\/status\/|\/webhook\/(uptimerobot|betterstack)\/).*/, '$1…');

/** Asked by machines all day: a line for each would hide the others. */
const isProbe = (path: string): boolean => path === '/metrics' || path.startsWith('/health');

/** All routes. Only method, path, status and duration are logged: headers, queries and tokens are secrets. */
export function createApp(deps: HttpDeps): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const started = performance.now();
    await next();
    const ms = Math.round(performance.now() - started);
    const { method } = context.req;
    const path = withoutToken(context.req.path);
    const { status } = context.res;
    if (isProbe(path) && status < 400) return;
    deps.logger.info({ method, path, status, ms }, 'http request');
  });
  const none = ["'none'"];
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        ...{ defaultSrc: none, frameAncestors: none, baseUri: none },
        ...{ styleSrc: [STYLE_HASH, STATUS_STYLE_HASH], formAction: ["'self'"] },
      },
    }),
  );
  app.use(async (context, next) => {
    await next();
    context.header('Cache-Control', 'no-store');
  });
  app.use(
    bodyLimit({
      maxSize: MAX_BODY_BYTES,
      onError: (context) => context.json({ error: `the body is larger than ${MAX_BODY_BYTES} bytes` }, 413),
    }),
  );

  app.route('/', statusPages(deps));
  app.get('/help', (context) => context.text(INDEX));
  app.route('/metrics', metrics(deps));
  app.route('/health', health(deps));
  app.route('/webhook', webhooks(deps));
  app.route('/webhook', monitors(deps));
  app.route('/webhook', testLoads(deps));
  app.route('/webhook', twilioReplies(deps));
  app.route('/a', alertPages(deps));
  app.route('/r', reactivatePages(deps));
  app.route('/u', unsubscribePages(deps));
  app.route('/twilio', twilioCallbacks(deps));

  app.notFound((context) =>
    context.json({ error: 'there is nothing here; GET /help lists what there is' }, 404),
  );
  app.onError((error, context) => {
    if (error instanceof HTTPException) return context.json({ error: error.message }, error.status);
    deps.logger.error({ err: error, path: withoutToken(context.req.path) }, 'http request failed');
    return context.json({ error: 'something went wrong here; the log says what' }, 500);
  });
  return app;
}
