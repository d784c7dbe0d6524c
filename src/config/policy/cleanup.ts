import { z } from 'zod';
import { section, whole } from './settings.ts';

const tableName = z
  .string()
  .regex(/^[^.\s]+\.[^.\s]+$/, 'is not schema.table')
  .describe('Schema and table: public.api_tokens.');

const condition = (meaning: string) => z.string().regex(/\S/, 'is empty').describe(meaning);

const folder = z
  .string()
  .regex(/^\/[^\0]*$/, 'is not an absolute path')
  .describe('Absolute path of a folder on the VPS (on this machine where none is configured).');

export const cleanup = section('nettoyage-donnees-temporaires and nettoyage-logs.', {
  expired: section('Sessions, tokens and other rows that have expired.', {
    auth: z.boolean().default(true).describe('Expired sessions and tokens of Supabase’s schema auth.'),
    sessionIdleDays: whole(
      0,
      'Also sessions whose last refresh is older (days); only where the application ends them as well. 0: never.',
      0,
    ),
    tables: z
      .array(
        z.strictObject({
          table: tableName,
          expiredWhen: condition('SQL condition on a row; :now is the run’s instant: expires_at < :now.'),
        }),
      )
      .default([])
      .describe('Tables of the application with rows that expire.'),
  }),
  temporaryFiles: section('Temporary files.', {
    keepDays: whole(7, 'Age from which they are deleted (days since the last change).'),
    folders: z.array(folder).default([]).describe('Only what lies below them is deleted, never themselves.'),
    buckets: z
      .array(
        z.strictObject({
          bucket: z.string().regex(/^[^/\s]+$/, 'is not the name of a bucket'),
          prefix: z
            .string()
            .regex(/^[^/].*\/$/, 'does not end in /')
            .describe('Folder within the bucket, as tmp/.'),
        }),
      )
      .default([])
      .describe('Folders of Supabase Storage.'),
  }),
  logs: section('Logs.', {
    keepDays: whole(90, 'Age from which they are deleted (days).'),
    archiveMonths: whole(12, 'Important logs are kept in the archive for so long (months).'),
    tables: z
      .array(
        z.strictObject({
          table: tableName,
          timestamp: z.string().describe('Column that says when the row was written.'),
          keepDays: whole(90, 'Age from which rows are deleted (days).').optional(),
          importantWhen: condition(
            'SQL condition; such rows are archived before they are deleted: level = error.',
          ).optional(),
          level: z.string().optional().describe('Column or SQL expression with the level, for the report.'),
          source: z.string().optional().describe('Column or SQL expression with the source, for the report.'),
          message: z
            .string()
            .optional()
            .describe('Column or SQL expression with the message, for the report.'),
        }),
      )
      .default([])
      .describe('Log tables of the application; auth.audit_log_entries is always one, all of it important.'),
    folders: z
      .array(folder)
      .default([])
      .describe('Folders with rotated log files (app.log.1, app.log-20260901.gz), which are deleted by age.'),
  }),
  n8nExecutions: section('Finished n8n executions.', {
    keepDays: whole(30, 'Age from which they are deleted (days).'),
    through: z
      .enum(['api', 'database'])
      .default('api')
      .describe(
        'n8n’s API (N8N_URL), or faster its own database (N8N_DATABASE_URL, a role that may delete).',
      ),
    perSecond: whole(5, 'Deletions a second through n8n’s API.'),
  }),
  brakeMinimum: whole(
    100,
    'Up to so many rows or files of one source the brake never holds: after quiet nights the mean is 0.',
    0,
  ),
  minutes: whole(120, 'Time for one source; what is left goes with the next run (minutes).'),
});
