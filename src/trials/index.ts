export { createEndingActivities, type EndingDeps } from './endings.ts';
export { createNudgeActivities, type NudgeDeps } from './nudges.ts';
