/** The public file of the room. */
export { createGuardActivities, type GuardDeps } from './activities.ts';
export type { BackupRun, BackupWatch, ScheduleStanding } from './backup-watch.ts';
export { KEY_CHECK_DAYS } from './key-unchecked.ts';
export { readLastRun } from './last-run.ts';
