import { stdout } from 'node:process';
import type { Command } from 'commander';
import {
  findBackup,
  findBackupAt,
  planRestore,
  restoreFiles,
  restoreInstant,
  restoreInto,
  type RestoreIntoOptions,
} from '../backup/index.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Config } from '../config/index.ts';
import { readNamedUrl } from '../config/named-url.ts';
import { readIdentity } from './backup-keys.ts';
import { day, printPlan, printReport } from './backup-restored.ts';
import { EXIT, print, printJson, runAction, say, UsageError, type ExitCode } from './output.ts';
import { restoreGate } from './restore-gate.ts';
import { progressLine } from './progress-line.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';
import { stopRequest } from './stop-request.ts';

export type WithStore = <Result>(
  config: Config,
  work: (store: ObjectStore) => Promise<Result>,
) => Promise<Result>;

type Found = Awaited<ReturnType<typeof findBackup>>;

interface RestoreOptions extends SettingsOptions {
  at?: string;
  into?: string;
  intoEnv?: string;
  identity: string;
  database?: string;
  table?: string[];
  owner: boolean;
  dryRun?: boolean;
  json?: boolean;
}

const HOUR_MS = 3_600_000;
const age = (ms: number): string =>
  ms < HOUR_MS
    ? `${String(Math.round(ms / 60_000))} min`
    : ms < 48 * HOUR_MS
      ? `${(ms / HOUR_MS).toFixed(1)} h`
      : `${(ms / (24 * HOUR_MS)).toFixed(1)} days`;

/** The backup that an id or a date names; says on stderr which one that is. */
async function choose(store: ObjectStore, wanted: string | undefined, at: Date | undefined): Promise<Found> {
  const found = at ? await findBackupAt(store, at) : await findBackup(store, wanted ?? 'latest');
  const { backupId, takenAt, source, proof } = found.manifest;
  // The end of today lies ahead: what counts is what was written until now.
  const until = at && new Date(Math.min(at.getTime(), Date.now()));
  const old = until
    ? `,\n${age(until.getTime() - Date.parse(takenAt))} before ${day(until.toISOString())}: what was written between is not in it`
    : '';
  say(`backup ${backupId}: ${source.database}, ${proof.result}\ntaken ${day(takenAt)}${old}`);
  return found;
}

function instantOf(at: string | undefined, wanted: string | undefined, timeZone: string): Date | undefined {
  if ((at === undefined) === (wanted === undefined))
    throw new UsageError('say which backup: an id, latest, or --at <date>, and only one of them');
  if (at === undefined) return undefined;
  try {
    return restoreInstant(at, timeZone);
  } catch (error) {
    throw new UsageError(`--at ${(error as Error).message}`);
  }
}

/** Runs what takes long: progress on stderr, and Ctrl-C ends it in good order. */
async function stoppable<Result>(
  work: (signal: AbortSignal, onProgress: (line: string) => void) => Promise<Result>,
): Promise<Result> {
  const progress = progressLine();
  const stop = stopRequest(say);
  const aborting = new AbortController();
  void stop.promise.then(() => aborting.abort(new Error('stopped before the end')));
  return work(aborting.signal, progress.show).finally(() => {
    progress.end();
    stop.release();
  });
}

export function addRestoreVerbs(backup: Command, withStore: WithStore): void {
  async function restore(wanted: string | undefined, options: RestoreOptions): Promise<ExitCode> {
    const config = await readSettings(options);
    const at = instantOf(options.at, wanted, config.policy.timeZone);
    const url = options.intoEnv === undefined ? options.into : await readNamedUrl(options.intoEnv);
    if (url === undefined)
      throw new UsageError('say where to: --into <url>, or --into-env <name of a variable>');
    const identities = (await readIdentity(options.identity)).map((key) => key.identity);
    const { pgBin, toolDir } = config.environment;
    return withStore(config, async (store) => {
      const found = await choose(store, wanted, at);
      const { backupId, takenAt } = found.manifest;
      const request = (signal: AbortSignal, onProgress: (line: string) => void): RestoreIntoOptions => ({
        ...{ store, ...found, identities, url, signal, onProgress },
        ...{ database: options.database, tables: options.table, owners: options.owner },
        gate: restoreGate(config, url),
        tools: { pgBin, toolDir },
      });
      if (options.dryRun) {
        const plan = await stoppable((...how) => planRestore(request(...how)));
        if (options.json) printJson({ backupId, takenAt, ...plan });
        else printPlan(plan);
        return plan.problems.length === 0 ? EXIT.done : EXIT.failed;
      }
      const report = await stoppable((...how) => restoreInto(request(...how)));
      if (options.json) printJson({ backupId, takenAt, ...report });
      else printReport(report);
      return report.equal ? EXIT.done : EXIT.failed;
    });
  }

  async function files(
    wanted: string,
    { identity, to, json, ...where }: SettingsOptions & { identity: string; to: string; json?: boolean },
  ): Promise<ExitCode> {
    if (to === '-' && json) throw new UsageError('--to - writes the tar itself to stdout: leave out --json');
    if (to === '-' && stdout.isTTY)
      throw new UsageError('--to - writes a tar: send it to a file or a program, as in --to - | tar -t');
    const identities = (await readIdentity(identity)).map((key) => key.identity);
    const config = await readSettings(where);
    const { pgBin, toolDir } = config.environment;
    return withStore(config, async (store) => {
      const found = await choose(store, wanted, undefined);
      const report = await stoppable((signal, onProgress) =>
        restoreFiles({
          ...{ store, ...found, identities, signal, onProgress, tools: { pgBin, toolDir } },
          to: to === '-' ? stdout : to,
        }),
      );
      if (json) printJson({ backupId: found.manifest.backupId, folder: to, ...report });
      else if (to !== '-')
        print(
          `unpacked into ${to}${report.entries === undefined ? '' : `: ${String(report.entries)} entries`}. It holds secrets: delete it when done`,
        );
      return EXIT.done;
    });
  }

  const repeated = (value: string, before: string[] = []): string[] => [...before, value];
  withSettings(backup.command('restore'))
    .description('restore a backup, or some tables of it, and compare every row with its manifest')
    .argument('[id]', 'an id of `talos backup list`, or `latest`: the newest proven one')
    .option(
      '--at <date>',
      'the newest proven one at that time: 2026-11-22 (its end), "2026-11-22 14:30", or ISO 8601',
    )
    .option('--into <url>', 'postgresql://… of an existing, empty database')
    .option(
      '--into-env <name>',
      'variable that holds this URL: keeps its password out of the list of processes',
    )
    .requiredOption('--identity <file>', 'the age identity file (private key) of one of the recipients')
    .option(
      '--table <name>',
      'only this table (schema.name, or schema.*); may be repeated; the target may hold other tables',
      repeated,
    )
    .option('--database <name>', 'a database stored beside the main one, as operations')
    .option('--no-owner', 'everything belongs to the connecting role; grants are left out')
    .option('--dry-run', 'check key, target and extensions, say what would be done, and change nothing')
    .option('--json', 'print JSON')
    .action(runAction(restore));
  withSettings(backup.command('files'))
    .description('unpack the files stored beside the databases: configuration, n8n, logs')
    .argument('<id>', 'an id of `talos backup list`, or `latest`: the newest proven one')
    .requiredOption('--identity <file>', 'the age identity file (private key) of one of the recipients')
    .requiredOption('--to <folder>', 'a new or empty folder; - writes the tar to stdout')
    .option('--json', 'print JSON')
    .action(runAction(files));
}
