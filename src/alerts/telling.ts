/** Which notice goes to which channel, and what is asked back. Pure; changes the draft it is given. */
import type { AlertData, ChannelName, NoticeOf } from '../notifications/notice.ts';
import type { AlertCommand, AlertState, Closing, Episode, Outcome, Send } from './state.ts';

export interface Draft {
  state: AlertState;
  commands: AlertCommand[];
  now: number;
}

/** Channels that reach a person away from the screen. */
const AWAY: readonly ChannelName[] = ['sms', 'email', 'webhook'];

export const iso = (at: number): string => new Date(at).toISOString();

export const dataOf = (
  { state, now }: Pick<Draft, 'state' | 'now'>,
  episode: Episode,
  event: AlertData['event'],
  more: Partial<AlertData> = {},
): AlertData => ({
  event,
  alertId: episode.alertId,
  rule: state.rule,
  target: state.target,
  ...episode.facts,
  at: iso(now),
  ...more,
  workflowId: state.workflowId,
  runId: state.runId,
});

/** The same key never leaves twice on one channel, so each telling has its own. */
export function noticeOf(
  draft: Draft,
  episode: Episode,
  event: AlertData['event'],
  more: Partial<AlertData> = {},
): NoticeOf<'alert'> {
  const count = (episode.steps[event] ?? 0) + 1;
  episode.steps[event] = count;
  const { workflowId, runId } = draft.state;
  return {
    key: `${workflowId}/${runId.slice(0, 8)}/${episode.number}/${event}-${count}`,
    // A lack of data is told quietly, whatever it is that cannot be seen.
    level: event === 'no-data' || event === 'data-again' ? 'important' : episode.level,
    template: 'alert',
    data: dataOf(draft, episode, event, more),
  };
}

export function send(
  draft: Draft,
  episode: Episode,
  notice: Send['notice'],
  channels: readonly ChannelName[],
): void {
  const { outbox } = draft.state;
  // What is still under way on a channel that is down will tell it: ten reminders at its return would help nobody.
  const busy = outbox.filter(({ episode: number, withdrawn }) => number === episode.number && !withdrawn);
  const free = channels.filter((channel) => !busy.some((other) => other.channel === channel));
  if (free.length > 0) draft.state.told += 1;
  for (const channel of free) {
    const one: Send = {
      id: `${notice.key} ${channel}`,
      episode: episode.number,
      channel,
      notice: { ...notice, channels: [channel] },
    };
    outbox.push(one);
    draft.commands.push({ kind: 'send', send: one });
    if (episode.reached[channel] !== 'told') episode.reached[channel] = 'pending';
  }
}

/** Tells it on every channel of its level. */
export function tell(
  draft: Draft,
  episode: Episode,
  event: AlertData['event'],
  more: Partial<AlertData> = {},
): void {
  const notice = noticeOf(draft, episode, event, more);
  send(draft, episode, notice, draft.state.channels[event === 'escalated' ? 'escalation' : notice.level]);
}

/** Asks back what has not left yet. */
export function withdraw({ state, commands }: Draft, episode: Episode): void {
  for (const one of state.outbox) {
    if (one.episode !== episode.number || one.withdrawn) continue;
    one.withdrawn = true;
    commands.push({ kind: 'withdraw', id: one.id });
  }
}

/**
 * Tells the end on every channel that was to hear of the beginning. Where that is still under way it is asked back
 * first: should it not have left, the end is the one late notice that the channel gets.
 */
export function tellEnd(
  draft: Draft,
  episode: Episode,
  event: 'resolved' | 'data-again',
  more: Partial<AlertData>,
  onlyIfTold: boolean,
): void {
  withdraw(draft, episode);
  const channels = Object.keys(episode.reached) as ChannelName[];
  const concerned = channels.filter((channel) => episode.reached[channel] !== 'skipped');
  if (concerned.length === 0) return;
  const notice = noticeOf(draft, episode, event, more);
  for (const channel of concerned) {
    const closing: Closing = {
      channel,
      waitsFor: draft.state.outbox
        .filter((one) => one.episode === episode.number && one.channel === channel)
        .map(({ id }) => id),
      told: episode.reached[channel] === 'told',
      onlyIfTold,
      send: {
        id: `${notice.key} ${channel}`,
        episode: episode.number,
        channel,
        notice: { ...notice, channels: [channel] },
      },
    };
    draft.state.closing.push(closing);
  }
  closeWhatCanBe(draft);
}

function closeWhatCanBe({ state, commands }: Draft): void {
  const ready = state.closing.filter(({ waitsFor }) => waitsFor.length === 0);
  state.closing = state.closing.filter(({ waitsFor }) => waitsFor.length > 0);
  const counted = new Set(state.outbox.map(({ notice }) => notice.key));
  for (const { told, onlyIfTold, send: one } of ready) {
    if (!told && onlyIfTold) continue;
    const { notice } = one;
    if (!told && notice.template === 'alert' && notice.data.resolved)
      notice.data = { ...notice.data, resolved: { ...notice.data.resolved, late: true } };
    if (!counted.has(notice.key)) state.told += 1;
    counted.add(notice.key);
    state.outbox.push(one);
    commands.push({ kind: 'send', send: one });
  }
}

/** What became of a notice. */
export function settle(draft: Draft, id: string, outcome: Outcome): void {
  const { state } = draft;
  const one = state.outbox.find((candidate) => candidate.id === id);
  if (one === undefined) return;
  state.outbox = state.outbox.filter((candidate) => candidate !== one);
  for (const closing of state.closing) {
    if (!closing.waitsFor.includes(id)) continue;
    closing.waitsFor = closing.waitsFor.filter((other) => other !== id);
    closing.told ||= outcome === 'told';
  }
  const { episode } = state;
  const newer = state.outbox.some(
    ({ channel, episode: number }) => channel === one.channel && number === one.episode,
  );
  if (episode?.number === one.episode && episode.reached[one.channel] !== 'told' && !(newer && one.withdrawn))
    episode.reached[one.channel] = outcome;
  if (outcome === 'failed' && episode?.phase === 'open' && episode.number === one.episode)
    fallBack(draft, episode, one);
  closeWhatCanBe(draft);
}

/** Refused for good on the last channel that leads away from the screen: the next one takes over at once. */
function fallBack(draft: Draft, episode: Episode, { notice }: Send): void {
  if (episode.acknowledged || notice.level === 'info') return;
  const tried = AWAY.filter((channel) => episode.reached[channel] !== undefined);
  if (tried.some((channel) => !['failed', 'skipped'].includes(episode.reached[channel] ?? ''))) return;
  const next = AWAY.find((channel) => !tried.includes(channel));
  if (next !== undefined) send(draft, episode, notice, [next]);
}

/** Says through the channels that work which one does not. */
export function tellUndelivered(draft: Draft, episode: Episode): void {
  const away = AWAY.filter((channel) => episode.reached[channel] !== undefined);
  // One that refused for good has a notice of its own (`channel-failed`).
  const silent = away.filter((channel) => episode.reached[channel] === 'pending');
  const working = away.filter((channel) => episode.reached[channel] === 'told');
  if (silent.length === 0 || working.length === 0) return;
  send(draft, episode, noticeOf(draft, episode, 'reminder', { undelivered: silent }), working);
}
