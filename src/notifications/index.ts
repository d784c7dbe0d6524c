/** The public file of the room. Workflows import `workflow.ts` instead. */
export { createNotificationActivities } from './notify.ts';
export type { HowToTell, NotificationActivities, NotificationDeps } from './notify.ts';
export { createCustomerActivities } from './customer/activities.ts';
export { createCustomerNotices } from './customer/tell.ts';
export type { CustomerDeps, CustomerNotices, LastLook } from './customer/tell.ts';
export type { CustomerDelivery, CustomerNotice, CustomerTemplate, OfferData } from './customer/notice.ts';
export { CUSTOMER_TEMPLATES, customerPreviews } from './customer/samples.ts';
export { isStop, stopSms } from './customer/stop.ts';
export { readUnsubscribeLink, refuseContact } from './customer/unsubscribe.ts';
export { createFormatter } from './format.ts';
export type { Formatter, Locale } from './format.ts';
export { renderEmail, warmEmails } from './emails/render.ts';
export type { RenderedEmail, RenderOptions } from './emails/render.ts';
export { SAMPLE_MESSAGES } from './emails/clean-samples.ts';
export { SAMPLE_PEOPLE } from './emails/report-samples.ts';
export { TEMPLATES, samples } from './emails/samples.ts';
export { smsText } from './sms/text.ts';
export { recordProviderStatus } from './provider-status.ts';
export type {
  BackupFailedData,
  BackupStoredData,
  ChannelName,
  DailyReportData,
  GuardReportLateData,
  Delivery,
  Level,
  Notice,
  NoticeOf,
  NotifyResult,
  PeriodReportData,
  TemplateName,
} from './notice.ts';
