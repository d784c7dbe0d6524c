import type { Policy } from '../config/index.ts';
import { ConfigError } from '../config/index.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { formatCron, parseCron, type CronTimes } from './cron.ts';
import { INTERNAL_SCHEDULES, SCHEDULES } from './table.ts';
import type { ScheduleRow } from './table.ts';

/** What decides how the server must look: a `Config` fits as it is. */
export interface ScheduleSettings {
  /** The owner's eleven and our own when left out. */
  rows?: readonly ScheduleRow[];
  policy?: Pick<Policy, 'crons' | 'timeZone'>;
  /** Without it every job counts as ready. */
  jobs?: readonly { scheduleId: string; missing: string[] }[];
}

export function rowOf(scheduleId: ScheduleId): ScheduleRow<ScheduleId> {
  const row = SCHEDULES.find((candidate) => candidate.scheduleId === scheduleId);
  if (row === undefined) throw new Error(`the table of schedules has no row ${scheduleId}`);
  return row;
}

const ALL: readonly ScheduleRow[] = [...SCHEDULES, ...INTERNAL_SCHEDULES];

/** The rows with the crons and the time zone of `maintenance.yaml`. */
export function effectiveRows({ rows = ALL, policy }: ScheduleSettings): ScheduleRow[] {
  const crons: Partial<Record<string, string>> = policy?.crons ?? {};
  return rows.map((row) => ({
    ...row,
    cron: readableCron(row.scheduleId, crons[row.scheduleId]) ?? row.cron,
    timeZone: row.timeZone === 'UTC' ? 'UTC' : (policy?.timeZone ?? row.timeZone),
  }));
}

/** The settings whose absence turns a job off. */
export const missingSettings = (scheduleId: string, { jobs = [] }: ScheduleSettings): string[] =>
  jobs.find((job) => job.scheduleId === scheduleId)?.missing ?? [];

function readableCron(scheduleId: string, cron: string | undefined): string | undefined {
  if (cron === undefined) return undefined;
  try {
    parseCron(cron);
    return cron;
  } catch (error) {
    const setting = `maintenance.yaml crons.${scheduleId}`;
    const mend = "Write five fields in quotes, as '0 3 * * *'.";
    throw new ConfigError([{ setting, problem: `is wrong: ${(error as Error).message}`, mend }]);
  }
}

const LAST_SUNDAY_OF_MARCH = parseCron('0 3 25-31 3 0');

/**
 * 02:00 to 02:59 does not exist in Paris on the last Sunday of March, and Temporal skips it. A row that would run
 * then gets a second cron: 03:00 on that day. (Zones that change elsewhere get none: keep clear of their gap.)
 */
export function springDay(row: ScheduleRow): string[] {
  const times = parseCron(row.cron);
  if (!times.hour.includes(2) || !skipsTwoInMarch(row.timeZone)) return [];
  const both = (field: 'dayOfMonth' | 'month' | 'dayOfWeek') =>
    LAST_SUNDAY_OF_MARCH[field].filter((value) => times[field].includes(value));
  const day = { dayOfMonth: both('dayOfMonth'), month: both('month'), dayOfWeek: both('dayOfWeek') };
  if (Object.values(day).some((values) => values.length === 0)) return [];
  return [formatCron({ ...LAST_SUNDAY_OF_MARCH, ...day })];
}

const LAST_SUNDAY_OF_OCTOBER = parseCron('0 2 25-31 10 0');

/**
 * On the last Sunday of October, when 02:00 to 02:59 comes twice, Temporal 1.32 gives a row of the hour before a second
 * run, an hour late. A row that runs at 01:00 and not at 02:00 says that it never runs then.
 */
export function autumnDay(row: ScheduleRow): CronTimes | undefined {
  const times = parseCron(row.cron);
  if (!times.hour.includes(1) || times.hour.includes(2) || !skipsTwoInMarch(row.timeZone)) return undefined;
  return { ...LAST_SUNDAY_OF_OCTOBER, minute: times.minute };
}

/** Whether the zone's clocks go from 01:59 to 03:00 on the European day, as on 2027-03-28. */
function skipsTwoInMarch(timeZone: string): boolean {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' });
  const at = (instant: string) => clock.format(new Date(instant));
  return at('2027-03-28T00:59:00Z') === '01:59' && at('2027-03-28T01:00:00Z') === '03:00';
}
