/** What an alert knows. Plain data: it crosses continue-as-new as it is. Pure. */
import type { AlertData, AlertDigestData, ChannelName, Level, NoticeOf } from '../notifications/notice.ts';
import type { Cleared, Firing, NoData } from './alert.ts';
import { ALERT_TIMES, type AlertChannels, type AlertTimes } from './times.ts';

/** One notice on its way through one channel. */
export interface Send {
  /** Unique in the run: the notice's key and the channel. */
  id: string;
  episode: number;
  channel: ChannelName;
  notice: NoticeOf<'alert'> | NoticeOf<'alert-digest'>;
  /** It was asked back; its outcome is still open. */
  withdrawn?: true;
}

/** `withdrawn`: asked back before it left. `skipped`: nobody is configured to receive it. */
export type Outcome = 'told' | 'failed' | 'skipped' | 'withdrawn';

/** The end of an episode for a channel that still had something under way: told when the outcome of that is known. */
export interface Closing {
  channel: ChannelName;
  waitsFor: string[];
  told: boolean;
  /** Nothing is told of an end whose beginning was not, when somebody knew of it anyway. */
  onlyIfTold: boolean;
  send: Send;
}

export interface Deed {
  /** ISO instant. */
  at: string;
  /** How it was asked for (`cli`, `link`, `sms`), never who. */
  by: string;
}

/** From the first report to the end: one incident, one row of `ops.alerts`. */
export interface Episode {
  number: number;
  /** 0 while the operations database has not given one. */
  alertId: number;
  /** `lingering`: closed by a person while the condition still holds, so that the same incident does not ring again. */
  phase: 'opening' | 'open' | 'lingering' | 'closed';
  about: 'condition' | 'no-data';
  facts: Omit<Firing, 'rule' | 'target' | 'level'>;
  /** The highest so far. */
  level: Level;
  /** Epoch ms, as every number of time here. */
  openedAt: number;
  /** Since when it holds without a break. */
  steadySince: number;
  lastReportAt: number;
  recovering?: { at: string; until: number; value?: number };
  acknowledged?: Deed;
  silenced?: Deed & { until: number };
  flaps: number;
  /** Those of the last hour, with the ends of earlier episodes. */
  flapTimes: number[];
  flappingToldAt?: number;
  /** When the beginning is to be told. */
  tellAt?: number;
  grouping?: boolean;
  firstToldAt?: number;
  /** The beginning or the last reminder. */
  lastToldAt?: number;
  reminders: number;
  escalated: boolean;
  undeliveredAt?: number;
  noDataTold: boolean;
  /** What became of the beginning on each channel. */
  reached: Partial<Record<ChannelName, 'pending' | Outcome>>;
  /** How many notices of each kind: part of their keys. */
  steps: Partial<Record<AlertData['event'], number>>;
  resolved?: { at: string; seconds: number; by: NonNullable<AlertData['resolved']>['by'] };
  /** Who resolved it by hand. */
  resolvedBy?: string;
  /** Grows with each change that the row of `ops.alerts` is to show. */
  revision: number;
}

export interface AlertState {
  rule: string;
  target: string;
  workflowId: string;
  /** The first run of the chain: the same after continue-as-new. */
  runId: string;
  times: AlertTimes;
  channels: AlertChannels;
  searchable: boolean;
  /** Absent before the first report. */
  episode?: Episode;
  outbox: Send[];
  closing: Closing[];
  /** Notices that were told, for the result: one on two channels counts once. */
  told: number;
}

export interface OpenedAlert {
  alertId: number;
  channels: AlertChannels;
  times: AlertTimes;
  /** A silence of an earlier episode that still holds. */
  silenced?: Deed & { until: number };
  /** When earlier episodes of the last hour ended (epoch ms): they count as flaps. */
  recentEnds: number[];
  /** Temporal knows the search attributes. */
  searchable: boolean;
}

export type AlertEvent =
  | { kind: 'fire'; firing: Firing }
  | { kind: 'clear' | 'dataAgain'; cleared: Cleared }
  | { kind: 'noData'; noData: NoData }
  /** With an id: only if it is still that alert. */
  | { kind: 'acknowledge'; by: string; alertId?: number }
  | { kind: 'silence'; until: number; by: string; alertId?: number }
  | { kind: 'resolve'; by: string; alertId?: number }
  | { kind: 'wake' }
  | { kind: 'opened'; opened: OpenedAlert }
  | { kind: 'numbered'; alertId: number; episode: number }
  | { kind: 'grouped'; group?: { key: string; data: AlertDigestData } }
  | { kind: 'settled'; id: string; outcome: Outcome };

export type AlertCommand =
  { kind: 'open' } | { kind: 'group' } | { kind: 'send'; send: Send } | { kind: 'withdraw'; id: string };

export const newAlert = (
  identity: Pick<AlertState, 'rule' | 'target' | 'workflowId' | 'runId'>,
): AlertState => ({
  ...identity,
  times: ALERT_TIMES,
  // What an alert opens with is what `openAlert` answers.
  channels: { critical: [], important: [], info: [], escalation: [] },
  searchable: false,
  outbox: [],
  closing: [],
  told: 0,
});

export type AlertStateName =
  'new' | 'firing' | 'no-data' | 'acknowledged' | 'silenced' | 'recovering' | 'resolved';

/** One word for people, search attributes and the row. */
export function nameOf({ episode }: AlertState, now: number): AlertStateName {
  if (episode === undefined) return 'new';
  if (episode.phase === 'closed' || episode.phase === 'lingering') return 'resolved';
  if (episode.recovering) return 'recovering';
  if (episode.acknowledged) return 'acknowledged';
  if (isSilenced(episode, now)) return 'silenced';
  return episode.about === 'no-data' ? 'no-data' : 'firing';
}

export const isSilenced = ({ silenced }: Episode, now: number): boolean =>
  silenced !== undefined && silenced.until > now;

/** Nothing left to wait for: the workflow may end. */
export const isOver = ({ episode, outbox, closing }: AlertState): boolean =>
  (episode === undefined || episode.phase === 'closed') && outbox.length === 0 && closing.length === 0;
