/** The Schedules and who polls, from Temporal: two questions, whatever the number of jobs. */
import type { Client } from '@temporalio/client';
import { TASK_QUEUE } from '../../shared/ids.ts';

export interface ScheduleState {
  paused: boolean;
  note?: string;
  next?: Date;
  /** When its last run began, as far as Temporal remembers. */
  begun?: Date;
}

export interface TemporalFacts {
  schedules: Map<string, ScheduleState>;
  /** Workers that have polled within the last minutes. */
  workers: number;
}

export async function readTemporal(client: Client, now: Date): Promise<TemporalFacts> {
  const [schedules, workers] = await Promise.all([readSchedules(client, now), readWorkers(client, now)]);
  return { schedules, workers };
}

async function readSchedules(client: Client, now: Date): Promise<Map<string, ScheduleState>> {
  const found = new Map<string, ScheduleState>();
  for await (const { scheduleId, state, info } of client.schedule.list()) {
    const next = info.nextActionTimes.find((at) => at > now);
    const begun = info.recentActions.at(-1)?.takenAt;
    found.set(scheduleId, { paused: state.paused, note: state.note, next, begun });
  }
  return found;
}

/** Temporal forgets a poller after five minutes; a long poll lasts one. */
const POLLED_MS = 2 * 60_000;

async function readWorkers(client: Client, now: Date): Promise<number> {
  const { pollers } = await client.workflowService.describeTaskQueue({
    namespace: client.options.namespace,
    taskQueue: { name: TASK_QUEUE },
    // TASK_QUEUE_TYPE_WORKFLOW
    taskQueueType: 1,
  });
  const seen = (pollers ?? []).filter(
    ({ lastAccessTime }) => now.getTime() - Number(lastAccessTime?.seconds ?? 0) * 1_000 < POLLED_MS,
  );
  return new Set(seen.map(({ identity }) => identity)).size;
}
