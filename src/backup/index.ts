/** The public file of the room. */
export { createBackupActivities } from './activities.ts';
export { sweepScratch } from './scratch.ts';
export { findBackup, listBackups, type ListedBackup } from './list.ts';
export { restoreInto, type RestoreReport } from './restore-into.ts';
export { checkKey, createKeyFile, readKeys, type OperatorKey } from './keys.ts';
export { verifyBackup } from './verify.ts';
