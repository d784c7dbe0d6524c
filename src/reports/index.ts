/** The public file of the room. Workflows import `workflow.ts` instead. */
export { createReportActivities, deliveryKey, type ReportDeps } from './activities.ts';
export { readReportMail, type ReportMail } from './accepted.ts';
export { readAccounts, readLeads } from './beside.ts';
