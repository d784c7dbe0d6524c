import { html } from 'hono/html';
import type { ListedAlert } from '../alerts/list.ts';
import { alertWords, amount, reasonWords, targetName } from '../notifications/alert-words/index.ts';
import { createFormatter, type Formatter, type Locale } from '../notifications/index.ts';
import { onDay, PAGE_WORDS, type PageWords } from './alert-page-words.ts';
import { facts, page as frame, type Frame, type Page } from './page.ts';

export interface PageSettings {
  locale: Locale;
  timeZone: string;
  /** Stands in for the clock. */
  now?: number;
}

const page = ({ locale, timeZone }: PageSettings, card: Omit<Frame, 'locale' | 'brand' | 'footer'>): Page =>
  frame({ ...card, locale, brand: 'TalosPrimes Maintenance', footer: PAGE_WORDS[locale].footer(timeZone) });

/** Backquotes mark what is typed as it stands; an option is not torn between its hyphens. */
const typed = (text: string): Page[] =>
  text
    .split('`')
    .map((part, index) =>
      index % 2 === 0
        ? html`${part}`
        : html`<code
            >${part.split(' ').map((word, at) => html`${at > 0 ? ' ' : ''}<span>${word}</span>`)}</code
          >`,
    );

function factsOf(alert: ListedAlert, t: PageWords, format: Formatter, now: number): [string, string][] {
  const { data, flaps } = alert;
  const { locale } = format;
  const limit = data.threshold === undefined ? '' : ` ${t.limit(amount(data.threshold, data.unit, format))}`;
  const end = alert.resolvedAt === undefined ? now : Date.parse(alert.resolvedAt);
  return [
    [t.since, format.dateTime(alert.since)],
    [t.lasting, format.duration(Math.max(0, (end - Date.parse(alert.since)) / 1_000))],
    [t.figure, data.value === undefined ? '' : `${amount(data.value, data.unit, format)}${limit}`],
    [t.reason, data.reason === undefined ? '' : reasonWords(locale, data.reason)],
    [t.affected, (data.affected ?? []).map((target) => targetName(locale, target)).join(', ')],
    [t.cause, data.ownJob ?? ''],
    [t.flaps, flaps > 0 ? t.times(format.number(flaps)) : ''],
  ].filter((fact): fact is [string, string] => fact[1] !== '');
}

/** The alert as it stands. `done`: it was acknowledged by this very request. */
export function alertPage(settings: PageSettings, alert: ListedAlert, { done = false } = {}): Page {
  const { locale, timeZone, now = Date.now() } = settings;
  const t = PAGE_WORDS[locale];
  const format = createFormatter(locale, timeZone);
  const words = alertWords(locale, alert.data);
  const id = `A${alert.alertId}${alert.test ? ` [${t.test}]` : ''}`;
  const title = `${words.title.charAt(0).toLocaleUpperCase(locale)}${words.title.slice(1)}`;
  const rows = facts(factsOf(alert, t, format, now));
  const { acknowledgedAt } = alert;
  if (alert.state === 'resolved') {
    const at = alert.resolvedAt ?? alert.since;
    const seconds = (Date.parse(at) - Date.parse(alert.since)) / 1_000;
    const line = t.overLine(onDay(format, at), format.duration(Math.max(0, seconds)));
    const body = html`<section><p class="lead">${t.overMore}</p></section>`;
    return page(settings, { tone: 'good', state: `✓ ${t.over} · ${id}`, title, line, body });
  }
  if (done || acknowledgedAt !== undefined) {
    const line =
      done || acknowledgedAt === undefined
        ? t.justAcknowledged
        : t.acknowledgedAt(onDay(format, acknowledgedAt));
    return page(settings, {
      tone: 'plain',
      state: `✓ ${t.acknowledged} · ${id}`,
      title,
      line,
      body: html`<section>${rows}${steps(t, words.steps)}</section>`,
    });
  }
  const recovering = alert.state === 'recovering';
  const silenced = alert.state === 'silenced' && alert.silencedUntil !== undefined;
  const state = recovering ? `↑ ${t.recovering}` : silenced ? `– ${t.silenced}` : `✕ ${t.open}`;
  const line = recovering
    ? t.recoveringLine
    : silenced
      ? t.silencedUntil(format.dateTime(alert.silencedUntil ?? ''))
      : words.meaning;
  return page(settings, {
    tone: recovering ? 'good' : alert.level === 'critical' && !silenced ? 'bad' : 'warn',
    state: `${state} · ${id}`,
    title,
    line,
    body: html`<section>
      <form method="post">
        <button type="submit">${t.button}</button>
      </form>
      <p class="note">${t.meaning}</p>
      ${rows}${steps(t, words.steps)}
    </section>`,
  });
}

const steps = (t: PageWords, items: readonly string[]): Page | string =>
  items.length === 0
    ? ''
    : html`<h2>${t.steps}</h2>
        <ol>
          ${items.map((item) => html`<li>${typed(item)}</li>`)}
        </ol>`;

export function wrongPage(settings: PageSettings): Page {
  const t = PAGE_WORDS[settings.locale];
  return page(settings, { tone: 'plain', state: `${t.error} 404`, title: t.wrong, line: t.wrongLine });
}

export function awayPage(settings: PageSettings): Page {
  const t = PAGE_WORDS[settings.locale];
  return page(settings, { tone: 'warn', state: `${t.error} 503`, title: t.away, line: t.awayLine });
}
