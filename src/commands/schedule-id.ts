import { closest, distance } from 'fastest-levenshtein';
import { missingSettings, rowOf } from '../schedules/rows.ts';
import type { ScheduleSettings } from '../schedules/rows.ts';
import type { ScheduleRow } from '../schedules/table.ts';
import { SCHEDULE_IDS, isScheduleId } from '../shared/ids.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { UsageError } from './output.ts';

/** Reads a schedule id that a person typed. */
export function readScheduleId(text: string): ScheduleId {
  if (isScheduleId(text)) return text;
  const near = closest(text, [...SCHEDULE_IDS]);
  const holding = SCHEDULE_IDS.filter((id) => text.length > 2 && id.includes(text));
  const meant = holding.length > 0 ? holding : distance(text, near) <= near.length / 2 ? [near] : [];
  const hint =
    meant.length > 0 ? `did you mean ${meant.join(' or ')}?` : `there are ${SCHEDULE_IDS.join(', ')}`;
  throw new UsageError(`there is no schedule '${text}'; ${hint}`);
}

/** The row of a job that can run: its settings are there. */
export function readRunnable(text: string, settings: ScheduleSettings): ScheduleRow<ScheduleId> {
  const scheduleId = readScheduleId(text);
  const row = rowOf(scheduleId);
  const missing = missingSettings(scheduleId, settings);
  if (missing.length > 0) throw new UsageError(`${scheduleId} is off: ${missing.join(', ')} not set`);
  return row;
}
