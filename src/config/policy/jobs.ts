import { z } from 'zod';
import { section, whole } from './settings.ts';

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
  alertAfterHours: whole(26, 'Alert when no backup has been proven for so long (hours).'),
  compressionLevel: z.int().min(1).max(19).default(3).describe('Level of zstd, 1 (fast) to 19 (small).'),
});

export const cleanup = section('nettoyage-donnees-temporaires and nettoyage-logs.', {
  temporaryFiles: section('Temporary files.', {
    keepDays: whole(7, 'Age from which they are deleted (days).'),
  }),
  logs: section('Logs.', { keepDays: whole(90, 'Age from which they are deleted (days).') }),
  n8nExecutions: section('Finished n8n executions.', {
    keepDays: whole(30, 'Age from which they are deleted (days).'),
  }),
});

export const trials = section('relance-essais-inactifs.', {
  inactiveDays: whole(3, 'A trial is nudged after more than so many days without activity (days).'),
});

export const lifecycle = section('archivage-clients-inactifs.', {
  inactiveMonths: whole(6, 'An account is inactive after so long without activity (months).'),
  reactivationDays: whole(30, 'Time to come back before archiving (days).'),
  anonymiseAfterMonths: whole(12, 'Time from archiving to anonymisation, which is final (months).'),
});
