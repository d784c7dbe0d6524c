/**
 * One open alert as a state machine: what came, and when, gives what is to be told and when to look again. Pure, so
 * that weeks of it can be played in a moment; `workflow.ts` is the loop around it.
 */
import type { Level } from '../notifications/notice.ts';
import type { Cleared, Firing, NoData } from './alert.ts';
import { due, end, nextWakeAt, tellBeginning } from './due.ts';
import { isSilenced } from './state.ts';
import type { AlertCommand, AlertEvent, AlertState, Episode, OpenedAlert } from './state.ts';
import { iso, settle, tell, withdraw, type Draft } from './telling.ts';
import { LONGEST_SILENCE_MS } from './times.ts';

export interface Step {
  state: AlertState;
  commands: AlertCommand[];
  /** Epoch ms; undefined: nothing to wake for. */
  nextWakeAt: number | undefined;
}

export function step(before: AlertState, event: AlertEvent, now: number): Step {
  const draft: Draft = { state: structuredCopy(before), commands: [], now };
  apply(draft, event);
  due(draft);
  return { state: draft.state, commands: draft.commands, nextWakeAt: nextWakeAt(draft.state) };
}

// `structuredClone` is not in the sandbox; all of it is plain data.
const structuredCopy = <Value>(value: Value): Value => JSON.parse(JSON.stringify(value)) as Value;

const RANK: Readonly<Record<Level, number>> = { info: 0, important: 1, critical: 2 };

function apply(draft: Draft, event: AlertEvent): void {
  const { state } = draft;
  if (isForAnother(state, event)) return;
  switch (event.kind) {
    case 'fire':
      return fire(draft, event.firing);
    case 'noData':
      return noData(draft, event.noData);
    case 'clear':
      return clear(draft, event.cleared);
    case 'dataAgain':
      // A condition that held before the sight was lost is not over because one can see again.
      if (state.episode?.about === 'no-data') clear(draft, event.cleared);
      return;
    case 'acknowledge':
      return acknowledge(draft, event.by);
    case 'silence':
      return silence(draft, event.until, event.by);
    case 'resolve':
      return resolveByHand(draft, event.by);
    case 'opened':
      return opened(draft, event.opened);
    case 'numbered':
      if (state.episode?.number === event.episode) state.episode.alertId = event.alertId;
      return;
    case 'grouped':
      return grouped(draft, event.group);
    case 'settled':
      return settle(draft, event.id, event.outcome);
    case 'wake':
      return;
  }
}

/** A link or a command for an earlier incident of the same rule. */
const isForAnother = ({ episode }: AlertState, event: AlertEvent): boolean =>
  (event.kind === 'acknowledge' || event.kind === 'silence' || event.kind === 'resolve') &&
  event.alertId !== undefined &&
  event.alertId !== episode?.alertId;

const isOngoing = (episode: Episode | undefined): episode is Episode =>
  episode?.phase === 'opening' || episode?.phase === 'open';

function begin(draft: Draft, about: Episode['about'], level: Level, facts: Episode['facts']): void {
  const { state, now } = draft;
  state.episode = {
    number: (state.episode?.number ?? 0) + 1,
    ...{ alertId: 0, phase: 'opening', about, facts, level },
    ...{ openedAt: now, steadySince: now, lastReportAt: now },
    ...{ flaps: 0, flapTimes: [], reminders: 0, escalated: false, noDataTold: false },
    ...{ reached: {}, steps: {}, revision: 0 },
  };
  draft.commands.push({ kind: 'open' });
}

function fire(draft: Draft, firing: Firing): void {
  const { level } = firing;
  const facts = factsOf(firing);
  const { state, now } = draft;
  const { episode } = state;
  if (episode?.phase === 'lingering') {
    // The incident that a person has closed already; a later one rings.
    if (facts.since <= episode.facts.since) return;
    episode.phase = 'closed';
  }
  if (!isOngoing(episode)) return begin(draft, 'condition', level, facts);
  // A test must not end or hide what is real.
  if (facts.test && !episode.facts.test) return;
  if (episode.facts.test && !facts.test) {
    end(draft, episode, iso(now), 'test over');
    return begin(draft, 'condition', level, facts);
  }
  const worse = RANK[level] > RANK[episode.level];
  const seen = episode.about === 'no-data';
  episode.lastReportAt = now;
  episode.facts = seen ? facts : { ...facts, since: earlier(episode.facts.since, facts.since) };
  if (episode.recovering) {
    delete episode.recovering;
    episode.steadySince = now;
    episode.flaps += 1;
    episode.flapTimes = [...recent(draft, episode), now];
    episode.revision += 1;
  }
  if (!worse && !seen) return;
  episode.about = 'condition';
  // After a loss of sight the level is that of what is seen now.
  episode.level = seen || worse ? level : episode.level;
  if (seen) episode.steadySince = now;
  episode.revision += 1;
  // It is another thing now than what was told; whoever acknowledged it has it in hand.
  if (episode.phase !== 'open' || episode.acknowledged) return;
  withdraw(draft, episode);
  delete episode.firstToldAt;
  episode.tellAt = now;
}

