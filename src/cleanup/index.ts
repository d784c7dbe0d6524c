/** The public file of the room. */
import { createCleanActivities as createSourceActivities, type CleanDeps } from './activities.ts';
import { createLogActivities, type LogDeps } from './logs/activities.ts';

export { createBucketSource } from './buckets/index.ts';
export { createExecutionSource, createExecutionTableSource } from './executions/index.ts';
export { createFolderSource } from './files/index.ts';
export { createOwnSources } from './own-tables.ts';
export { readMessages } from './logs/messages.ts';
export type { Source } from './source.ts';
export { checkTable, createTableSource, expiredRules, logRules } from './tables/index.ts';

export type CleanActivityDeps = CleanDeps & LogDeps;

export const createCleanActivities = (deps: CleanActivityDeps) => ({
  ...createSourceActivities(deps),
  ...createLogActivities(deps),
});
