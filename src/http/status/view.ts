/** What every part of the page is made with. */
import { html, raw } from 'hono/html';
import { createFormatter, type Formatter, type Locale } from '../../notifications/index.ts';
import type { Page } from '../page.ts';
import { STATUS_WORDS, type StatusWords } from './words.ts';

export interface View {
  locale: Locale;
  t: StatusWords;
  format: Formatter;
  at: Date;
  /** Address in the Temporal Web UI; undefined where TEMPORAL_UI_URL is not set. */
  temporal: (path: string) => string | undefined;
}

export interface ViewSettings {
  locale: Locale;
  timeZone: string;
  at: Date;
  temporalUiUrl?: string;
  namespace: string;
}

export function createView({ locale, timeZone, at, temporalUiUrl, namespace }: ViewSettings): View {
  const base = temporalUiUrl?.replace(/\/$/, '');
  return {
    ...{ locale, t: STATUS_WORDS[locale], format: createFormatter(locale, timeZone), at },
    temporal: (path) => base && `${base}/namespaces/${encodeURIComponent(namespace)}/${path}`,
  };
}

export const runPath = ({ workflowId, runId }: { workflowId: string; runId: string }): string =>
  `workflows/${encodeURIComponent(workflowId)}/${encodeURIComponent(runId)}`;

export const schedulePath = (id: string): string => `schedules/${encodeURIComponent(id)}`;

/** Since an instant, as of the page. */
export const ageOf = ({ at, format }: View, since: Date): string =>
  format.duration(Math.max(0, (at.getTime() - since.getTime()) / 1_000));

/** The hour, with its day where that is not today's. */
export const timeOf = ({ at, format }: View, instant: Date): Page =>
  html`<time datetime="${instant.toISOString()}"
    >${format.time(instant.toISOString(), at.toISOString())}</time
  >`;

export const timeText = ({ at, format }: View, instant: Date): string =>
  format.time(instant.toISOString(), at.toISOString());

/** Backquotes mark what is typed as it stands. */
export const typed = (text: string): Page[] =>
  text.split('`').map((part, index) => (index % 2 === 0 ? html`${part}` : html`<code>${part}</code>`));

export const section = (id: string, title: string, ...parts: (Page | string | Page[])[]): Page =>
  html`<section class="card" aria-labelledby="${id}">
    <h2 id="${id}">${title}</h2>
    ${parts}
  </section>`;

export const muted = (text: string): Page => html`<p class="muted">${text}</p>`;

export type Tone = 'good' | 'warn' | 'bad' | 'none';

const SIGNS: Readonly<Record<Tone, string>> = { good: '✓', warn: '!', bad: '✕', none: '–' };

/** A state by sign and word; the colour only helps. */
export const tag = (tone: Tone, text: string): Page =>
  html`<span class="tag ${tone}"><span aria-hidden="true">${SIGNS[tone]}</span> ${text}</span>`;

export const nothing = raw('') as Page;

export const linked = (href: string | undefined, text: string, label?: string): Page | string =>
  href === undefined ? text : html`<a href="${href}" ${label ? html`aria-label="${label}"` : ''}>${text}</a>`;
