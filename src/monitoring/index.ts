export { createMonitoringActivities, type MonitoringDeps } from './activities.ts';
export { createTestLoadActivities } from './test-load.ts';
