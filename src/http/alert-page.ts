import { WorkflowNotFoundError } from '@temporalio/client';
import { Hono } from 'hono';
import type { Context } from 'hono';
import { readAlertLink } from '../alerts/link.ts';
import { readAlert, type ListedAlert } from '../alerts/list.ts';
import { alertPage, awayPage, wrongPage, type PageSettings } from './alert-page-view.ts';
import type { HttpDeps } from './app.ts';

// A person waits: after this long the page says that nobody answers.
const ANSWER_MS = 5_000;

/**
 * The link of an SMS or e-mail: `GET` shows the alert, `POST` acknowledges it. Mail scanners open every link, so `GET`
 * changes nothing. A repetition is harmless: an acknowledged alert stays so.
 */
export function alertPages({ config, client, ops, logger }: HttpDeps): Hono {
  const app = new Hono();
  const { environment, policy } = config;

  /** The alert behind the link, or the answer that there is none. */
  async function open(context: Context, settings: PageSettings): Promise<ListedAlert | Response> {
    const { linkSigningKey } = environment;
    const alertId = linkSigningKey && readAlertLink(linkSigningKey, context.req.param('link') ?? '');
    if (!alertId) return context.html(wrongPage(settings), 404);
    try {
      // Signed by us and not there: the operations database was lost, and nothing is known of it.
      return (await within(readAlert(ops, alertId))) ?? context.html(wrongPage(settings), 404);
    } catch (error) {
      return away(context, settings, error);
    }
  }

  const away = (context: Context, settings: PageSettings, error: unknown) => {
    logger.error({ err: error, path: '/a/…' }, 'an alert could not be shown or acknowledged');
    context.header('Retry-After', '60');
    return context.html(awayPage(settings), 503);
  };

  const settingsOf = (): PageSettings => ({ locale: policy.locale, timeZone: policy.timeZone });

  app.get('/:link', async (context) => {
    const settings = settingsOf();
    const alert = await open(context, settings);
    if (alert instanceof Response) return alert;
    return context.html(alertPage(settings, alert), alert.state === 'resolved' ? 410 : 200);
  });

  app.post('/:link', async (context) => {
    const settings = settingsOf();
    const alert = await open(context, settings);
    if (alert instanceof Response) return alert;
    if (alert.state === 'resolved') return context.html(alertPage(settings, alert), 410);
    try {
      const { workflowId, alertId } = alert;
      await client.withDeadline(Date.now() + ANSWER_MS, () =>
        client.workflow.getHandle(workflowId).signal('acknowledge', { by: 'link', alertId }),
      );
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) return away(context, settings, error);
      // It has just ended, and its row does not say so yet.
      const over = { ...alert, state: 'resolved' as const, resolvedAt: new Date().toISOString() };
      return context.html(alertPage(settings, over), 410);
    }
    logger.info({ alertId: alert.alertId }, 'alert acknowledged by its link');
    return context.html(alertPage(settings, alert, { done: alert.acknowledgedAt === undefined }));
  });
  return app;
}

async function within<Value>(work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('the operations database does not answer')), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
