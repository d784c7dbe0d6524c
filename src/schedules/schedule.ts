import type { ScheduleDescription } from '@temporalio/client';
import { decodeScheduleOverlapPolicy, encodeScheduleOverlapPolicy } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { msToTs, optionalTsToMs } from '@temporalio/common/lib/time.js';
import { TASK_QUEUE } from '../shared/ids.ts';
import { formatCron, parseCron, range, unique, type CronTimes } from './cron.ts';
import type { ScheduleRow } from './table.ts';
import { autumnDay, springDay } from './rows.ts';

/** A Schedule as Temporal keeps it. The SDK's own form has no conflict token, and would undo a pause made meanwhile. */
export type ServerSchedule = NonNullable<ScheduleDescription['raw']['schedule']>;
type Spec = NonNullable<ServerSchedule['spec']>;
type Calendar = NonNullable<Spec['structuredCalendar']>[number];
type Payload = ReturnType<typeof defaultPayloadConverter.toPayload>;

/** What the server is to keep for a row. The state (pause, note) is the operator's and not part of it. */
export function wantedSchedule(row: ScheduleRow): Pick<ServerSchedule, 'spec' | 'action' | 'policies'> {
  const never = autumnDay(row);
  return {
    spec: {
      // The comment is what the Web UI shows of the calendar that the server makes of a cron.
      cronString: [row.cron, ...springDay(row)].map((cron) => `${cron} # ${cron}`),
      excludeStructuredCalendar: never && [calendarOf(never)],
      timezoneName: row.timeZone,
    },
    action: {
      startWorkflow: {
        workflowId: row.scheduleId,
        workflowType: { name: row.workflow },
        taskQueue: { name: TASK_QUEUE },
        // No argument at all, as in a bare `temporal workflow start`: settings come from resolvePolicy.
        input: { payloads: [] },
        workflowRunTimeout: msToTs(row.runTimeout),
        userMetadata: { summary: defaultPayloadConverter.toPayload(row.note) },
      },
    },
    policies: {
      overlapPolicy: encodeScheduleOverlapPolicy(row.overlap),
      catchupWindow: msToTs(row.catchupWindow),
      pauseOnFailure: row.pauseOnFailure ?? false,
    },
  };
}

/** Every setting of a Schedule that `apply` owns, in words; the same words mean the same behaviour. */
export function settingsOf({ spec, action, policies }: ServerSchedule): Record<string, string> {
  const start = action?.startWorkflow;
  const milliseconds = (duration: Parameters<typeof optionalTsToMs>[0]) => optionalTsToMs(duration) ?? 0;
  const retries = start?.retryPolicy ? JSON.stringify(start.retryPolicy) : '';
  return {
    cron: timesOf(spec ?? {}).join(' and '),
    'time zone': spec?.timezoneName || 'UTC',
    overlap: decodeScheduleOverlapPolicy(policies?.overlapPolicy) ?? 'SKIP',
    'catch-up window': inWords(milliseconds(policies?.catchupWindow)),
    'pause on failure': policies?.pauseOnFailure ? 'yes' : 'no',
    workflow: start?.workflowType?.name ?? '',
    'workflow id': start?.workflowId ?? '',
    'task queue': start?.taskQueue?.name ?? '',
    arguments: `[${(start?.input?.payloads ?? []).map(textOf).join(', ')}]`,
    'run timeout': inWords(milliseconds(start?.workflowRunTimeout)),
    'execution timeout': inWords(milliseconds(start?.workflowExecutionTimeout)),
    'workflow retries': retries || 'none',
    summary: textOf(start?.userMetadata?.summary),
  };
}

/** Crons in their canonical spelling, and what no cron of ours says: intervals, exceptions, limits in time, jitter. */
function timesOf(spec: Spec): string[] {
  const seconds = (value: Parameters<typeof optionalTsToMs>[0]) => (optionalTsToMs(value) ?? 0) / 1000;
  const date = (value: Parameters<typeof optionalTsToMs>[0]) =>
    new Date(optionalTsToMs(value) ?? 0).toISOString();
  return [
    ...(spec.cronString ?? []).map((text) => formatCron(parseCron(text.replace(/#.*/, '')))),
    ...(spec.structuredCalendar ?? []).map(cronOf),
    ...(spec.interval ?? []).map(
      (every) => `every ${seconds(every.interval)} s from ${seconds(every.phase)} s`,
    ),
    ...(spec.excludeStructuredCalendar ?? []).map((calendar) => `not ${cronOf(calendar)}`),
    ...(spec.startTime ? [`from ${date(spec.startTime)}`] : []),
    ...(spec.endTime ? [`until ${date(spec.endTime)}`] : []),
    ...(seconds(spec.jitter) > 0 ? [`jitter ${seconds(spec.jitter)} s`] : []),
  ].sort();
}

type Ranges = Calendar['minute'];

const rangesOf = (given: number[]): Ranges => given.map((value) => ({ start: value, end: value, step: 1 }));

const calendarOf = ({ minute, hour, dayOfMonth, month, dayOfWeek }: CronTimes): Calendar => ({
  ...{ second: rangesOf([0]), minute: rangesOf(minute), hour: rangesOf(hour) },
  ...{ dayOfMonth: rangesOf(dayOfMonth), month: rangesOf(month), dayOfWeek: rangesOf(dayOfWeek) },
});

const values = (ranges: Ranges): number[] =>
  unique(
    (ranges ?? []).flatMap(({ start, end, step }) => {
      const from = start ?? 0;
      return range(from, Math.max(from, end ?? 0), Math.max(1, step ?? 1));
    }),
  );

/** A calendar by the times it means, whatever its comment and however its ranges are written. */
function cronOf(calendar: Calendar): string {
  const second = String(values(calendar.second));
  const years = values(calendar.year);
  const cron = formatCron({
    minute: values(calendar.minute),
    hour: values(calendar.hour),
    dayOfMonth: values(calendar.dayOfMonth),
    month: values(calendar.month),
    dayOfWeek: values(calendar.dayOfWeek),
  });
  return (
    cron + (second === '0' ? '' : ` at second ${second}`) + (years.length > 0 ? ` in ${years.join()}` : '')
  );
}

const textOf = (payload: Payload | null | undefined): string =>
  payload?.data ? Buffer.from(payload.data).toString() : '';

function inWords(milliseconds: number): string {
  if (milliseconds === 0) return 'none';
  const units = { day: 86_400_000, hour: 3_600_000, minute: 60_000, second: 1000 };
  for (const [unit, length] of Object.entries(units)) {
    const count = milliseconds / length;
    if (Number.isInteger(count)) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return `${milliseconds} ms`;
}
