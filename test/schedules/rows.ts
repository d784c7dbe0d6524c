import type { ScheduleRow } from '../../src/schedules/table.ts';

/** A row for tests: its workflow is never run. */
export const testRow = (changes: Partial<ScheduleRow> = {}): ScheduleRow => ({
  scheduleId: 'test-nightly',
  cron: '0 2 * * *',
  timeZone: 'Europe/Paris',
  workflow: 'nothing',
  overlap: 'SKIP',
  catchupWindow: '12 hours',
  runTimeout: '1 hour',
  note: 'A row of the tests',
  observe: false,
  ...changes,
});
