import { z } from 'zod';
import { percent, section, whole } from './settings.ts';

const LEVELS = ['info', 'important', 'critical'] as const;
const CHANNELS = ['sms', 'email', 'in-app'] as const;

const level = (value: (typeof LEVELS)[number]) =>
  z.enum(LEVELS).default(value).describe('Level: info, important or critical.');

/** The rules of the specification by their ids. */
export const alerts = section('Thresholds of the alerts, by the ids of the specification.', {
  AL1: section('Server CPU.', {
    level: level('critical'),
    abovePercent: percent(90, 'Processor use (%).'),
    forMinutes: whole(5, 'How long it must last (minutes).'),
  }),
  AL2: section('Server memory.', {
    level: level('critical'),
    abovePercent: percent(90, 'Memory that is not available (%).'),
  }),
  AL3: section('Server disk.', {
    level: level('critical'),
    abovePercent: percent(85, 'Capacity of any disk, as df says it (%).'),
  }),
  AL4: section('Application down.', {
    level: level('critical'),
    forMinutes: whole(1, 'How long it must last (minutes).'),
  }),
  AL5: section('Database connections.', {
    level: level('critical'),
    abovePercent: percent(80, 'Share of the usable limit (%).'),
  }),
  AL6: section('Slow query.', {
    level: level('critical'),
    aboveSeconds: whole(5, 'How long a query has been active (seconds).'),
  }),
  AL7: section('Database errors.', {
    level: level('critical'),
    abovePerMinute: whole(50, 'Errors in one minute.'),
  }),
  AL8: section('No new lead.', {
    level: level('important'),
    forHours: whole(24, 'How long without a lead (hours).'),
  }),
  AL9: section('Payment errors.', {
    level: level('important'),
    abovePercent: percent(10, 'Failed payments of all payments (%).'),
  }),
  AL10: section('Cancellations of a week.', {
    level: level('critical'),
    abovePercent: percent(20, 'Customers lost in the week of those at its start (%).'),
  }),
});

const channels = (value: (typeof CHANNELS)[number][], meaning: string) =>
  z.array(z.enum(CHANNELS)).default(value).describe(meaning);

export const notifications = section('Which channels carry which level: sms, email, in-app.', {
  critical: channels(['sms', 'email', 'in-app'], 'Channels of critical notices.'),
  important: channels(['email', 'in-app'], 'Channels of important notices.'),
  info: channels(['in-app'], 'Channels of notices for information.'),
});
