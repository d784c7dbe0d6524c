import { WorkflowNotFoundError } from '@temporalio/client';
import type { Client, ScheduleDescription } from '@temporalio/client';
import type { ScheduleId } from '../shared/ids.ts';
import type { Mode } from './arming.ts';
import type { ScheduleDiff } from './diff.ts';
import { diffSchedules } from './diff.ts';
import { effectiveRows } from './rows.ts';
import type { ScheduleSettings } from './rows.ts';

export interface ListedSchedule {
  scheduleId: string;
  /** The program's own, none of the owner's jobs. */
  internal?: true;
  cron: string;
  timeZone: string;
  workflow: string;
  state: 'active' | 'observe' | 'paused' | 'not applied' | 'off' | 'stray';
  /** What the state alone does not say: why, and what to do. */
  remarks: string[];
  /** Undefined where it cannot be read. */
  mode?: Mode;
  lastRun?: { workflowId: string; runId: string; at: Date; outcome: string };
  nextRun?: Date;
}

export interface ListOptions extends ScheduleSettings {
  client: Client;
  /** Undefined where it cannot be read. */
  modeOf: (scheduleId: ScheduleId) => Promise<Mode | undefined>;
}

/** The table and what the server has of it, in the order of the table; then our own, and strays last. */
export async function listSchedules({ modeOf, ...options }: ListOptions): Promise<ListedSchedule[]> {
  const rows = new Map(effectiveRows(options).map((row) => [row.scheduleId, row]));
  const listed: ListedSchedule[] = [];
  for (const diff of await diffSchedules(options)) {
    const row = rows.get(diff.scheduleId);
    const mode = row?.observe ? await modeOf(row.scheduleId as ScheduleId) : 'armed';
    listed.push({
      scheduleId: diff.scheduleId,
      ...(diff.internal && { internal: diff.internal }),
      cron: row?.cron ?? '',
      timeZone: row?.timeZone ?? diff.found?.spec.timezone ?? '',
      workflow: row?.workflow ?? diff.found?.action.workflowType ?? '',
      state: stateOf(diff, mode),
      remarks: remarksOf(diff, mode),
      mode,
      lastRun: diff.found && (await lastRun(options.client, diff.found)),
      // Of our own, which run each minute, it would say nothing, and widen the table beyond a terminal.
      nextRun: diff.internal || diff.found?.state.paused ? undefined : diff.found?.info.nextActionTimes[0],
    });
  }
  return listed;
}

function stateOf({ status, found }: ScheduleDiff, mode: Mode | undefined): ListedSchedule['state'] {
  if (status === 'missing') return 'not applied';
  if (status === 'off' || status === 'stray') return status;
  if (found?.state.paused) return 'paused';
  return mode === 'armed' ? 'active' : 'observe';
}

function remarksOf(diff: ScheduleDiff, mode: Mode | undefined): string[] {
  const { status, internal, found, missing, differences } = diff;
  const { paused = false, note, remainingActions } = found?.state ?? {};
  const changed = differences.map(({ setting }) => setting).join(', ');
  return [
    internal && 'internal: watches over the jobs above, and is none of them',
    status === 'missing' && 'not in Temporal yet: talos schedules apply',
    status === 'differs' &&
      `differs from the table (${changed}): talos schedules diff shows it, apply mends it`,
    status === 'stray' && 'on our task queue, and in no list of ours',
    missing.length > 0 && `${status === 'off' ? 'off: ' : ''}misses ${missing.join(', ')}`,
    diff.drift && status === 'off' && 'registered all the same: pause or delete it',
    paused && `paused${note ? `: ${note}` : ''}`,
    remainingActions !== undefined && `limited by hand: ${remainingActions} runs left`,
    found && mode === undefined && 'whether it is armed cannot be read',
  ].filter((remark) => typeof remark === 'string');
}

const OUTCOMES: Readonly<Record<string, string>> = {
  COMPLETED: 'ok',
  CONTINUED_AS_NEW: 'running',
  TIMED_OUT: 'timed out',
};

async function lastRun(client: Client, { info }: ScheduleDescription): Promise<ListedSchedule['lastRun']> {
  const action = info.recentActions.at(-1);
  if (action === undefined) return undefined;
  const { workflowId, firstExecutionRunId: runId } = action.action.workflow;
  try {
    const { status } = await client.workflow.getHandle(workflowId, runId).describe();
    const outcome = OUTCOMES[status.name] ?? status.name.toLowerCase();
    return { workflowId, runId, at: action.takenAt, outcome };
  } catch (error) {
    // Older than the namespace's retention.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    return { workflowId, runId, at: action.takenAt, outcome: 'forgotten' };
  }
}
