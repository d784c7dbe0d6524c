/** What an alert does because time has passed: tell, remind, escalate, resolve. Pure; changes the draft it is given. */
import type { AlertData } from '../notifications/notice.ts';
import { isSilenced, type AlertEvent, type AlertState, type Episode } from './state.ts';
import { iso, send, tell, tellEnd, tellUndelivered, type Draft } from './telling.ts';
import type { AlertTimes } from './times.ts';

interface Due {
  at: number;
  act: (draft: Draft, episode: Episode) => void;
}

/** Everything that has an hour. An acknowledged alert has the end of its recovery alone, a closed one nothing. */
function dues({ episode, times }: AlertState): Due[] {
  if (episode?.phase !== 'open') return [];
  const all: Due[] = [];
  const add = (at: number | undefined, act: Due['act']): void => {
    if (at !== undefined) all.push({ at, act });
  };
  if (episode.recovering) add(episode.recovering.until, recovered);
  else if (episode.facts.test) add(episode.lastReportAt + times.test, testOver);
  if (episode.acknowledged) return all;
  // While it is silent nothing is told, and what was due meanwhile is when it ends.
  const heard = (at: number): number => Math.max(at, episode.silenced?.until ?? 0);
  if (episode.tellAt !== undefined) add(heard(episode.tellAt), begun);
  if (episode.recovering || episode.firstToldAt === undefined) return all;
  if (episode.undeliveredAt !== undefined) add(heard(episode.undeliveredAt), undelivered);
  if (episode.about === 'no-data') return all;
  const flappingAt = flappingDueAt(episode, times);
  if (flappingAt !== undefined) add(heard(flappingAt), flapping);
  if (episode.facts.test) return all;
  if (episode.level === 'critical' && !episode.escalated)
    add(heard(Math.max(episode.firstToldAt, episode.steadySince) + times.escalate), escalate);
  const waits = times.reminders[episode.level];
  const wait = waits[Math.min(episode.reminders, waits.length - 1)];
  if (wait !== undefined && episode.reminders < times.mostReminders)
    add(heard(Math.max(episode.lastToldAt ?? 0, episode.steadySince) + wait), remind);
  return all;
}

export const nextWakeAt = (state: AlertState): number | undefined => {
  const at = Math.min(...dues(state).map((one) => one.at));
  return Number.isFinite(at) ? at : undefined;
};

/** Does all that is due, the earliest first. */
export function due(draft: Draft): void {
  // Each act moves its own hour on; the bound only says that none may fail to.
  for (let acts = 0; acts < 20; acts += 1) {
    const [first] = dues(draft.state)
      .filter(({ at }) => at <= draft.now)
      .sort((a, b) => a.at - b.at);
    if (first === undefined || draft.state.episode === undefined) return;
    first.act(draft, draft.state.episode);
  }
  throw new Error('an alert that is always due');
}

function begun(draft: Draft, episode: Episode): void {
  delete episode.tellAt;
  const alone =
    (episode.level === 'critical' && episode.about === 'condition') ||
    episode.facts.test === true ||
    draft.state.times.group === 0;
  if (alone) return tellBeginning(draft, episode);
  episode.grouping = true;
  draft.commands.push({ kind: 'group' });
}

export function tellBeginning(
  draft: Draft,
  episode: Episode,
  group?: Extract<AlertEvent, { kind: 'grouped' }>['group'],
): void {
  const { now, state } = draft;
  episode.firstToldAt ??= now;
  episode.lastToldAt = now;
  if (episode.level === 'critical' && !episode.facts.test)
    episode.undeliveredAt ??= now + state.times.undelivered;
  const event = episode.about === 'no-data' ? 'no-data' : 'firing';
  if (group === undefined) return tell(draft, episode, event);
  const level = episode.about === 'no-data' ? 'important' : episode.level;
  const digest = { key: group.key, level, template: 'alert-digest', data: group.data } as const;
  send(draft, episode, digest, state.channels[level]);
}

function undelivered(draft: Draft, episode: Episode): void {
  delete episode.undeliveredAt;
  tellUndelivered(draft, episode);
}

function escalate(draft: Draft, episode: Episode): void {
  episode.escalated = true;
  episode.revision += 1;
  tell(draft, episode, 'escalated', { count: 1 });
}

function remind(draft: Draft, episode: Episode): void {
  episode.reminders += 1;
  episode.lastToldAt = draft.now;
  tell(draft, episode, 'reminder', { count: episode.reminders });
}

/** When coming and going has lasted: seven flaps in four minutes are told with the end, two hundred before it. */
function flappingDueAt({ flapTimes, flappingToldAt }: Episode, times: AlertTimes): number | undefined {
  const [first] = flapTimes;
  const last = flapTimes.at(-1);
  if (first === undefined || last === undefined || flapTimes.length < times.flappingFlaps) return undefined;
  const isNew =
    flappingToldAt === undefined
      ? last - first >= times.flappingAfter
      : last - flappingToldAt >= times.flappingAgain;
  return isNew ? last : undefined;
}

function flapping(draft: Draft, episode: Episode): void {
  episode.flappingToldAt = draft.now;
  episode.lastToldAt = draft.now;
  tell(draft, episode, 'flapping', { flaps: episode.flaps });
}

function recovered(draft: Draft, episode: Episode): void {
  const { recovering } = episode;
  if (recovering === undefined) return;
  end(draft, episode, recovering.at, 'recovery', recovering.value);
}

function testOver(draft: Draft, episode: Episode): void {
  end(draft, episode, iso(draft.now), 'test over');
}

export function end(
  draft: Draft,
  episode: Episode,
  at: string,
  by: NonNullable<AlertData['resolved']>['by'],
  value?: number,
): void {
  const seconds = Math.max(0, Math.round((Date.parse(at) - Date.parse(episode.facts.since)) / 1_000));
  const resolved = { at, seconds, by: episode.facts.test ? ('test over' as const) : by };
  delete episode.recovering;
  delete episode.tellAt;
  delete episode.undeliveredAt;
  delete episode.grouping;
  episode.resolved = resolved;
  episode.phase = 'closed';
  episode.revision += 1;
  // Somebody knows of it, or wanted silence: where nothing was told of the beginning, the end is not told either.
  const onlyIfTold =
    episode.acknowledged !== undefined || isSilenced(episode, draft.now) || by === 'operator';
  const data: Partial<AlertData> = { resolved };
  if (episode.flaps > 0) data.flaps = episode.flaps;
  if (value !== undefined) data.value = value;
  tellEnd(draft, episode, episode.about === 'no-data' ? 'data-again' : 'resolved', data, onlyIfTold);
}
