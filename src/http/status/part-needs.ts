/** On top: what needs a person now. And below the services: alerts that are in hand. */
import { html } from 'hono/html';
import type { ListedAlert } from '../../alerts/list.ts';
import { alertWords } from '../../notifications/alert-words/index.ts';
import type { Page } from '../page.ts';
import { isWaiting, type Concern } from './concerns.ts';
import type { Facts } from './facts.ts';
import {
  ageOf,
  linked,
  muted,
  nothing,
  runPath,
  schedulePath,
  section,
  tag,
  timeOf,
  timeText,
  typed,
  type View,
} from './view.ts';

export function needsPart(view: View, concerns: readonly Concern[]): Page {
  const { t } = view;
  const tone = concerns.length === 0 ? 'good' : concerns.some((one) => one.tone === 'bad') ? 'bad' : 'warn';
  return html`<section class="card verdict ${tone}">
    <h1>${concerns.length === 0 ? t.well : t.needed(concerns.length)}</h1>
    ${concerns.length === 0 ? html`<p>${t.wellLine}</p>` : ''}
    ${
      concerns.length === 0
        ? ''
        : html`<ul>
            ${concerns.map((concern) => html`<li class="${concern.tone}">${concernItem(view, concern)}</li>`)}
          </ul>`
    }
  </section>`;
}

function concernItem(view: View, concern: Concern): Page {
  const { t } = view;
  const told = ({ title, line }: { title: string; line: string }, more: Page | string = ''): Page =>
    html`<h2>${title}</h2>
      ${more}
      <p>${typed(line)}</p>`;
  switch (concern.kind) {
    case 'silent':
      return told(t.silent[concern.source]);
    case 'no-worker':
      return told(t.noWorker);
    case 'no-backup': {
      const since = concern.since && ageOf(view, concern.since);
      return told({ title: t.noBackup(since), line: t.noBackupLine });
    }
    case 'blind':
      return told({ title: t.blind(ageOf(view, concern.since)), line: t.blindLine });
    case 'unsent':
      return told({ title: t.unsent(concern.count), line: t.unsentLine });
    case 'lifecycles':
      return told({ title: t.halted(concern.count), line: t.haltedLine });
    case 'alert':
      return alertItem(view, concern.alert);
    case 'braked':
    case 'failed':
    case 'lost':
    case 'late':
    case 'not-applied':
    case 'paused': {
      const { kind, jobs } = concern;
      const names = jobs.map(({ id, last }, at) => {
        const path =
          (kind === 'braked' || kind === 'failed' || kind === 'lost') && last
            ? runPath(last)
            : schedulePath(id);
        return html`${at > 0 ? ', ' : ''}${linked(view.temporal(path), id)}`;
      });
      return told(t.jobs[kind], html`<p>${names}</p>`);
    }
  }
}

/** « Application injoignable », with its number where it is a test. */
const titleOf = ({ locale, t }: View, alert: ListedAlert): string => {
  const { title } = alertWords(locale, alert.data);
  const upper = `${title.charAt(0).toLocaleUpperCase(locale)}${title.slice(1)}`;
  return alert.test ? `[${t.test}] ${upper}` : upper;
};

function alertItem(view: View, alert: ListedAlert): Page {
  const { t, locale } = view;
  const since = new Date(alert.since);
  const id = `A${String(alert.alertId)}`;
  return html`<h2 id="alert-${alert.alertId}">${titleOf(view, alert)}</h2>
    <p class="muted">${t.alertSince(id, ageOf(view, since), timeText(view, since))}</p>
    <p>${typed(alertWords(locale, alert.data).meaning)}</p>
    <form method="post" action="/acknowledge">
      <input type="hidden" name="alert" value="${alert.alertId}" />
      <button type="submit" aria-describedby="alert-${alert.alertId}">${t.acknowledge}</button>
    </form>
    <p class="muted">${t.acknowledgeNote}</p>`;
}

/** Those that wait for somebody are on top, with their button. */
export function alertsPart(view: View, { ops }: Facts): Page {
  const { t } = view;
  if (!ops.known) return section('alerts', t.alerts, muted(t.notKnown.ops));
  const inHand = ops.value.alerts.filter((alert) => !isWaiting(alert));
  const above = ops.value.alerts.length - inHand.length;
  return section(
    'alerts',
    t.alerts,
    above > 0 ? html`<p>${t.alertsAbove(above)}</p>` : nothing,
    above + inHand.length === 0 ? html`<p>${t.noAlerts}</p>` : nothing,
    html`<ul>
      ${inHand.map((alert) => {
        const since = new Date(alert.since);
        return html`<li class="row">
          <div class="head">
            <h3>${titleOf(view, alert)}</h3>
            ${stateTag(view, alert)}
          </div>
          <p class="muted">
            ${t.alertSince(`A${String(alert.alertId)}`, ageOf(view, since), timeText(view, since))}
          </p>
        </li>`;
      })}
    </ul>`,
  );
}

function stateTag(view: View, { state, silencedUntil }: ListedAlert): Page {
  const { alertStates } = view.t;
  if (state === 'recovering') return tag('good', alertStates.recovering);
  if (state !== 'silenced' || silencedUntil === undefined) return tag('none', alertStates.acknowledged);
  return html`${tag('none', alertStates.silenced)} ${timeOf(view, new Date(silencedUntil))}`;
}
