import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { ListedAlert } from '../alerts/list.ts';
import { alertWords, amount, reasonWords, targetName } from '../notifications/alert-words/index.ts';
import { COLOURS, FONT, MONO, TONES } from '../notifications/emails/style.ts';
import { createFormatter, type Formatter, type Locale } from '../notifications/index.ts';
import { onDay, PAGE_WORDS, type PageWords } from './alert-page-words.ts';

type Tone = keyof typeof TONES;
type Page = ReturnType<typeof html>;

const tone = (name: Tone): string =>
  `.${name}{background:${TONES[name].ground};border-top:4px solid ${TONES[name].ink}}.${name} h1{color:${TONES[name].ink}}`;

const STYLE = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:${COLOURS.page};color:${COLOURS.ink};font:16px/1.5 ${FONT}}
main{max-width:600px;margin:0 auto;padding:20px 12px 32px}
.brand,footer{color:${COLOURS.muted};font-size:14px;padding:0 4px}
.brand{font-weight:600;margin:0 0 12px}
.card{background:${COLOURS.card};border:1px solid ${COLOURS.line};border-radius:10px;overflow:hidden}
header{padding:20px 24px}
header p{margin:0}
.state{font-weight:600;font-size:15px}
h1{font-size:26px;line-height:1.25;margin:2px 0 4px;overflow-wrap:anywhere}
section{padding:4px 24px 20px}
h2{font-size:15px;margin:16px 0 4px}
.lead{margin:16px 0 0}
button{width:100%;min-height:56px;margin:20px 0 0;border:0;border-radius:8px;background:#1d4ed8;color:#fff;font:600 18px/1.2 ${FONT};cursor:pointer}
button:hover{background:#1e40af}
button:focus-visible{outline:3px solid #93b4fd;outline-offset:2px}
.note{color:${COLOURS.muted};font-size:14px;margin:10px 0 0}
dl{margin:16px 0 0}
dl div{display:flex;gap:12px;padding:8px 0;border-top:1px solid ${COLOURS.line}}
dl div:first-child{border-top:0}
dt{color:${COLOURS.muted};flex:0 0 112px;font-size:15px}
dd{margin:0;font-size:15px;overflow-wrap:anywhere;min-width:0}
ol{margin:4px 0 0;padding-left:22px}
li{margin:0 0 6px;overflow-wrap:anywhere}
code{font-family:${MONO};font-size:14px;background:${COLOURS.code};border-radius:4px;padding:1px 4px}
code span{white-space:nowrap}
footer{margin:16px 0 0}
${(Object.keys(TONES) as Tone[]).map(tone).join('\n')}
@media (max-width:480px){header{padding:18px}section{padding:2px 18px 18px}h1{font-size:23px}dt{flex-basis:104px}}
@media (prefers-color-scheme:dark){
body{background:#0e1116;color:#eceff4}
.card{background:#171b22;border-color:#2d333d}
.brand,footer,.note,dt{color:#a3adba}
dl div{border-color:#2d333d}
code{background:#0e1116}
.good{background:#12291c}.good h1{color:#7ed8a0}
.warn{background:#30230d}.warn h1{color:#f2bd6b}
.bad{background:#351817}.bad h1{color:#ff9c96}
.plain{background:#16213d}.plain h1{color:#9dbcff}
}`;

/** What the content security policy lets in: this style sheet, and no other. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface PageSettings {
  locale: Locale;
  timeZone: string;
  /** Stands in for the clock. */
  now?: number;
}

interface Frame {
  tone: Tone;
  state: string;
  title: string;
  line?: string;
  body?: Page;
}

function page({ locale, timeZone }: PageSettings, frame: Frame): Page {
  const t = PAGE_WORDS[locale];
  return html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${frame.state}: ${frame.title}</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>
          <p class="brand">TalosPrimes Maintenance</p>
          <div class="card">
            <header class="${frame.tone}">
              <p class="state">${frame.state}</p>
              <h1>${frame.title}</h1>
              ${frame.line === undefined ? '' : html`<p>${frame.line}</p>`}
            </header>
            ${frame.body ?? ''}
          </div>
          <footer>${t.footer(timeZone)}</footer>
        </main>
      </body>
    </html>`;
}

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

const facts = (rows: [string, string][]): Page =>
  html`<dl>
    ${rows.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

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
