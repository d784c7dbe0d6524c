export { applySchedules } from './apply.ts';
export type { ScheduleReport } from './apply.ts';
export { arm, disarm, lastPreview, modeOf } from './arming.ts';
export type { Arming, ArmingDatabases, Mode, Preview } from './arming.ts';
export { diffSchedules } from './diff.ts';
export type { ScheduleDiff, ScheduleStatus } from './diff.ts';
export type { ScheduleSettings } from './rows.ts';
export { SCHEDULES } from './table.ts';
export type { ScheduleRow } from './table.ts';
