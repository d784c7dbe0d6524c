import { randomUUID } from 'node:crypto';
import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';
import type { ScheduleDiff } from './diff.ts';
import { diffRow, findStrays } from './diff.ts';
import type { ScheduleSettings } from './rows.ts';
import { effectiveRows, missingSettings } from './rows.ts';
import { wantedSchedule } from './schedule.ts';
import { ensureSearchAttributes } from './search-attributes.ts';
import type { ScheduleRow } from './table.ts';

export interface ScheduleReport extends ScheduleDiff {
  /** `none`: nothing to do, or nothing that `apply` may do (strays, jobs that are off). */
  done: 'created' | 'updated' | 'none';
}

const ALREADY_EXISTS = 6;
// One round mends; more are needed only when somebody changes the same schedule at the same moment.
const MAX_ROUNDS = 5;

/**
 * Makes the server equal to the table: creates and updates, never deletes. An operator's pause and note stay. Safe to
 * repeat, and safe when two of it run at once: an update says which version it saw, and is looked at after.
 */
export async function applySchedules({
  client,
  ...settings
}: ScheduleSettings & { client: Client }): Promise<ScheduleReport[]> {
  const rows = effectiveRows(settings);
  await ensureSearchAttributes(client);
  const reports: ScheduleReport[] = [];
  for (const row of rows) {
    const missing = missingSettings(row.scheduleId, settings);
    const before = await diffRow(client, row, missing);
    const done = missing.length === 0 ? await mend(client, row, before) : 'none';
    reports.push({ ...before, done });
  }
  const strays = await findStrays(client, rows);
  return [...reports, ...strays.map((stray): ScheduleReport => ({ ...stray, done: 'none' }))];
}

async function mend(client: Client, row: ScheduleRow, before: ScheduleDiff): Promise<ScheduleReport['done']> {
  let done: ScheduleReport['done'] = 'none';
  let seen = before;
  for (let round = 0; seen.drift; round += 1) {
    if (round === MAX_ROUNDS) {
      const settings = seen.differences.map(({ setting }) => setting).join(', ');
      throw new Error(`${row.scheduleId} does not keep what is written to it (${settings || seen.status})`);
    }
    if (seen.status === 'missing') done = (await create(client, row)) ? 'created' : done;
    else {
      await update(client, row, seen);
      done = done === 'created' ? done : 'updated';
    }
    seen = await diffRow(client, row, []);
  }
  return done;
}

/** False when another apply was first. */
async function create(client: Client, row: ScheduleRow): Promise<boolean> {
  try {
    await client.workflowService.createSchedule({
      ...requestFields(client, row),
      schedule: { ...wantedSchedule(row), state: { notes: row.note } },
    });
    return true;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === ALREADY_EXISTS) return false;
    throw error;
  }
}

/** Keeps the state as it is. When the schedule has changed since it was seen, the server drops this without a word. */
async function update(client: Client, row: ScheduleRow, { found }: ScheduleDiff): Promise<void> {
  await client.workflowService.updateSchedule({
    ...requestFields(client, row),
    conflictToken: found?.raw.conflictToken,
    schedule: { ...wantedSchedule(row), state: found?.raw.schedule?.state },
  });
}

const requestFields = (client: Client, { scheduleId }: ScheduleRow) => ({
  namespace: client.options.namespace,
  identity: client.options.identity,
  requestId: randomUUID(),
  scheduleId,
});
