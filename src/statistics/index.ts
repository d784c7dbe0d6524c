/** The public file of the room. Workflows import `workflow.ts` instead. */
export { createBusinessAlertActivities, type BusinessAlertDeps } from './alerts.ts';
export { createMeasureActivities, type MeasureDeps } from './measures/activities.ts';
export { createStatisticsActivities, type StatisticsDeps } from './activities.ts';
export { explainFigure, NotExplained, type Explained } from './explain/index.ts';
