/** What is up, since when, and the last 90 days of it. */
import { html } from 'hono/html';
import { targetName } from '../../notifications/alert-words/index.ts';
import type { Page } from '../page.ts';
import { dayBars } from './charts.ts';
import type { Facts } from './facts.ts';
import { DAYS } from './read-figures.ts';
import type { TargetState } from './read-samples.ts';
import { ageOf, muted, nothing, section, tag, timeText, type Tone, type View } from './view.ts';

/** Two missed runs of the slowest watch: what was true then may not be now. */
const STALE_MS = 15 * 60_000;
/** Days with an outage that are named, the worst first. */
const NAMED_DAYS = 12;

export function servicesPart(view: View, facts: Facts): Page {
  const { t } = view;
  const { ops } = facts;
  return section(
    'services',
    t.services,
    systems(view, facts),
    !ops.known
      ? muted(t.notKnown.ops)
      : ops.value.targets.length === 0
        ? muted(t.noTargets)
        : html`<ul class="targets">
            ${ops.value.targets.map((target) => html`<li class="row">${targetRow(view, facts, target)}</li>`)}
          </ul>`,
    facts.app.known ? nothing : muted(t.notKnown.app),
  );
}

/** What the page itself has just asked. */
function systems({ t }: View, { temporal, ops, app }: Facts): Page {
  const workers = temporal.known ? temporal.value.workers : undefined;
  const answer = (known: boolean): [Tone, string] => (known ? ['good', t.answers] : ['bad', t.silentNow]);
  const rows: [keyof typeof t.systems, [Tone, string]][] = [
    ['temporal', answer(temporal.known)],
    [
      'workers',
      workers === undefined ? ['none', t.unknown] : [workers > 0 ? 'good' : 'bad', t.polling(workers)],
    ],
    ['ops', answer(ops.known)],
    ['app', answer(app.known)],
  ];
  return html`<ul class="systems">
    ${rows.map(([name, [tone, text]]) => html`<li><span>${t.systems[name]}</span> ${tag(tone, text)}</li>`)}
  </ul>`;
}

function targetRow(view: View, { app }: Facts, target: TargetState): Page {
  const { t, locale, at } = view;
  const name = targetName(locale, target.target);
  const isStale = at.getTime() - target.seenAt.getTime() > STALE_MS;
  const since = timeText(view, target.since);
  const line = isStale
    ? t.notSeenSince(timeText(view, target.seenAt))
    : target.atLeast
      ? t.sinceAtLeast(since)
      : t.since(since, ageOf(view, target.since));
  const state = isStale
    ? tag('none', t.unknown)
    : target.is === 'up'
      ? tag('good', t.up)
      : tag('bad', t.down);
  const days = app.known ? (app.value.days.values.get(`availability:${target.target}`) ?? []) : undefined;
  return html`<div class="head">
      <h3>${name}</h3>
      ${state}
    </div>
    <p class="muted">${line}</p>
    ${days === undefined || !app.known ? '' : daysOf(view, name, days, app.value.days.starts)}`;
}

function daysOf(
  { t, format }: View,
  name: string,
  given: readonly (number | undefined)[],
  starts: Date[],
): Page {
  const days = Array.from({ length: DAYS }, (_, at) => given[at]);
  const known = days.filter((day) => day !== undefined);
  const mean = known.reduce((sum, day) => sum + day, 0) / known.length;
  const share = (ratio: number): string => {
    // 99.996 % is not 100 %.
    const floored = Math.floor(ratio * 10_000 + 1e-6) / 100;
    return `${format.number(floored, 2)}${format.locale === 'fr' ? '\u00a0' : ''}%`;
  };
  const summary = known.length === 0 ? t.noDays : t.availability(share(mean), known.length);
  const outages = days
    .flatMap((day, at) => (day !== undefined && day < 0.99999 ? [{ day, start: starts[at] }] : []))
    .sort((a, b) => a.day - b.day);
  return html`${dayBars(days, t.barsLabel(name, summary))}
    <div class="ends"><span>−${t.days(DAYS - 1)}</span><span>${summary}</span><span>${t.today}</span></div>
    ${
      outages.length === 0
        ? ''
        : html`<details>
            <summary>${t.outageDays(outages.length)}</summary>
            <ul>
              ${outages
                .slice(0, NAMED_DAYS)
                .map(
                  ({ day, start }) =>
                    html`<li>${start && t.outageDay(format.day(start.toISOString()), share(day))}</li>`,
                )}
            </ul>
          </details>`
    }`;
}
