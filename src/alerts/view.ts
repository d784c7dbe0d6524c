/** An alert for people: the query's answer, the Web UI's details, the result. Pure. */
import type { Level } from '../notifications/notice.ts';
import { nextWakeAt } from './due.ts';
import { nameOf, type AlertState, type AlertStateName, type Deed, type Episode } from './state.ts';
import { iso } from './telling.ts';

/** Answer of the query `state`. */
export interface AlertView {
  /** Shown as A17; 0 while the operations database has not given a number. */
  alertId: number;
  rule: string;
  target: string;
  state: AlertStateName;
  level?: Level;
  test?: true;
  /** ISO instants, as all below. */
  since?: string;
  value?: number;
  threshold?: number;
  unit?: string;
  reason?: string;
  evidence?: { name: string; value: string }[];
  affected?: string[];
  ownJob?: string;
  acknowledged?: Deed;
  silenced?: Deed & { until: string };
  recoveringSince?: string;
  resolved?: Deed;
  flaps: number;
  reminders: number;
  /** What became of its beginning on each channel. */
  channels: Record<string, string>;
  /** Notices on their way. */
  underWay: string[];
  /** When it acts by itself next. */
  nextAt?: string;
}

export interface AlertResult {
  rule: string;
  target: string;
  alertId: number;
  outcome: 'resolved' | 'nothing to do';
  by?: string;
  since?: string;
  resolvedAt?: string;
  seconds?: number;
  flaps: number;
  /** Incidents of this run. */
  episodes: number;
  /** Notices of this run, one however many channels it went through. */
  notices: number;
}

export const shortId = (alertId: number): string => (alertId > 0 ? `A${alertId}` : 'A?');

export function viewOf(state: AlertState, now: number): AlertView {
  const { rule, target, episode, outbox, closing } = state;
  const name = nameOf(state, now);
  if (episode === undefined)
    return { alertId: 0, rule, target, state: name, flaps: 0, reminders: 0, channels: {}, underWay: [] };
  const { alertId, level, flaps, reminders, acknowledged, silenced, recovering } = episode;
  const { since, value, threshold, unit, reason, evidence, affected, ownJob, test } = episode.facts;
  const next = nextWakeAt(state);
  const resolved = resolvedOf(episode);
  const waiting = [...outbox, ...closing.map(({ send }) => send)];
  const view: AlertView = {
    ...{ alertId, rule, target, state: name, level, since, value, threshold, unit, reason },
    ...{ evidence, affected, ownJob, flaps, reminders, acknowledged, resolved },
    test: test ? true : undefined,
    silenced: silenced && { ...silenced, until: iso(silenced.until) },
    recoveringSince: recovering?.at,
    channels: { ...episode.reached },
    underWay: waiting.map(({ notice, channel }) => `${stepOf(notice.key)} by ${channel}`),
    nextAt: next === undefined ? undefined : iso(next),
  };
  return JSON.parse(JSON.stringify(view)) as AlertView;
}

const stepOf = (key: string): string => key.split('/').at(-1) ?? key;

const resolvedOf = ({ resolved, resolvedBy }: Episode): Deed | undefined =>
  resolved && { at: resolved.at, by: resolvedBy ?? resolved.by };

const figure = ({ value, threshold, unit = '', reason }: AlertView): string =>
  reason ??
  (value === undefined ? '' : `${value} ${unit}${threshold === undefined ? '' : ` (limit ${threshold})`}`);

/** A few lines of Markdown for the Web UI. */
export function detailsOf(state: AlertState, now: number): string {
  const view = viewOf(state, now);
  const { alertId, rule, target, level, since, acknowledged, silenced, recoveringSince, resolved } = view;
  const lines = [
    `**${shortId(alertId)} ${rule} ${target}: ${view.state}**${view.test ? ' [TEST]' : ''}`,
    level && `- ${level}, since ${since ?? '?'}${figure(view) && `: ${figure(view)}`}`,
    view.affected?.length ? `- down with it: ${view.affected.join(', ')}` : '',
    view.ownJob ? `- explained by our own job ${view.ownJob}` : '',
    acknowledged && `- acknowledged at ${acknowledged.at} (${acknowledged.by})`,
    silenced && `- silenced until ${silenced.until} (${silenced.by})`,
    recoveringSince && `- well since ${recoveringSince}`,
    resolved && `- resolved at ${resolved.at} (${resolved.by})`,
    view.flaps > 0 ? `- came back ${view.flaps} times` : '',
    view.underWay.length > 0 ? `- on its way: ${view.underWay.join(', ')}` : '',
    view.nextAt && `- next: ${view.nextAt}`,
  ];
  return lines.filter(Boolean).join('\n');
}

export function resultOf({ rule, target, episode, told }: AlertState): AlertResult {
  const resolved = episode && resolvedOf(episode);
  return {
    ...{ rule, target, alertId: episode?.alertId ?? 0 },
    outcome: resolved ? 'resolved' : 'nothing to do',
    ...(episode &&
      resolved && {
        by: resolved.by,
        since: episode.facts.since,
        resolvedAt: resolved.at,
        seconds: episode.resolved?.seconds ?? 0,
      }),
    ...{ flaps: episode?.flaps ?? 0, episodes: episode?.number ?? 0, notices: told },
  };
}
