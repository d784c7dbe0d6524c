export { createKitActivities, type KitDeps, type Mode } from './activities.ts';
