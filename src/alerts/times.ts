/** How long an alert waits for what. Pure; resolved when an alert opens, so that its history says what held. */
import type { ChannelName, Level } from '../notifications/notice.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** A silence always ends: after this long at the latest (ms). */
export const LONGEST_SILENCE_MS = 7 * 24 * HOUR;

/** All in milliseconds. */
export interface AlertTimes {
  /** How long it must stay well before it counts as resolved; doubles with each flap above two in an hour. */
  hold: number;
  longestHold: number;
  /** Span over which flaps are counted. */
  flapWindow: number;
  /** That many flaps in the span, and coming and going for `flappingAfter`: told once, then again each `flappingAgain`. */
  flappingFlaps: number;
  flappingAfter: number;
  flappingAgain: number;
  /** Critical, told, and nobody has acknowledged it. */
  escalate: number;
  /** From one telling to the next, while nobody acknowledges; the last one repeats. */
  reminders: Readonly<Record<Level, readonly number[]>>;
  /** Reminders of one alert at the most: a count, not a time. */
  mostReminders: number;
  /** Alerts that are not critical wait this long for others to be told with. */
  group: number;
  /** A channel that did not take a critical notice for this long is told through the others. */
  undelivered: number;
  /** A test that nothing ended closes this long after its last report. */
  test: number;
}

export const ALERT_TIMES: AlertTimes = {
  hold: MINUTE,
  longestHold: 10 * MINUTE,
  flapWindow: HOUR,
  flappingFlaps: 3,
  flappingAfter: 10 * MINUTE,
  flappingAgain: 4 * HOUR,
  escalate: 10 * MINUTE,
  reminders: {
    critical: [15 * MINUTE, 30 * MINUTE, HOUR, 4 * HOUR],
    important: [24 * HOUR],
    info: [],
  },
  mostReminders: 20,
  group: 5 * SECOND,
  undelivered: MINUTE,
  test: 2 * MINUTE,
};

/** Which channels carry which level, and what an escalation goes through. */
export type AlertChannels = Readonly<Record<Level | 'escalation', readonly ChannelName[]>>;
