/** From policy to instants, by the days of a zone. For activities: Intl is not for workflows. */
import { localDays, startOfDay, wallClock } from '../shared/calendar.ts';
import type { LifecyclePolicy } from './state.ts';

const HOUR_MS = 3_600_000;
/** Whom we remind we do not wake. */
const REMINDER_HOUR = 9;

export interface Plan {
  deadline: string;
  remindAt?: string;
}

/** The whole of the last day belongs to the customer: what an e-mail says in words is what is done. */
export function planAsked(
  from: Date,
  { reactivationDays, reminderDays }: LifecyclePolicy,
  timeZone: string,
): Required<Plan> {
  const day = localDays(timeZone)(from);
  const reminderDay = startOfDay(timeZone, day + reminderDays);
  return {
    deadline: startOfDay(timeZone, day + reactivationDays + 1).toISOString(),
    remindAt: new Date(reminderDay.getTime() + REMINDER_HOUR * HOUR_MS).toISOString(),
  };
}

/** The same time of day so many months later; on the month's last day where it has no such day. */
export function monthsLater(from: Date, months: number, timeZone: string): Date {
  const shown = wallClock(timeZone);
  const offsetAt = (at: number): number => shown(at) - Math.floor(at / 1_000) * 1_000;
  const wall = new Date(from.getTime() + offsetAt(from.getTime()));
  const day = wall.getUTCDate();
  wall.setUTCDate(1);
  wall.setUTCMonth(wall.getUTCMonth() + months);
  const last = new Date(Date.UTC(wall.getUTCFullYear(), wall.getUTCMonth() + 1, 0)).getUTCDate();
  wall.setUTCDate(Math.min(day, last));
  // Twice: the first is right but for the hours in which the clock changes.
  const nearly = wall.getTime() - offsetAt(wall.getTime());
  return new Date(wall.getTime() - offsetAt(nearly));
}

export const planArchived = (
  from: Date,
  { anonymiseAfterMonths }: LifecyclePolicy,
  timeZone: string,
): Plan => ({
  deadline: monthsLater(from, anonymiseAfterMonths, timeZone).toISOString(),
});