function factsOf(firing: Firing): Episode['facts'] {
  const { rule, target, level, ...facts } = firing;
  void [rule, target, level];
  return facts;
}

const earlier = (a: string, b: string): string => (a <= b ? a : b);

const recent = ({ state, now }: Draft, episode: Episode): number[] =>
  episode.flapTimes.filter((at) => at > now - state.times.flapWindow);

function noData(draft: Draft, { level, since, at, reason }: NoData): void {
  const { episode } = draft.state;
  if (episode?.phase === 'lingering') return;
  if (!isOngoing(episode)) return begin(draft, 'no-data', level, { since, at, reason });
  episode.lastReportAt = draft.now;
  if (episode.about === 'no-data') {
    if (!episode.recovering) return;
    delete episode.recovering;
    episode.flaps += 1;
    episode.flapTimes = [...recent(draft, episode), draft.now];
    episode.steadySince = draft.now;
    return;
  }
  // What fires goes on; that it cannot be seen any longer is said once.
  if (episode.phase !== 'open' || episode.noDataTold || episode.acknowledged) return;
  if (isSilenced(episode, draft.now) || episode.firstToldAt === undefined) return;
  episode.noDataTold = true;
  tell(draft, episode, 'no-data', { since, reason });
}

function clear(draft: Draft, { at, value }: Cleared): void {
  const { state, now } = draft;
  const { episode } = state;
  if (episode?.phase === 'lingering') {
    episode.phase = 'closed';
    return;
  }
  if (!isOngoing(episode) || episode.recovering) return;
  // A recovery before the incident is an old message.
  const since = at < episode.facts.since ? iso(now) : at;
  const flaps = recent(draft, episode).length;
  const hold = Math.min(state.times.hold * 2 ** Math.max(0, flaps - 2), state.times.longestHold);
  // Somebody waits for the end of a test.
  episode.recovering = {
    at: since,
    until: episode.facts.test ? now : now + hold,
    ...(value !== undefined && { value }),
  };
  episode.revision += 1;
}

function acknowledge(draft: Draft, by: string): void {
  const { episode } = draft.state;
  if (!isOngoing(episode) || episode.acknowledged) return;
  episode.acknowledged = { at: iso(draft.now), by };
  episode.revision += 1;
  withdraw(draft, episode);
}

function silence(draft: Draft, until: number, by: string): void {
  const { now } = draft;
  const { episode } = draft.state;
  if (!isOngoing(episode) || !Number.isFinite(until)) return;
  // An end that has passed lifts it.
  episode.silenced = { at: iso(now), by, until: Math.max(now, Math.min(until, now + LONGEST_SILENCE_MS)) };
  episode.revision += 1;
  if (until <= now) return;
  withdraw(draft, episode);
  // What was not heard of before the silence is told after it.
  if (episode.firstToldAt === undefined || Object.values(episode.reached).includes('told')) return;
  delete episode.firstToldAt;
  episode.tellAt = now;
}

function resolveByHand(draft: Draft, by: string): void {
  const { episode } = draft.state;
  if (episode?.phase === 'lingering') {
    // Asked twice: nothing is left to wait for.
    episode.phase = 'closed';
    return;
  }
  if (!isOngoing(episode)) return;
  const holds = episode.recovering === undefined;
  end(draft, episode, iso(draft.now), 'operator');
  episode.resolvedBy = by;
  if (holds && !episode.facts.test) episode.phase = 'lingering';
}

function opened(draft: Draft, answer: OpenedAlert): void {
  const { state, now } = draft;
  const { episode } = state;
  if (episode?.phase !== 'opening') return;
  const { alertId, channels, times, searchable, silenced, recentEnds } = answer;
  Object.assign(state, { channels, times, searchable });
  episode.phase = 'open';
  episode.alertId = alertId;
  episode.flapTimes = [...recentEnds.filter((at) => at > now - times.flapWindow), ...episode.flapTimes];
  if (silenced && silenced.until > now && episode.silenced === undefined) {
    episode.silenced = silenced;
    episode.revision += 1;
  }
  if (episode.acknowledged) return;
  const quick = episode.level === 'critical' && episode.about === 'condition';
  episode.tellAt = quick || episode.facts.test ? now : now + times.group;
}

function grouped(draft: Draft, group: Extract<AlertEvent, { kind: 'grouped' }>['group']): void {
  const { episode } = draft.state;
  if (!isOngoing(episode) || !episode.grouping) return;
  delete episode.grouping;
  if (episode.acknowledged || isSilenced(episode, draft.now)) return;
  tellBeginning(draft, episode, group);
}
