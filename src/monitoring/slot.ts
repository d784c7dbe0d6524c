/** When a watch looks, and until when. Pure. */

const MINUTE = 60_000;
/** A run that would cover more is ended by its run timeout: a rarer cron leaves a gap, and the result says until when. */
const LONGEST_MS = { 'monitoring-disponibilite': 9 * MINUTE, 'monitoring-performance': 29 * MINUTE };

export type WatchId = keyof typeof LONGEST_MS;

/** Values each field of a cron allows, as `schedules/` reads them. */
export interface Times {
  minute: readonly number[];
  hour: readonly number[];
  dayOfMonth: readonly number[];
  month: readonly number[];
  dayOfWeek: readonly number[];
}

const DAY_MINUTES = 24 * 60;

/** The first minute after an instant that a cron (UTC) means; a day later at the most. */
export function nextTime(times: Times, after: number): number {
  let at = (Math.floor(after / MINUTE) + 1) * MINUTE;
  for (let tries = 0; tries < DAY_MINUTES; tries += 1, at += MINUTE) {
    const date = new Date(at);
    const matches =
      times.minute.includes(date.getUTCMinutes()) &&
      times.hour.includes(date.getUTCHours()) &&
      times.dayOfMonth.includes(date.getUTCDate()) &&
      times.month.includes(date.getUTCMonth() + 1) &&
      times.dayOfWeek.includes(date.getUTCDay());
    if (matches) break;
  }
  return at;
}

export interface SlotInput {
  id: WatchId;
  /** Instant of the run; a clock that is behind the server's must not end a slot at its beginning. */
  scheduledAt: number;
  /** When the run began: its timeout counts from then. */
  startedAt: number;
  now: number;
  times: Times;
  /** Stands in for the cron: slots of so many seconds since 1970. */
  slotSeconds?: number;
}

/** Until when a run looks: the next one is due then, whatever became of the time between. */
export function slotEnd({ id, scheduledAt, startedAt, now, times, slotSeconds }: SlotInput): number {
  const from = Math.max(scheduledAt, now);
  if (slotSeconds !== undefined) {
    const length = slotSeconds * 1000;
    return (Math.floor(from / length) + 1) * length;
  }
  return Math.min(nextTime(times, from), startedAt + LONGEST_MS[id]);
}

/** The next look: a fixed time after the last one began, or at once where that is past. */
export const nextLook = (last: number, everyMs: number, now: number): number => Math.max(last + everyMs, now);
