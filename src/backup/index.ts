/** The public file of the room. */
export { createBackupActivities } from './activities.ts';
export { sweepScratch } from './scratch.ts';
export { findBackup, findBackupAt, listBackups, type ListedBackup } from './list.ts';
export { restoreInstant } from './restore-at.ts';
export { restoreFiles } from './restore-files.ts';
export {
  planRestore,
  restoreInto,
  type RestoreGate,
  type RestoreIntoOptions,
  type RestorePlan,
  type RestoreReport,
} from './restore-into.ts';
export { checkKey, createKeyFile, readKeys, type OperatorKey } from './keys.ts';
export { readLastKeyCheck } from './journal.ts';
export { checkSource, openSource } from './source.ts';
export { toolVersion } from './dump.ts';
export { hasService } from './service-part.ts';
export { verifyBackup, type VerifyReport } from './verify.ts';
