/** The public file of the room. Workflows import `workflow.ts` instead. */
export { createStatisticsActivities, type StatisticsDeps } from './activities.ts';
