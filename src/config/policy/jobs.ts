import { z } from 'zod';
import { section, whole } from './settings.ts';

/** Absolute, so that it means the same on every host and never looks like an option of a program. */
const hostPath = z
  .string()
  .regex(/^\/[^\0]*$/, 'is not an absolute path')
  .describe('Absolute path; *, ? and [] are expanded on the host.');

export const backup = section('backup-database.', {
  retention: section('How many backups of each tier are kept.', {
    daily: whole(7, 'Daily backups (days).'),
    weekly: whole(4, 'Weekly archives (weeks).'),
    monthly: whole(12, 'Monthly snapshots (months).'),
  }),
  prove: z
    .boolean()
    .default(true)
    .describe('Restore every backup into a throw-away PostgreSQL and compare it with its manifest.'),
  objectLock: z
    .enum(['off', 'governance', 'compliance'])
    .default('governance')
    .describe(
      'Lock kept backups against deletion until they expire, where the bucket has Object Lock: governance, compliance (nobody can lift it) or off.',
    ),
  digestDailyUpToGigabytes: whole(
    50,
    'Larger databases have their contents compared on Sundays only, their rows counted every day (GB).',
  ),
  keyCheckDays: whole(120, 'Remind when no private key has opened a backup for so long (days).'),
  alertAfterHours: whole(26, 'Alert when no backup has been proven for so long (hours).'),
  compressionLevel: z.int().min(1).max(19).default(3).describe('Level of zstd, 1 (fast) to 19 (small).'),
  files: section('Files of the VPS in the daily set; read over SSH, sealed on the way.', {
    paths: z
      .array(hostPath)
      .optional()
      .describe(
        'Files and folders. Default: [/etc/nginx] where a VPS is configured; without one, what stands here is read on this machine.',
      ),
    environment: z
      .array(hostPath)
      .default([])
      .describe('Environment files of the applications, as /opt/*/.env.'),
  }),
  n8n: section('n8n in the daily set.', {
    command: z
      .string()
      .regex(/\S/, 'is empty')
      .optional()
      .describe(
        'How n8n is called on the host, to export workflows and credentials: n8n, or docker exec -u node n8n n8n. Default: workflows alone, through the API.',
      ),
  }),
});

/** Of the jobs that reach customers. */
const brake = {
  brakeMinimum: whole(5, 'Up to so many customers the brake never holds.'),
  brakePercent: z
    .number()
    .min(0)
    .max(100)
    .default(5)
    .describe('Above that, a run for more than this share of all accounts waits for a person (%).'),
};

export const trials = section('expiration-essais and relance-essais-inactifs.', {
  inactiveDays: whole(3, 'A trial is nudged after more than so many days without activity (days).'),
  nudgeEveryDays: whole(7, 'At most one nudge in so long (days).'),
  nudgesPerTrial: whole(3, 'At most so many nudges a trial.'),
  offer: z
    .strictObject({
      percent: z.int().min(1).max(100).describe('Off the price (%).'),
      months: whole(3, 'For the first months of the subscription (months).'),
      validDays: whole(14, 'From the day on which the trial ends (days).'),
    })
    .optional()
    .describe(
      'Special offer in the end-of-trial e-mail, where customers.prospecting allows it. Default: none.',
    ),
  perRun: whole(2000, 'Trials that one run ends or nudges at the most; the next one goes on.'),
  ...brake,
});

export const lifecycle = section('archivage-clients-inactifs.', {
  inactiveMonths: whole(6, 'An account is inactive after so long without activity (months).'),
  reactivationDays: whole(30, 'Time to come back before archiving, from when the question left (days).'),
  reminderDays: whole(
    23,
    'The reminder leaves so long after the question, at 9:00; later than the rest: never (days).',
  ),
  anonymiseAfterMonths: whole(12, 'Time from archiving to anonymisation, which is final (months).'),
  perRun: whole(2000, 'Customers that one run asks at the most; the next one goes on.'),
  startsPerSecond: whole(20, 'Customers that one run asks in a second at the most.'),
  ...brake,
});
