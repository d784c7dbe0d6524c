/** The last backup, today's figures, and sleeping customers. */
import { html } from 'hono/html';
import { labelOf } from '../../notifications/emails/report-labels.ts';
import { showValue } from '../../notifications/emails/report-figures.ts';
import type { Page } from '../page.ts';
import { sparkline } from './charts.ts';
import type { Facts } from './facts.ts';
import { KPIS, type Days } from './read-figures.ts';
import { ageOf, linked, muted, nothing, runPath, section, tag, timeOf, type View } from './view.ts';

const PROOF_TONES = { proven: 'good', 'proven except': 'good', 'not proven': 'bad' } as const;

export function backupPart(view: View, { ops }: Facts): Page {
  const { t, format } = view;
  if (!ops.known) return section('backup', t.backup, muted(t.notKnown.ops));
  const { last, proven } = ops.value.backups;
  if (!last) return section('backup', t.backup, muted(t.noBackups));
  const { backupSeconds, restoreSeconds } = last;
  const lasted = format.duration(backupSeconds ?? undefined);
  return section(
    'backup',
    t.backup,
    html`<p class="value">${t.ago(ageOf(view, last.at))}</p>
      ${tag(PROOF_TONES[last.result], t.proofs[last.result])}
      <dl class="facts">
        <dt>${t.last}</dt>
        <dd>${timeOf(view, last.at)}</dd>
        <dt>${t.size}</dt>
        <dd>${format.bytes(last.storedBytes ?? undefined)}</dd>
        <dt>${t.lasted}</dt>
        <dd>${restoreSeconds === null ? lasted : t.took(lasted, format.duration(restoreSeconds))}</dd>
      </dl>
      ${linked(view.temporal(runPath(last)), view.temporal('') === undefined ? '' : t.openShort)}`,
    last.result !== 'not proven'
      ? nothing
      : muted(proven ? t.lastProven(ageOf(view, proven.at)) : t.neverProven),
  );
}

const SPARK_DAYS = 30;

export function figuresPart(view: View, { app }: Facts): Page {
  const { t } = view;
  if (!app.known) return section('figures', t.figures, muted(t.notKnown.app));
  const { days } = app.value;
  return section(
    'figures',
    t.figures,
    html`<ul class="tiles">
      ${KPIS.map((metric) => html`<li>${tile(view, metric, days)}</li>`)}
    </ul>`,
    muted(t.figuresNote),
  );
}

function tile({ t, format, locale }: View, metric: string, { values }: Days): Page {
  const days = (values.get(metric) ?? []).slice(-SPARK_DAYS);
  const known = days.filter((value) => value !== undefined);
  const show = (value: number | undefined) => showValue(metric, value, format);
  const label = labelOf(metric, locale);
  return html`<p class="muted">${label}</p>
    <p class="value">${show(days.at(-1))}</p>
    ${
      known.length < 2
        ? ''
        : sparkline(days, `${label}, ${t.sparkLabel(show(Math.min(...known)), show(Math.max(...known)))}`)
    }`;
}

/** Nothing where nobody sleeps. */
export function lifecyclesPart(view: View, { ops }: Facts): Page {
  const { t, format } = view;
  if (!ops.known || ops.value.lifecycles.length === 0) return nothing;
  return section(
    'lifecycles',
    t.lifecycles,
    html`<ul class="tiles">
      ${ops.value.lifecycles.map(
        ({ phase, count, next }) =>
          html`<li>
            <p class="muted">${t.phases[phase] ?? phase}</p>
            <p class="value">${format.number(count)}</p>
            ${next ? muted(t.nextOne(format.day(next.toISOString()))) : ''}
          </li>`,
      )}
    </ul>`,
  );
}
