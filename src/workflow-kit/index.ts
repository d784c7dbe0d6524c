export type { Answer } from './approval.ts';
export { brakeReasons, shareReasons, type Amounts, type BrakeHistory, type BrakeReason } from './brake.ts';
export { createKitActivities, type KitDeps, type Mode } from './activities.ts';
