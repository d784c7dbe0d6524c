import { z } from 'zod';
import { SCHEDULE_IDS } from '../../shared/ids.ts';

const isTimeZone = (name: string): boolean => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
};

export const locale = z
  .enum(['fr', 'en'])
  .default('fr')
  .describe('Language of e-mails, SMS and pages: fr or en.');

export const timeZone = z
  .string()
  .refine(isTimeZone, 'is not a time zone name')
  .default('Europe/Paris')
  .describe('Time zone of days, weeks and months, and of the daily, weekly and monthly jobs (IANA name).');

const cron = z
  .string()
  .regex(/^\S+(?:\s+\S+){4}$/, 'is not a cron expression of five fields')
  .describe('Five fields: minute hour day month weekday.');

const byScheduleId = Object.fromEntries(SCHEDULE_IDS.map((id) => [id, cron.optional()])) as Record<
  (typeof SCHEDULE_IDS)[number],
  z.ZodOptional<typeof cron>
>;

export const crons = z
  .strictObject(byScheduleId)
  .default({})
  .describe(
    'Other times for a job, by schedule id; in the time zone its row has. Default: the table of README.',
  );
