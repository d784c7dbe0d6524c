/** The public file of the room. */
export { watchIsAlive } from './watch-alive.ts';
export { createGuardActivities, type GuardDeps } from './activities.ts';
export type { BackupRun, BackupWatch, ScheduleStanding } from './backup-watch.ts';
export type { ReportWatch } from './report-late.ts';
export { readLastRun } from './last-run.ts';
