import { Command } from 'commander';
import { createPostgres } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { applySchedules } from '../schedules/apply.ts';
import type { ScheduleReport } from '../schedules/apply.ts';
import { modeOf } from '../schedules/arming.ts';
import { diffSchedules } from '../schedules/diff.ts';
import type { ScheduleDiff } from '../schedules/diff.ts';
import { listSchedules } from '../schedules/list.ts';
import type { ListOptions, ListedSchedule } from '../schedules/list.ts';
import { withTemporal } from './connect.ts';
import { EXIT, print, printJson, printTable, runAction } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

type Options = SettingsOptions & { json?: boolean };

export function schedulesCommand(): Command {
  const command = new Command('schedules').description(
    'the Schedules in Temporal and the table they come from',
  );
  const add = (name: string, description: string, action: (options: Options) => Promise<ExitCode | void>) =>
    withSettings(command.command(name).description(description))
      .option('--json', 'print JSON')
      .action(runAction(action));
  add('apply', 'make Temporal equal to the table; an operator’s pause and note stay', apply);
  add('diff', 'show what differs from the table; exit code 1 when something does', diff);
  add('list', 'show every job with its state, last and next run', list);
  return command;
}

async function apply(options: Options): Promise<void> {
  const config = await readSettings(options);
  const reports = await withTemporal(config, (client) => applySchedules({ client, ...config }));
  if (options.json) printJson(reports.map(withoutFound));
  else
    printTable(
      ['SCHEDULE', 'DONE', ''],
      reports.map((r) => [r.scheduleId, doneInWords(r), explain(r)]),
    );
}

async function diff(options: Options): Promise<ExitCode> {
  const config = await readSettings(options);
  const diffs = await withTemporal(config, (client) => diffSchedules({ client, ...config }));
  if (options.json) printJson(diffs.map(withoutFound));
  else {
    printTable(
      ['SCHEDULE', 'STATUS', ''],
      diffs.map((d) => [d.scheduleId, d.status, explain(d)]),
    );
    for (const { scheduleId, differences } of diffs)
      for (const { setting, found, wanted } of differences)
        print(`\n${scheduleId}: ${setting}\n  Temporal has  ${found}\n  the table     ${wanted}`);
  }
  return diffs.some(({ drift }) => drift) ? EXIT.failed : EXIT.done;
}

async function list(options: Options): Promise<void> {
  const config = await readSettings(options);
  const schedules = await withTemporal(config, (client) =>
    withModes(config, (modes) => listSchedules({ client, ...config, modeOf: modes })),
  );
  if (options.json) return printJson(schedules);
  printTable(
    ['SCHEDULE', 'CRON', 'ZONE', 'WORKFLOW', 'STATE', 'LAST RUN', 'NEXT RUN'],
    schedules.map((schedule) => [
      schedule.scheduleId,
      schedule.cron,
      schedule.timeZone.replace(/^.*\//, ''),
      schedule.workflow,
      schedule.state,
      schedule.lastRun ? `${clock(schedule.lastRun.at, schedule)} ${schedule.lastRun.outcome}` : '',
      schedule.nextRun ? clock(schedule.nextRun, schedule) : '',
    ]),
  );
  const remarks = schedules.flatMap((schedule) =>
    schedule.remarks.map((remark) => `${schedule.scheduleId}: ${remark}`),
  );
  if (remarks.length > 0) print(`\n${remarks.join('\n')}`);
}

/** A database that does not answer must not hide the list. */
async function withModes<Result>(
  { environment }: Config,
  work: (modes: ListOptions['modeOf']) => Promise<Result>,
): Promise<Result> {
  const open = (url: string) =>
    createPostgres({ url, applicationName: 'talos-cli', max: 1, connectTimeoutMs: 3000 });
  const databases = { ops: open(environment.opsDatabaseUrl), app: open(environment.databaseUrl) };
  try {
    return await work((scheduleId) => modeOf(scheduleId, databases).catch(() => undefined));
  } finally {
    await Promise.allSettled([databases.ops.close(), databases.app.close()]);
  }
}

const withoutFound = <Diff extends ScheduleDiff>(diff: Diff): Diff => ({ ...diff, found: undefined });

const doneInWords = ({ done, status }: ScheduleReport): string =>
  done !== 'none' ? done : status === 'in step' ? 'unchanged' : status;

function explain({ status, differences, missing, drift }: ScheduleDiff): string {
  if (status === 'stray') return 'on our task queue, and in no list of ours';
  const registered = drift && status === 'off' ? 'registered all the same' : '';
  const misses = missing.length > 0 ? `misses ${missing.join(', ')}` : '';
  return [misses, registered, ...differences.map(({ setting }) => setting)].filter(Boolean).join(', ');
}

/** In the schedule's own zone, in which its cron is written. */
const NEAR_MS = 6 * 86_400_000;

/** `Tue 03:31` within six days, `01 Dec` beyond: the table has 120 columns. */
const clock = (at: Date, { timeZone }: ListedSchedule): string => {
  const isNear = Math.abs(at.getTime() - Date.now()) < NEAR_MS;
  const parts = isNear
    ? ({ weekday: 'short', hour: '2-digit', minute: '2-digit' } as const)
    : ({ day: '2-digit', month: 'short' } as const);
  return new Intl.DateTimeFormat('en-GB', { timeZone: timeZone || 'UTC', ...parts })
    .format(at)
    .replace(',', '');
};
