import type { Duration } from '@temporalio/common';
import type { ScheduleOverlapPolicy } from '@temporalio/client';
import type { ScheduleId } from '../shared/ids.ts';
import type * as workflows from '../workflows.ts';

export type WorkflowName = Extract<keyof typeof workflows, string>;

export interface ScheduleRow<Id extends string = string, Workflow extends string = string> {
  scheduleId: Id;
  /** Five fields, as the owner wrote it. */
  cron: string;
  /**
   * Daily and rarer in Europe/Paris (or the policy's `timeZone`). Hourly and faster in UTC: in Paris they lose a real
   * hour each October.
   */
  timeZone: string;
  workflow: Workflow;
  /** What happens when the run before is still under way. */
  overlap: ScheduleOverlapPolicy;
  /** How late a run may still start after an outage of Temporal. */
  catchupWindow: Duration;
  /** A run that is still open by then is ended: with SKIP it would stop its schedule without a word. */
  runTimeout: Duration;
  note: string;
  /** Touches customers or deletes: changes nothing until it is armed (`talos enable`). */
  observe: boolean;
  pauseOnFailure?: true;
}

const PARIS = 'Europe/Paris';
// The brake may wait 72 hours for a person's answer.
const BRAKED = '4 days';

export const SCHEDULES: readonly ScheduleRow<ScheduleId, WorkflowName>[] = [
  {
    scheduleId: 'monitoring-disponibilite',
    cron: '*/5 * * * *',
    timeZone: 'UTC',
    workflow: 'monitorAvailability',
    overlap: 'BUFFER_ONE',
    catchupWindow: '1 minute',
    runTimeout: '10 minutes',
    note: 'Probes the application, n8n and Supabase; an SMS and an e-mail when one is down',
    observe: false,
  },
  {
    scheduleId: 'monitoring-performance',
    cron: '*/15 * * * *',
    timeZone: 'UTC',
    workflow: 'monitorPerformance',
    overlap: 'BUFFER_ONE',
    catchupWindow: '1 minute',
    runTimeout: '30 minutes',
    note: 'CPU, RAM, disk, API and database times; alerts when a threshold is exceeded',
    observe: false,
  },
  {
    scheduleId: 'update-statistiques',
    cron: '0 * * * *',
    timeZone: 'UTC',
    workflow: 'updateStatistics',
    overlap: 'SKIP',
    catchupWindow: '1 hour',
    runTimeout: '50 minutes',
    note: 'Statistics, KPIs, snapshots and materialised views',
    observe: false,
  },
  {
    scheduleId: 'expiration-essais',
    cron: '0 1 * * *',
    timeZone: PARIS,
    workflow: 'expireTrials',
    overlap: 'SKIP',
    catchupWindow: '12 hours',
    runTimeout: BRAKED,
    note: 'Ends expired trials and sends the end-of-trial e-mail',
    observe: true,
  },
  {
    scheduleId: 'nettoyage-donnees-temporaires',
    cron: '0 2 * * *',
    timeZone: PARIS,
    workflow: 'cleanTemporaryData',
    overlap: 'SKIP',
    catchupWindow: '12 hours',
    runTimeout: BRAKED,
    note: 'Deletes expired sessions, tokens and old temporary files; reports the space freed',
    observe: true,
  },
  {
    scheduleId: 'backup-database',
    cron: '0 3 * * *',
    timeZone: PARIS,
    workflow: 'backupDatabase',
    overlap: 'SKIP',
    catchupWindow: '12 hours',
    // Ends before the next day's, so that one that hangs costs one backup and not two.
    runTimeout: '20 hours',
    note: 'Full encrypted backup, proven by restoring it',
    observe: false,
  },
  {
    scheduleId: 'rapport-quotidien',
    cron: '0 8 * * *',
    timeZone: PARIS,
    workflow: 'sendDailyReport',
    // One unique key for each period makes reports safe side by side.
    overlap: 'ALLOW_ALL',
    catchupWindow: '6 hours',
    runTimeout: '12 hours',
    note: "Yesterday's leads, trials, sign-ups, revenue and conversion by e-mail",
    observe: false,
  },
  {
    scheduleId: 'relance-essais-inactifs',
    cron: '0 10 * * *',
    timeZone: PARIS,
    workflow: 'nudgeInactiveTrials',
    overlap: 'SKIP',
    catchupWindow: '12 hours',
    runTimeout: BRAKED,
    note: 'Helps active trials without activity for more than 3 days',
    observe: true,
  },
  {
    scheduleId: 'nettoyage-logs',
    cron: '0 4 * * 0',
    timeZone: PARIS,
    workflow: 'cleanLogs',
    overlap: 'SKIP',
    catchupWindow: '12 hours',
    runTimeout: BRAKED,
    note: 'Archives the important logs, deletes old ones and old n8n executions',
    observe: true,
  },
  {
    scheduleId: 'rapport-hebdomadaire',
    cron: '0 9 * * 1',
    timeZone: PARIS,
    workflow: 'sendWeeklyReport',
    overlap: 'ALLOW_ALL',
    catchupWindow: '3 days',
    runTimeout: '3 days',
    note: "The past week's figures and charts, goals against actual, by e-mail",
    observe: false,
  },
  {
    scheduleId: 'archivage-clients-inactifs',
    cron: '0 0 1 * *',
    timeZone: PARIS,
    workflow: 'archiveInactiveCustomers',
    overlap: 'SKIP',
    catchupWindow: '7 days',
    runTimeout: BRAKED,
    note: 'Asks inactive customers whether to reactivate, then archives and later anonymises',
    observe: true,
    // Leads to what cannot be undone: after a failure a person looks before the next month's run.
    pauseOnFailure: true,
  },
];

/** The program's own, beside the owner's eleven: applied and compared as they are, and in no list of jobs. */
export const INTERNAL_SCHEDULES: readonly ScheduleRow<'talos-guard', WorkflowName>[] = [
  {
    scheduleId: 'talos-guard',
    cron: '* * * * *',
    timeZone: 'UTC',
    workflow: 'guardMaintenance',
    overlap: 'SKIP',
    // What one minute missed, the next one sees.
    catchupWindow: '10 seconds',
    // Its activities give up after 90 seconds; more would only be a worker that is away.
    runTimeout: '2 minutes',
    note: 'Watches that the jobs do what they are for: a proven backup, a key that opens it',
    observe: false,
  },
];

export const isInternal = (scheduleId: string): boolean =>
  INTERNAL_SCHEDULES.some((row) => row.scheduleId === scheduleId);
