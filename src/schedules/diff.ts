import type { Client, ScheduleDescription } from '@temporalio/client';
import { ScheduleNotFoundError } from '@temporalio/client';
import { TASK_QUEUE } from '../shared/ids.ts';
import type { ScheduleSettings } from './rows.ts';
import { effectiveRows, missingSettings } from './rows.ts';
import { settingsOf, wantedSchedule } from './schedule.ts';
import type { ServerSchedule } from './schedule.ts';
import { isInternal } from './table.ts';
import type { ScheduleRow } from './table.ts';

export interface Difference {
  setting: string;
  found: string;
  wanted: string;
}

/**
 * `off`: settings are missing, so it is not registered. `stray`: on our task queue, and in no list of ours.
 */
export type ScheduleStatus = 'in step' | 'missing' | 'differs' | 'off' | 'stray';

export interface ScheduleDiff {
  scheduleId: string;
  /** The program's own, none of the owner's jobs. */
  internal?: true;
  status: ScheduleStatus;
  differences: Difference[];
  /** Settings whose absence turns the job off. */
  missing: string[];
  /** Whether somebody should act: `apply` mends `missing` and `differs`, a person decides about the others. */
  drift: boolean;
  /** What the server has now. */
  found?: ScheduleDescription;
}

/** Compares the server with the table, and says of every schedule what differs. Changes nothing. */
export async function diffSchedules({
  client,
  ...settings
}: ScheduleSettings & { client: Client }): Promise<ScheduleDiff[]> {
  const rows = effectiveRows(settings);
  const diffs: ScheduleDiff[] = [];
  for (const row of rows) diffs.push(await diffRow(client, row, missingSettings(row.scheduleId, settings)));
  return [...diffs, ...(await findStrays(client, rows))];
}

export async function diffRow(client: Client, row: ScheduleRow, missing: string[]): Promise<ScheduleDiff> {
  const found = await describe(client, row.scheduleId);
  const own = isInternal(row.scheduleId) && { internal: true as const };
  const base = { scheduleId: row.scheduleId, ...own, differences: [], missing, found };
  if (missing.length > 0) {
    // Never deleted: that is a person's decision. Paused, it does no harm.
    const drift = found !== undefined && !found.state.paused;
    return { ...base, status: 'off', drift };
  }
  if (found === undefined) return { ...base, status: 'missing', drift: true };
  const differences = compare(found.raw.schedule ?? {}, wantedSchedule(row));
  const drift = differences.length > 0;
  return { ...base, status: drift ? 'differs' : 'in step', differences, drift };
}

export async function describe(client: Client, scheduleId: string): Promise<ScheduleDescription | undefined> {
  try {
    return await client.schedule.getHandle(scheduleId).describe();
  } catch (error) {
    if (error instanceof ScheduleNotFoundError) return undefined;
    throw error;
  }
}

function compare(found: ServerSchedule, wanted: ServerSchedule): Difference[] {
  const before = settingsOf(found);
  return Object.entries(settingsOf(wanted))
    .map(([setting, value]) => ({ setting, found: before[setting] ?? '', wanted: value }))
    .filter((difference) => difference.found !== difference.wanted);
}

/** Schedules on our task queue that no list of ours names. The namespace may hold other applications' schedules. */
export async function findStrays(client: Client, rows: readonly ScheduleRow[]): Promise<ScheduleDiff[]> {
  const ours = new Set(rows.map((row) => row.scheduleId));
  const strays: ScheduleDiff[] = [];
  for await (const { scheduleId } of client.schedule.list()) {
    if (ours.has(scheduleId) || isInternal(scheduleId)) continue;
    // The list lags behind: a schedule in it may be gone.
    const found = await describe(client, scheduleId);
    if (found?.action.taskQueue !== TASK_QUEUE) continue;
    strays.push({ scheduleId, status: 'stray', differences: [], missing: [], drift: true, found });
  }
  return strays;
}
