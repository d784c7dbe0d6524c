/** The public file of the room. */
export { createBackupActivities } from './activities.ts';
export { sweepScratch } from './scratch.ts';
export { findBackup, listBackups, type ListedBackup } from './list.ts';
export { restoreInto, type RestoreReport } from './restore-into.ts';
