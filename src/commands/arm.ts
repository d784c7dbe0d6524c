import { hostname, userInfo } from 'node:os';
import { stdin } from 'node:process';
import { confirm } from '@inquirer/prompts';
import { Command } from 'commander';
import { previewOf } from '../cleanup/preview.ts';
import { createPostgres } from '../clients/postgres.ts';
import { arm, disarm, lastPreview, modeOf } from '../schedules/arming.ts';
import type { ArmingDatabases, Preview } from '../schedules/arming.ts';
import { rowOf } from '../schedules/rows.ts';
import { SCHEDULES } from '../schedules/table.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { UsageError, print, printJson, runAction, say } from './output.ts';
import { readScheduleId } from './schedule-id.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

interface ArmOptions extends SettingsOptions {
  withoutPreview?: boolean;
  yes?: boolean;
  json?: boolean;
}

export const enableCommand = (): Command =>
  withSettings(new Command('enable'))
    .description('arm a job that only observes, after showing what it would have done')
    .argument('<schedule-id>')
    .option('--without-preview', 'arm it although it has not run in observe mode yet')
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print JSON')
    .action(runAction(enable));

export const disableCommand = (): Command =>
  withSettings(new Command('disable'))
    .description('put a job back into observe mode: it goes on running, and changes nothing')
    .argument('<schedule-id>')
    .option('--json', 'print JSON')
    .action(runAction(disable));

async function enable(id: string, options: ArmOptions): Promise<void> {
  const scheduleId = readObserved(id);
  await withDatabases(options, async (databases) => {
    const preview = await lastPreview(databases, scheduleId);
    if (!preview && !options.withoutPreview) {
      if ((await modeOf(scheduleId, databases)) === 'armed') {
        if (options.json) printJson({ scheduleId, mode: 'armed', preview: null });
        else print(`${scheduleId} is armed already`);
        return;
      }
      throw new UsageError(
        `${scheduleId} has not run in observe mode yet, so nobody has seen what it would do: ` +
          `run \`talos run ${scheduleId} --wait\` first, or add --without-preview`,
      );
    }
    if (preview) say(inWords(scheduleId, preview));
    await agree(`Arm ${scheduleId}? From now on it changes data`, options);
    await arm(databases, { scheduleId, by: `${userInfo().username}@${hostname()}`, preview });
    if (options.json) printJson({ scheduleId, mode: 'armed', preview: preview ?? null });
    else print(`${scheduleId} is armed`);
  });
}

async function disable(id: string, options: ArmOptions): Promise<void> {
  const scheduleId = readObserved(id);
  await withDatabases(options, async (databases) => {
    const wasArmed = await disarm(databases.ops, scheduleId);
    const mode = await modeOf(scheduleId, databases);
    if (options.json) printJson({ scheduleId, mode, wasArmed });
    else print(`${scheduleId} ${wasArmed ? 'observes again' : 'was not armed: it observes'}`);
  });
}

function readObserved(id: string): ScheduleId {
  const scheduleId = readScheduleId(id);
  if (rowOf(scheduleId).observe) return scheduleId;
  const observed = SCHEDULES.filter((row) => row.observe).map((row) => row.scheduleId);
  throw new UsageError(
    `${scheduleId} touches no customer and deletes nothing: it is always armed, and paused in Temporal ` +
      `(temporal schedule toggle). Arming is for ${observed.join(', ')}`,
  );
}

/** What is about to be done is asked for once: at the terminal, or by --yes. */
async function agree(message: string, { yes }: ArmOptions): Promise<void> {
  if (yes) return;
  if (!stdin.isTTY) throw new UsageError('there is no terminal to ask at: add --yes');
  if (!(await confirm({ message, default: false }))) throw new Error('nothing was changed');
}

const inWords = (scheduleId: ScheduleId, { at, workflowId, result }: Preview): string =>
  [
    `The last preview of ${scheduleId}, ${at.toISOString()} (${workflowId}):`,
    ...(previewOf(result) ?? [JSON.stringify(result, null, 2)]),
  ].join('\n');

async function withDatabases(
  options: SettingsOptions,
  work: (databases: ArmingDatabases) => Promise<void>,
): Promise<void> {
  const { environment } = await readSettings(options);
  const open = (url: string) => createPostgres({ url, applicationName: 'talos-cli', max: 1 });
  const databases = { ops: open(environment.opsDatabaseUrl), app: open(environment.databaseUrl) };
  try {
    await work(databases);
  } finally {
    await Promise.allSettled([databases.ops.close(), databases.app.close()]);
  }
}
