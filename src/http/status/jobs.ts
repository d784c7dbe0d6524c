/** How each of the eleven jobs stands, of what the sources say. Pure. */
import { msToNumber } from '@temporalio/common/lib/time.js';
import type { Config } from '../../config/index.ts';
import { effectiveRows, lastDue, SCHEDULES, type ScheduleRow } from '../../schedules/index.ts';
import type { Facts } from './facts.ts';
import type { Run } from './read-runs.ts';

export interface JobState {
  id: string;
  cron: string;
  state: 'active' | 'observe' | 'paused' | 'off' | 'not applied' | 'unknown';
  /** Settings it lacks. */
  missing: string[];
  pauseNote?: string;
  next?: Date;
  /** Undefined: never, or not known. */
  last?: Run & { /** It should have been over long ago. */ lost: boolean };
  /** The runs of the trend, oldest first. */
  trend: { seconds: number; failed: boolean }[];
  /** Of one without a row yet: when Temporal began its last run. */
  begun?: Date;
  /** It should have begun then, and has not. */
  lateSince?: Date;
}

/** A worker that restarts takes some of it; what is later than this is told. */
const GRACE_MS = 15 * 60_000;
const SECOND_MS = 1_000;

export function jobStates({ policy, jobs }: Pick<Config, 'policy' | 'jobs'>, facts: Facts): JobState[] {
  return effectiveRows({ rows: SCHEDULES, policy }).map((row) => {
    const missing = jobs.find(({ scheduleId }) => scheduleId === row.scheduleId)?.missing ?? [];
    const runs = (facts.ops.known && facts.ops.value.runs.get(row.scheduleId)) || [];
    const schedule = facts.temporal.known ? facts.temporal.value.schedules.get(row.scheduleId) : undefined;
    const state = stateOf(row, missing, facts);
    const [last] = runs;
    const isDue = state === 'active' || state === 'observe';
    return {
      ...{ id: row.scheduleId, cron: row.cron, state, missing },
      ...(schedule?.paused && { pauseNote: schedule.note }),
      ...(schedule && !schedule.paused && { next: schedule.next }),
      ...(last && { last: { ...last, lost: isLost(last, row, facts.at) } }),
      ...(!last && schedule?.begun && { begun: schedule.begun }),
      trend: runs.toReversed().flatMap(({ startedAt, finishedAt, outcome }) => {
        if (finishedAt === null) return [];
        const seconds = (finishedAt.getTime() - startedAt.getTime()) / SECOND_MS;
        return [{ seconds: Math.max(0, seconds), failed: outcome === 'failed' }];
      }),
      ...(isDue && last && { lateSince: lateSince(row, last, facts.at) }),
    };
  });
}

function stateOf(row: ScheduleRow, missing: string[], { temporal, ops, app }: Facts): JobState['state'] {
  if (missing.length > 0) return 'off';
  if (!temporal.known) return 'unknown';
  const schedule = temporal.value.schedules.get(row.scheduleId);
  if (schedule === undefined) return 'not applied';
  if (schedule.paused) return 'paused';
  if (!row.observe) return 'active';
  if (!ops.known || !app.known) return 'unknown';
  return ops.value.arming.get(row.scheduleId) === app.value.databaseId ? 'active' : 'observe';
}

/** Its worker is gone and nobody has closed its row: its timeout is over. */
const isLost = ({ outcome, startedAt }: Run, { runTimeout }: ScheduleRow, at: Date): boolean =>
  outcome === 'running' && at.getTime() - startedAt.getTime() > msToNumber(runTimeout) + GRACE_MS;

/** One that has never run is new, not late; one that still runs may hold the next one back. */
function lateSince(row: ScheduleRow, last: Run, at: Date): Date | undefined {
  if (last.outcome === 'running') return undefined;
  const due = lastDue(row, new Date(at.getTime() - GRACE_MS));
  // A watch ends when the next one begins, and only then has its row.
  const seen = last.finishedAt ?? last.startedAt;
  return due && seen.getTime() < due.getTime() - 60 * SECOND_MS ? due : undefined;
}
