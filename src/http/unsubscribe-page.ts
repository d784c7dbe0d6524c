import { Hono } from 'hono';
import type { Context } from 'hono';
import { html } from 'hono/html';
import { readUnsubscribeLink, refuseContact } from '../notifications/index.ts';
import type { HttpDeps } from './app.ts';
import { localeOf } from './language.ts';
import { page, type Frame, type Page } from './page.ts';
import { UNSUBSCRIBE_WORDS, type UnsubscribeWords } from './unsubscribe-words.ts';

/**
 * The way out of offers. `GET` shows a button: mail scanners open every link. `POST` withdraws at once, from the button
 * or from the mail program itself (RFC 8058: no cookie, no redirect). A repetition changes nothing.
 */
export function unsubscribePages({ config, ops, app: saas, logger }: HttpDeps): Hono {
  const app = new Hono();
  const { environment, policy } = config;

  const show = (
    context: Context,
    card: (t: UnsubscribeWords) => Omit<Frame, 'locale' | 'brand' | 'footer'>,
  ): Page => {
    const locale = localeOf(context, policy.locale);
    const { brand } = policy.customers;
    const t = UNSUBSCRIBE_WORDS[locale];
    context.header('Content-Language', locale);
    context.header('Vary', 'Accept-Language');
    return page({ ...card(t), locale, brand, footer: t.footer(brand) });
  };

  /** The account, or the page that says why there is none. */
  function open(context: Context): string | Response | Promise<Response> {
    const { linkSigningKey } = environment;
    const link = linkSigningKey && readUnsubscribeLink(linkSigningKey, context.req.param('link') ?? '');
    if (!link)
      return context.html(
        show(context, (t) => ({ tone: 'plain', state: `${t.error} 404`, title: t.wrong, line: t.wrongLine })),
        404,
      );
    if (link.expired)
      return context.html(
        show(context, (t) => ({ tone: 'plain', state: `${t.error} 410`, title: t.old, line: t.oldLine })),
        410,
      );
    return link.subject;
  }

  app.get('/:link', async (context) => {
    const account = await open(context);
    if (typeof account !== 'string') return account;
    return context.html(
      show(context, (t) => ({
        ...{ tone: 'plain', state: t.state, title: t.title, line: t.line(policy.customers.brand) },
        body: html`<section>
          <form method="post">
            <button type="submit">${t.button}</button>
          </form>
          <p class="note">${t.note}</p>
        </section>`,
      })),
    );
  });

  app.post('/:link', async (context) => {
    const accountId = await open(context);
    if (typeof accountId !== 'string') return accountId;
    try {
      const { passedOn } = await refuseContact(
        { app: saas, ops },
        { accountId, channel: 'email', at: new Date() },
      );
      logger.info({ accountId, passedOn }, 'a customer unsubscribed');
    } catch (error) {
      logger.error({ err: error, path: '/u/…' }, 'a customer could not be unsubscribed');
      context.header('Retry-After', '60');
      return context.html(
        show(context, (t) => ({ tone: 'warn', state: `${t.error} 503`, title: t.away, line: t.awayLine })),
        503,
      );
    }
    return context.html(
      show(context, (t) => ({
        ...{ tone: 'good', state: `✓ ${t.done}`, title: t.doneTitle, line: t.doneLine },
        body: html`<section><p class="lead">${t.doneMore}</p></section>`,
      })),
    );
  });
  return app;
}
