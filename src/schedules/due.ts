import { DAY_MS, wallClock } from '../shared/calendar.ts';
import { parseCron, type CronTimes } from './cron.ts';
import { springDay } from './rows.ts';
import type { ScheduleRow } from './table.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
/** February 29 may be eight years away. */
const LOOKS_BACK_DAYS = 8 * 366;

/**
 * When a row was due last, up to and with an instant, as its Schedule has it: a time that the clock skips is none, and
 * one that it shows twice is the second. Undefined for a cron that means no day at all. Not for workflows: Intl.
 */
export function lastDue(row: ScheduleRow, until: Date): Date | undefined {
  const instants = [row.cron, ...springDay(row)].flatMap(
    (cron) => lastTime(parseCron(cron), row.timeZone, until.getTime()) ?? [],
  );
  return instants.length === 0 ? undefined : new Date(Math.max(...instants));
}

function lastTime(times: CronTimes, timeZone: string, until: number): number | undefined {
  const shown = wallClock(timeZone);
  const instantOf = (wall: number): number | undefined => {
    const offsets = [wall - DAY_MS, wall + DAY_MS].map((at) => shown(at) - at);
    const instants = offsets.map((offset) => wall - offset).filter((at) => shown(at) === wall);
    return instants.length === 0 ? undefined : Math.max(...instants);
  };
  const today = Math.floor(shown(until) / DAY_MS);
  for (let day = today; day > today - LOOKS_BACK_DAYS; day -= 1) {
    if (!isDay(times, new Date(day * DAY_MS))) continue;
    for (const hour of times.hour.toReversed())
      for (const minute of times.minute.toReversed()) {
        const at = instantOf(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS);
        if (at !== undefined && at <= until) return at;
      }
  }
  return undefined;
}

const isDay = ({ dayOfMonth, month, dayOfWeek }: CronTimes, day: Date): boolean =>
  month.includes(day.getUTCMonth() + 1) &&
  dayOfMonth.includes(day.getUTCDate()) &&
  dayOfWeek.includes(day.getUTCDay());
