/** The eleven jobs: last run, next run, how long they take. */
import { html } from 'hono/html';
import type { Page } from '../page.ts';
import { trendBars } from './charts.ts';
import type { Facts } from './facts.ts';
import type { JobState } from './jobs.ts';
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
  type Tone,
  type View,
} from './view.ts';

const STATE_TONES: Readonly<Record<JobState['state'], Tone>> = {
  active: 'good',
  observe: 'none',
  paused: 'warn',
  off: 'none',
  'not applied': 'warn',
  unknown: 'none',
};

const OUTCOME_TONES = {
  running: 'none',
  succeeded: 'good',
  failed: 'bad',
  skipped: 'none',
  lost: 'bad',
  braked: 'warn',
} as const;

export function jobsPart(view: View, { ops, temporal }: Facts, jobs: readonly JobState[]): Page {
  const { t } = view;
  return section(
    'jobs',
    t.jobsTitle,
    ops.known ? nothing : muted(t.notKnown.ops),
    temporal.known ? nothing : muted(t.notKnown.temporal),
    html`<ul>
      ${jobs.map((job) => html`<li class="row job">${jobRow(view, job, ops.known)}</li>`)}
    </ul>`,
  );
}

function jobRow(view: View, job: JobState, isKnown: boolean): Page {
  const { t, format } = view;
  const { id, state, missing, pauseNote, last, begun, trend } = job;
  const href = view.temporal(schedulePath(id));
  const seconds = trend.map((run) => run.seconds);
  return html`<div>
      <div class="head">
        <h3>${linked(href, id, t.open(id))}</h3>
        ${tag(STATE_TONES[state], t.states[state])}
      </div>
      <p class="muted">${job.cron}</p>
      ${pauseNote ? muted(pauseNote) : ''}
      ${missing.length > 0 ? html`<p class="muted">${t.misses} ${missing.join(', ')}</p>` : ''}
    </div>
    <dl>
      <dt>${t.last}</dt>
      <dd>${last ? lastRun(view, last) : !isKnown ? t.unknown : begun ? firstRun(view, begun) : t.never}</dd>
      <dt>${t.next}</dt>
      <dd>${job.next ? timeOf(view, job.next) : '—'}</dd>
    </dl>
    ${
      seconds.length === 0
        ? html`<div></div>`
        : html`<div>
            ${trendBars(
              trend,
              t.trendLabel(
                trend.length,
                format.duration(Math.min(...seconds)),
                format.duration(Math.max(...seconds)),
              ),
            )}
            <p class="muted">${t.duration(format.duration(seconds.at(-1)))}</p>
          </div>`
    }`;
}

/** Watches have no row before their end. */
const firstRun = (view: View, begun: Date): Page =>
  html`${timeOf(view, begun)} ${tag(OUTCOME_TONES.running, view.t.outcomes.running)}`;

function lastRun(view: View, last: NonNullable<JobState['last']>): Page {
  const { t } = view;
  const outcome = last.lost ? 'lost' : last.braked ? 'braked' : last.outcome;
  const words = tag(OUTCOME_TONES[outcome], t.outcomes[outcome]);
  const href = view.temporal(runPath(last));
  return html`${href === undefined ? timeOf(view, last.startedAt) : html`<a href="${href}">${timeOf(view, last.startedAt)}</a>`}
  ${words} ${last.mode === 'armed' ? '' : html`<span class="muted">${t.preview}</span>`}
  ${outcome === 'running' ? html`<span class="muted">${ageOf(view, last.startedAt)}</span>` : ''}`;
}
