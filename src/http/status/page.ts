/** The status page: made on the server, without a script, of what the sources say at this moment. */
import { html, raw } from 'hono/html';
import type { Config } from '../../config/index.ts';
import type { Page } from '../page.ts';
import { concernsOf } from './concerns.ts';
import type { Facts } from './facts.ts';
import { jobStates } from './jobs.ts';
import { backupPart, figuresPart, lifecyclesPart } from './part-care.ts';
import { jobsPart } from './part-jobs.ts';
import { alertsPart, needsPart } from './part-needs.ts';
import { servicesPart } from './part-services.ts';
import { STYLE } from './style.ts';
import { createView, type ViewSettings } from './view.ts';

export interface PageOptions extends Omit<ViewSettings, 'at'> {
  config: Pick<Config, 'policy' | 'jobs'>;
  /** Undefined: the reader has stopped it. */
  refreshSeconds?: number;
}

export function statusPage(facts: Facts, { config, refreshSeconds, ...settings }: PageOptions): Page {
  const view = createView({ ...settings, at: facts.at });
  const { t, format, locale } = view;
  const jobs = jobStates(config, facts);
  const concerns = concernsOf(config, facts, jobs);
  const stopped = refreshSeconds === undefined ? '&refresh=0' : '';
  const verdict = concerns.length === 0 ? t.well : t.needed(concerns.length);
  return html`<!doctype html>
    <html lang="${locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${verdict} · TalosPrimes Maintenance</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <header class="top">
          <p class="brand">TalosPrimes Maintenance</p>
          <p>${t.asOf(format.dateTime(facts.at.toISOString()))}</p>
        </header>
        <main>
          ${needsPart(view, concerns)} ${servicesPart(view, facts)}
          <div class="two">${alertsPart(view, facts)} ${backupPart(view, facts)}</div>
          ${jobsPart(view, facts, jobs)} ${figuresPart(view, facts)} ${lifecyclesPart(view, facts)}
        </main>
        <footer>
          <p>
            ${refreshSeconds === undefined ? t.paused : t.refreshes(refreshSeconds)}
            <a href="/?lang=${locale}${refreshSeconds === undefined ? '' : '&refresh=0'}"
              >${refreshSeconds === undefined ? t.startRefresh : t.stopRefresh}</a
            >
          </p>
          <p>
            ${t.zone(format.timeZone)} ·
            <a href="/?lang=${t.other.locale}${stopped}" lang="${t.other.locale}" hreflang="${t.other.locale}"
              >${t.other.label}</a
            >
          </p>
        </footer>
      </body>
    </html>`;
}
