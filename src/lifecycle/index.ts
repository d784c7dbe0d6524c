export { createCustomerLifecycleActivities, type CustomerLifecycleDeps } from './customer/activities.ts';
export { createScanActivities, type ScanDeps } from './scan.ts';
export { ask, listLifecycles, readStanding, type Asked } from './desk.ts';
export { readFacts, type Facts } from './facts.ts';
export { startLifecycle } from './start.ts';
export type { LifecyclePolicy, LifecycleState, Phase } from './state.ts';
export { readOpen } from './store.ts';
export { viewOf, type LifecycleView } from './customer/view.ts';
