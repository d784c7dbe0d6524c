import { z } from 'zod';
import { percent, section, whole } from './settings.ts';

const LEVELS = ['info', 'important', 'critical'] as const;
const CHANNELS = ['sms', 'email', 'in-app', 'webhook'] as const;

const level = (value: (typeof LEVELS)[number]) =>
  z.enum(LEVELS).default(value).describe('Level: info, important or critical.');

/** 0 is the owner's literal rule: one look above the threshold is enough. */
const lasting = (value: number) => whole(value, 'How long it must last (minutes); 0: one look is enough.', 0);

const slow = (meaning: string, seconds: number) =>
  section(meaning, {
    level: level('important'),
    aboveSeconds: z
      .number()
      .positive()
      .default(seconds)
      .describe('95 of 100 answers come sooner than this (seconds).'),
    forMinutes: whole(10, 'Over how long that is measured (minutes).'),
    minimumSamples: whole(20, 'Fewer measurements in that time say nothing; 0: any number does.', 0),
  });

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
    forMinutes: lasting(1),
  }),
  AL3: section('Server disk.', {
    level: level('critical'),
    abovePercent: percent(85, 'Capacity of any disk, as df says it, and use of its inodes (%).'),
    forMinutes: lasting(1),
  }),
  AL4: section('Application down.', {
    level: level('critical'),
    forMinutes: whole(1, 'How long it must last (minutes).'),
  }),
  AL5: section('Database connections.', {
    level: level('critical'),
    abovePercent: percent(80, 'Share of the usable limit (%).'),
    forMinutes: lasting(1),
  }),
  AL6: section('Slow query.', {
    level: level('critical'),
    aboveSeconds: whole(5, 'How long a query has been active (seconds).'),
  }),
  AL7: section('Database errors.', {
    level: level('critical'),
    abovePerMinute: whole(50, 'Errors in one minute.'),
  }),
  PF4: slow('Response time of the application.', 2),
  PF5: slow('Response time of the database.', 1),
  certificate: section('TLS certificate that ends soon; critical in its last 3 days.', {
    level: level('important'),
    belowDays: whole(21, 'Days left.'),
  }),
  restarts: section('A process of PM2 that restarts again and again.', {
    level: level('important'),
    above: whole(3, 'Restarts in ten minutes.'),
  }),
  noData: section('A target of which nothing is known: neither up nor down.', {
    forMinutes: whole(10, 'After how long that is told (minutes).'),
  }),
  AL8: section('No new lead.', {
    level: level('important'),
    forHours: whole(24, 'How long without a lead (hours).'),
    minimumPerDay: z
      .number()
      .min(0)
      .default(0)
      .describe('Rings only where so many leads a day were usual in the 28 days before; 0: always.'),
  }),
  AL9: section('Payment errors.', {
    level: level('important'),
    abovePercent: percent(10, 'Failed payments of all payments of the last 24 hours (%).'),
    minimumPayments: whole(10, 'Fewer payments in that time raise nothing; 0: any number does.', 0),
  }),
  AL10: section('Cancellations of a week.', {
    level: level('critical'),
    abovePercent: percent(20, 'Customers lost in the last 7 days, of those at their start (%).'),
    minimumCustomers: whole(10, 'Fewer customers at the start raise nothing; 0: any number does.', 0),
  }),
});

const channels = (value: (typeof CHANNELS)[number][], meaning: string) =>
  z.array(z.enum(CHANNELS)).default(value).describe(meaning);

export const notifications = section('Which channels carry which level: sms, email, in-app, webhook.', {
  critical: channels(['sms', 'email', 'in-app'], 'Channels of critical notices.'),
  important: channels(['email', 'in-app'], 'Channels of important notices.'),
  info: channels(['in-app'], 'Channels of notices for information.'),
  smsPerHour: whole(20, 'SMS within an hour at the most; then one digest, and e-mail.'),
});
