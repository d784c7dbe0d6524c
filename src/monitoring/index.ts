export { createMonitoringActivities, type MonitoringDeps } from './activities.ts';
