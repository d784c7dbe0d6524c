/** The bundle's entry and the registry of workflow names. Only re-exports. */
export { raiseAlert } from './alerts/workflow.ts';
export { backupDatabase } from './backup/workflow.ts';
export { cleanLogs, cleanTemporaryData } from './cleanup/workflow.ts';
export { guardMaintenance } from './guard/workflow.ts';
export { archiveInactiveCustomers, customerLifecycle } from './lifecycle/workflow.ts';
export { monitorAvailability, monitorPerformance, testLoad } from './monitoring/workflow.ts';
export { sendDailyReport, sendWeeklyReport } from './reports/workflow.ts';
export { updateStatistics } from './statistics/workflow.ts';
export { followUndelivered } from './notifications/workflow.ts';
export { expireTrials, nudgeInactiveTrials } from './trials/workflow.ts';
