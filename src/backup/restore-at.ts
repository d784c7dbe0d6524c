import { wallClock } from '../shared/calendar.ts';

const LOCAL = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/;
const WITH_ZONE = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/i;
const MINUTE_MS = 60_000;

/**
 * The instant that a person means: ISO 8601 with a zone as it is, else by the clock of `timeZone`. A day alone is its
 * last instant. An hour that the clock shows twice is the first one; one that it skips is the instant of the change.
 */
export function restoreInstant(text: string, timeZone: string): Date {
  const wrong = (): Error =>
    new Error(`'${text}' is no date: 2026-11-22, '2026-11-22 14:30' (${timeZone}) or 2026-11-22T13:30:00Z`);
  if (WITH_ZONE.test(text)) {
    const instant = new Date(text.replace(' ', 'T'));
    if (Number.isNaN(instant.getTime())) throw wrong();
    return instant;
  }
  const [, year, month, day, hour, minute, second] = LOCAL.exec(text) ?? [];
  const midnight = Date.UTC(Number(year), Number(month) - 1, Number(day));
  // 2026-02-30 would become March.
  if (Number.isNaN(midnight) || new Date(midnight).getUTCDate() !== Number(day) || Number(month) > 12)
    throw wrong();
  if (Number(hour ?? 0) > 23 || Number(minute ?? 0) > 59 || Number(second ?? 0) > 59) throw wrong();
  const wanted =
    hour === undefined
      ? midnight + 24 * 60 * MINUTE_MS
      : midnight + (Number(hour) * 60 + Number(minute)) * MINUTE_MS + Number(second ?? 0) * 1000;
  const shown = wallClock(timeZone);
  // The first instant at which the clock shows as much, to the minute: no zone is more than 15 hours from UTC.
  let [before, after] = [wanted - 15 * 60 * MINUTE_MS, wanted + 15 * 60 * MINUTE_MS];
  const exact = [wanted - (shown(before) - before), wanted - (shown(after) - after)].sort((a, b) => a - b);
  const found = exact.find((at) => shown(at) === wanted);
  if (found === undefined)
    while (after - before > 1000) {
      const middle = Math.floor((before + after) / 2000) * 1000;
      if (shown(middle) < wanted) before = middle;
      else after = middle;
    }
  return new Date((found ?? after) - (hour === undefined ? 1 : 0));
}
