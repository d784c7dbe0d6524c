import { Command } from 'commander';
import { previewOf } from '../cleanup/preview.ts';
import { mintManualKey, startManually } from '../schedules/manual.ts';
import { triggerSchedule } from '../schedules/trigger.ts';
import { withTemporal } from './connect.ts';
import { progressLine } from './progress-line.ts';
import { UsageError, print, printJson, runAction, say } from './output.ts';
import { readRunnable } from './schedule-id.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';
import { watchRun } from './watch-run.ts';

interface RunOptions extends SettingsOptions {
  dryRun?: boolean;
  period?: string;
  wait?: boolean;
  json?: boolean;
}

export const runCommand = (): Command =>
  withSettings(new Command('run'))
    .description('run a job now: triggers its Schedule, or with --dry-run or --period starts it directly')
    .argument('<schedule-id>')
    .option('--dry-run', 'change nothing, and report what would be done')
    .option('--period <period>', 'a day, week, month or span: 2026-11-22, 2026-W47, 2026-11, FROM/TO')
    .option('--wait', 'show progress until the run ends, and print its result')
    .option('--json', 'print JSON')
    .action(runAction(runJob));

async function runJob(id: string, options: RunOptions): Promise<void> {
  const config = await readSettings(options);
  const row = readRunnable(id, config);
  const input = overridesOf(options);
  await withTemporal(config, async (client) => {
    const { workflowId, runId } = input
      ? await startManually(client, row, mintManualKey(), input)
      : await triggerSchedule(client, row.scheduleId);
    if (!options.wait) {
      if (options.json) printJson({ workflowId, runId });
      else print(`started ${workflowId}`);
      return;
    }
    say(`started ${workflowId}; Ctrl-C stops watching, not the run`);
    const progress = progressLine();
    const handle = client.workflow.getHandle(workflowId, runId);
    const result = await watchRun(handle, (text) => progress.show(text)).finally(() => progress.end());
    if (options.json) printJson({ ...asObject(result), workflowId, runId });
    // What a watch knows is for its next run.
    else
      for (const line of previewOf(result) ?? readable({ ...asObject(result), state: undefined }))
        print(line);
  });
}

function overridesOf({ dryRun, period }: RunOptions): Record<string, unknown> | undefined {
  if (period !== undefined && !isPeriod(period)) {
    throw new UsageError(`--period ${period} is none of 2026-11-22, 2026-W47, 2026-11, FROM/TO`);
  }
  if (!dryRun && period === undefined) return undefined;
  return { ...(dryRun && { dryRun }), ...(period !== undefined && { period }) };
}

export function isPeriod(text: string): boolean {
  const [from = '', to, ...rest] = text.split('/');
  if (to !== undefined) {
    const [start, end] = [from, to].map((instant) =>
      /^\d{4}-\d\d-\d\d/.test(instant) ? Date.parse(instant) : NaN,
    );
    return rest.length === 0 && Number(start) < Number(end);
  }
  if (/^\d{4}-W(0[1-9]|[1-4]\d|5[0-3])$/.test(from)) return true;
  if (!/^\d{4}-\d\d(-\d\d)?$/.test(from)) return false;
  // Date.parse moves 2026-02-30 on to March.
  const day = Date.parse(from);
  return !Number.isNaN(day) && new Date(day).toISOString().startsWith(from);
}

const asObject = (result: unknown): object =>
  typeof result === 'object' && result !== null && !Array.isArray(result) ? result : { result };

/** One line a value; what is nested keeps its path, `proof.result`, and empty lists are left out. */
function readable(result: object): string[] {
  const lines = (value: unknown, path: string): [string, string][] => {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.flatMap((item, at) => lines(item, at === 0 ? path : ''));
    if (typeof value !== 'object' || value === null) return [[path, JSON.stringify(value)]];
    return Object.entries(value).flatMap(([key, entry]) =>
      lines(entry, path === '' ? key : `${path}.${key}`),
    );
  };
  const all = lines(result, '');
  const width = Math.max(0, ...all.map(([key]) => key.length));
  return all.map(([key, value]) => `${key.padEnd(width)}  ${value.replace(/^"(.*)"$/, '$1')}`);
}
