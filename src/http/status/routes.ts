import { WorkflowNotFoundError } from '@temporalio/client';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { csrf } from 'hono/csrf';
import { readAlert } from '../../alerts/list.ts';
import type { Locale } from '../../notifications/index.ts';
import { refuseReader } from '../access.ts';
import type { HttpDeps } from '../app.ts';
import { readFacts, type Sources } from './facts.ts';
import { statusPage } from './page.ts';

const REFRESH_SECONDS = 60;
const ANSWER_MS = 5_000;
/** The alert's workflow writes its row some milliseconds after the signal: the page that follows shows it. */
const [SHOWN_MS, LOOK_MS] = [2_000, 50];

export const sourcesOf = ({ client, ops, app, config, logger }: HttpDeps): Sources => ({
  ...{ client, ops, app, timeZone: config.policy.timeZone },
  onSilence: (source, error) => logger.error({ err: error, source }, 'a source of the status page is silent'),
});

/** `?lang`, else the reader's own, else the policy's. */
function localeOf(context: Context, fallback: Locale): Locale {
  const [first = ''] = (context.req.header('accept-language') ?? '').toLowerCase().split(',');
  const asked = context.req.query('lang') ?? first.slice(0, 2);
  return asked === 'en' || asked === 'fr' ? asked : fallback;
}

/** `GET /` is the status page; `POST /acknowledge` is the button of its alerts. */
export function statusPages(deps: HttpDeps): Hono {
  const app = new Hono();
  const { config, client, ops, logger } = deps;
  const { environment } = config;

  app.get('/', async (context) => {
    const refused = refuseReader(context, config);
    if (refused) return refused;
    const locale = localeOf(context, config.policy.locale);
    const facts = await readFacts(sourcesOf(deps), deps.now?.());
    // By a header, and with a link that stops it: nobody who reads slowly loses the place (WCAG 2.2.1, 2.2.2).
    const refreshSeconds = context.req.query('refresh') === '0' ? undefined : REFRESH_SECONDS;
    if (refreshSeconds !== undefined) context.header('Refresh', String(refreshSeconds));
    context.header('Content-Language', locale);
    context.header('Vary', 'Accept-Language');
    // With `no-referrer` browsers send the button's form with the origin `null`.
    context.header('Referrer-Policy', 'same-origin');
    const { temporalUiUrl } = environment;
    const { namespace } = client.options;
    const { timeZone } = config.policy;
    return context.html(
      statusPage(facts, { config, locale, timeZone, temporalUiUrl, namespace, refreshSeconds }),
    );
  });

  // A browser sends the token of its own accord, also for a form of another site: that is what csrf refuses.
  const publicOrigin = environment.publicUrl && new URL(environment.publicUrl).origin;
  const sameOrigin = csrf({
    origin: (origin, context) => origin === new URL(context.req.url).origin || origin === publicOrigin,
  });

  app.post('/acknowledge', sameOrigin, async (context) => {
    const refused = refuseReader(context, config);
    if (refused) return refused;
    const { alert: given } = await context.req.parseBody();
    const alertId = typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : undefined;
    const alert = alertId === undefined ? undefined : await readAlert(ops, alertId);
    if (!alert) return context.text('There is no such alert.\n', 404);
    try {
      await client.withDeadline(Date.now() + ANSWER_MS, () =>
        client.workflow
          .getHandle(alert.workflowId)
          .signal('acknowledge', { by: 'page', alertId: alert.alertId }),
      );
      logger.info({ alertId }, 'alert acknowledged on the status page');
      await untilShown(alert.alertId);
    } catch (error) {
      // Over meanwhile: the page says so.
      if (!(error instanceof WorkflowNotFoundError)) {
        logger.error({ err: error, path: '/acknowledge' }, 'an alert could not be acknowledged');
        return context.text('Temporal does not answer: nothing was changed. Try again in a minute.\n', 503);
      }
    }
    return context.redirect('/', 303);
  });

  async function untilShown(alertId: number): Promise<void> {
    const end = Date.now() + SHOWN_MS;
    while (Date.now() < end) {
      const alert = await readAlert(ops, alertId);
      if (alert?.acknowledgedAt !== undefined || alert?.resolvedAt !== undefined) return;
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
  }
  return app;
}
