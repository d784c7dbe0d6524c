import { Hono } from 'hono';
import type { Context } from 'hono';
import { html } from 'hono/html';
import { ask, readStanding, type LifecycleState } from '../lifecycle/index.ts';
import { createFormatter, readReactivateLink, type Locale } from '../notifications/index.ts';
import type { HttpDeps } from './app.ts';
import { localeOf } from './language.ts';
import { page, type Frame, type Page } from './page.ts';
import { REACTIVATE_WORDS, type ReactivateWords } from './reactivate-words.ts';

type Card = Omit<Frame, 'locale' | 'brand' | 'footer'>;

/** A person waits: after this long the page says that it is noted. */
const ANSWER_MS = 8_000;

/**
 * « Voulez-vous réactiver ? » `GET` changes nothing: mail scanners open every link. `POST` brings the customer back, or
 * asks once more before it forgets them. Nothing of the person stands on the page; a repetition changes nothing.
 */
export function reactivatePages({ config, client, ops, logger }: HttpDeps): Hono {
  const app = new Hono();
  const { environment, policy } = config;

  function show(
    context: Context,
    status: 200 | 404 | 409 | 410 | 503,
    card: (t: ReactivateWords, locale: Locale) => Card,
  ) {
    const locale = localeOf(context, policy.locale);
    const { brand } = policy.customers;
    const t = REACTIVATE_WORDS[locale];
    context.header('Content-Language', locale);
    context.header('Vary', 'Accept-Language');
    if (status === 503) context.header('Retry-After', '60');
    return context.html(page({ ...card(t, locale), locale, brand, footer: t.footer(brand) }), status);
  }

  /** The lifecycle that the link is for, or the page that says why there is none. */
  async function open(context: Context): Promise<LifecycleState | Response> {
    const { linkSigningKey } = environment;
    const link = linkSigningKey
      ? readReactivateLink(linkSigningKey, context.req.param('link') ?? '')
      : undefined;
    if (!link)
      return show(context, 404, (t) => ({
        tone: 'plain',
        state: `${t.error} 404`,
        title: t.wrong,
        line: t.wrongLine,
      }));
    if (link.expired)
      return show(context, 410, (t) => ({ tone: 'plain', state: t.old, title: t.oldTitle, line: t.oldLine }));
    const standing = await readStanding(ops, link.accountId);
    // Its row goes with the customer.
    if (!standing || standing.phase === 'erasing') return late(context);
    if (standing.episode !== link.episode || standing.endedAt !== undefined)
      return show(context, 410, (t) => ({
        ...{ tone: 'plain', state: t.used, title: t.usedTitle, line: t.usedLine },
        body: toApp(t),
      }));
    return standing;
  }

  const late = (context: Context) =>
    show(context, 410, (t) => ({ tone: 'plain', state: t.late, title: t.lateTitle, line: t.lateLine }));

  const away = (context: Context, error: unknown) => {
    logger.error({ err: error, path: '/r/…' }, 'a customer could not be shown or brought back');
    return show(context, 503, (t) => ({
      tone: 'warn',
      state: `${t.error} 503`,
      title: t.away,
      line: t.awayLine,
    }));
  };

  const toApp = (t: ReactivateWords): Page | undefined => {
    const { appUrl } = policy.customers;
    return appUrl === undefined
      ? undefined
      : html`<section>
          <p class="lead"><a href="${appUrl}">${t.open}</a></p>
        </section>`;
  };

  app.get('/:link', async (context) => {
    try {
      const standing = await open(context);
      return standing instanceof Response ? standing : question(context, standing);
    } catch (error) {
      return away(context, error);
    }
  });

  const question = (context: Context, { phase, deadline }: LifecycleState) =>
    show(context, 200, (t, locale) => {
      const { brand } = policy.customers;
      const format = createFormatter(locale, policy.timeZone);
      const day = deadline && format.date(new Date(Date.parse(deadline) - 1).toISOString());
      const archived = day ? t.archived(brand, day) : t.archivedNoDay(brand);
      return {
        ...{ tone: 'plain', state: t.state, title: t.title },
        line: phase === 'archived' || !day ? archived : t.asked(brand, day),
        body: html`<section>
            <form method="post">
              <button type="submit">${t.button}</button>
            </form>
            <p class="note">${t.note}</p>
          </section>
          <section class="apart">
            <h2>${t.eraseTitle}</h2>
            <p class="note">${t.eraseText}</p>
            <form method="post">
              <button class="quiet" name="do" value="erase">${t.eraseButton}</button>
            </form>
          </section>`,
      };
    });

  const sure = (context: Context) =>
    show(context, 200, (t) => ({
      ...{ tone: 'bad', state: t.sureState, title: t.sureTitle, line: t.sureLine(policy.customers.brand) },
      body: html`<section>
        <p class="lead">${t.sureKept}</p>
        <form method="post">
          <button class="grave" name="do" value="erase-now">${t.sureButton}</button>
        </form>
        <form method="get">
          <button class="quiet">${t.back}</button>
        </form>
      </section>`,
    }));

  app.post('/:link', async (context) => {
    try {
      const standing = await open(context);
      if (standing instanceof Response) return standing;
      const { accountId } = standing;
      const form = await context.req.parseBody().catch((): Record<string, unknown> => ({}));
      if (form['do'] === 'erase') return sure(context);
      if (form['do'] === 'erase-now') return await erase(context, accountId);
      const { outcome } = await ask(client, accountId, { what: 'reactivate', by: 'link', waitMs: ANSWER_MS });
      logger.info({ accountId, outcome }, 'a customer came back by their link');
      if (outcome === 'too late') return late(context);
      return show(context, 200, (t) =>
        outcome === 'done'
          ? { tone: 'good', state: `✓ ${t.done}`, title: t.doneTitle, line: t.doneLine, body: toApp(t) }
          : { tone: 'good', state: `✓ ${t.noted}`, title: t.notedTitle, line: t.notedLine },
      );
    } catch (error) {
      return away(context, error);
    }
  });

  async function erase(context: Context, accountId: string): Promise<Response> {
    const asked = await ask(client, accountId, { what: 'erase', by: 'link', waitMs: ANSWER_MS });
    logger.info({ accountId, outcome: asked.outcome }, 'a customer asked by their link to be forgotten');
    if (asked.outcome === 'too late') return late(context);
    const {
      phase,
      blocked = [],
      erased,
    } = asked.outcome === 'done' ? asked.view : { phase: 'asked' as const };
    if (phase === 'anonymized' || erased)
      return show(context, 200, (t) => ({
        tone: 'good',
        state: `✓ ${t.done}`,
        title: t.erasedTitle,
        line: t.erasedLine,
      }));
    if (phase === 'erasing')
      return show(context, 200, (t) => ({
        tone: 'good',
        state: `✓ ${t.noted}`,
        title: t.erasingTitle,
        line: t.erasingLine,
      }));
    return show(context, 409, (t) => {
      const why =
        blocked.map((reason) => t.why[reason as keyof typeof t.why] ?? t.why.other)[0] ?? t.why.other;
      return { tone: 'warn', state: t.blocked, title: t.blockedTitle, line: t.blockedLine(why) };
    });
  }
  return app;
}
