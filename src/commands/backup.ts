import { Command } from 'commander';
import { findBackup, listBackups, restoreInto } from '../backup/index.ts';
import { createObjectStore, type ObjectStore } from '../clients/object-store.ts';
import type { Config } from '../config/index.ts';
import { readNamedUrl } from '../config/named-url.ts';
import { addKeyVerbs, readIdentity } from './backup-keys.ts';
import { EXIT, print, printJson, printTable, runAction, say, UsageError, type ExitCode } from './output.ts';
import { progressLine } from './progress-line.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

interface ListOptions extends SettingsOptions {
  json?: boolean;
}

interface RestoreOptions extends ListOptions {
  into?: string;
  intoEnv?: string;
  identity: string;
  owner: boolean;
}

async function withStore<Result>(
  config: Config,
  work: (store: ObjectStore) => Promise<Result>,
): Promise<Result> {
  const { bucket } = config.environment;
  if (!bucket)
    throw new UsageError('no bucket: set BACKUP_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY');
  const store = createObjectStore(bucket);
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

async function list(options: ListOptions): Promise<void> {
  const backups = await withStore(await readSettings(options), listBackups);
  if (options.json) return printJson(backups);
  if (backups.length === 0) return print('no backup yet: talos run backup-database --wait');
  printTable(
    ['id', 'taken (UTC)', 'proof', 'tables', 'rows', 'size', 'restores in'],
    backups.map((backup) => [
      backup.backupId,
      backup.takenAt.slice(0, 19).replace('T', ' '),
      backup.proof,
      String(backup.tables),
      String(backup.rows),
      `${(backup.storedBytes / 1e6).toFixed(1)} MB`,
      backup.restoreSeconds === undefined ? '' : `${String(backup.restoreSeconds)} s`,
    ]),
  );
}

async function restore(wanted: string, options: RestoreOptions): Promise<ExitCode> {
  const config = await readSettings(options);
  const url = options.intoEnv === undefined ? options.into : await readNamedUrl(options.intoEnv);
  if (url === undefined)
    throw new UsageError('say where to: --into <url>, or --into-env <name of a variable>');
  const identities = (await readIdentity(options.identity)).map((key) => key.identity);
  return withStore(config, async (store) => {
    const { folder, manifest } = await findBackup(store, wanted);
    say(
      `restoring ${manifest.backupId} (${manifest.source.database}, ${manifest.takenAt}, ${manifest.proof.result})`,
    );
    const progress = progressLine();
    const report = await restoreInto({
      store,
      folder,
      manifest,
      identities,
      url,
      owners: options.owner,
      tools: { pgBin: config.environment.pgBin, toolDir: config.environment.toolDir },
      onProgress: progress.show,
    }).finally(progress.end);
    if (options.json) printJson({ backupId: manifest.backupId, ...report });
    else if (report.equal)
      print(
        `restored and equal to the manifest: ${String(report.tables)} tables, every row compared, ${String(report.seconds)} s`,
      );
    else
      print(
        [
          `restored, but it differs from the manifest:`,
          ...report.differences.map((line) => `  ${line}`),
        ].join('\n'),
      );
    return report.equal ? EXIT.done : EXIT.failed;
  });
}

export function backupCommand(): Command {
  const backup = new Command('backup').description('look at the backups in the bucket, and restore them');
  withSettings(backup.command('list'))
    .description('every complete backup, the newest first')
    .option('--json', 'print JSON')
    .action(runAction(list));
  withSettings(backup.command('restore'))
    .description('restore a backup into an empty database and compare every row with its manifest')
    .argument('<id>', 'an id of `talos backup list`, or `latest`: the newest proven one')
    .option('--into <url>', 'postgresql://… of an existing, empty database')
    .option(
      '--into-env <name>',
      'variable that holds this URL: keeps its password out of the list of processes',
    )
    .requiredOption('--identity <file>', 'the age identity file (private key) of one of the recipients')
    .option('--no-owner', 'everything belongs to the connecting role; grants are left out')
    .option('--json', 'print JSON')
    .action(runAction(restore));
  addKeyVerbs(backup, withStore);
  return backup;
}
