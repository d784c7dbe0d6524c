export { createCustomerLifecycleActivities, type CustomerLifecycleDeps } from './customer/activities.ts';
export { createScanActivities, type ScanDeps } from './scan.ts';
