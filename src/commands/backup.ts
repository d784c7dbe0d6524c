import { Command } from 'commander';
import { listBackups, type ListedBackup } from '../backup/index.ts';
import { createObjectStore, type ObjectStore } from '../clients/object-store.ts';
import type { Config } from '../config/index.ts';
import { addKeyVerbs } from './backup-keys.ts';
import { addRestoreVerbs } from './backup-restore.ts';
import { print, printJson, printTable, runAction, say, UsageError } from './output.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

interface ListOptions extends SettingsOptions {
  json?: boolean;
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
  printTable(['id', 'tiers', 'proof', 'rows', 'size', 'restored'], backups.map(line));
  for (const part of new Set(backups.flatMap(({ lacks }) => lacks))) {
    const without = backups.filter(({ lacks }) => lacks.includes(part));
    say(
      `warning: ${part} could not be taken in ${String(without.length)} of them, the newest is\n  ${without[0]?.backupId ?? ''}`,
    );
  }
  for (const { backupId, unreadable } of backups)
    if (unreadable) say(`warning: ${backupId}:\n  ${unreadable}`);
}

/** Tiers by their first letters, and no time beside the one in the id: the line of a proven one fits on 80 columns. */
const line = ({ tiers, unreadable, ...backup }: ListedBackup): string[] => [
  backup.backupId,
  tiers.map((tier) => tier[0]).join(''),
  unreadable ? 'unreadable' : backup.proof,
  unreadable ? '' : String(backup.rows),
  unreadable ? '' : `${(backup.storedBytes / 1e6).toFixed(1)} MB`,
  backup.restoreSeconds === undefined ? '' : `${String(backup.restoreSeconds)} s`,
];

export function backupCommand(): Command {
  const backup = new Command('backup').description('look at the backups in the bucket, and restore them');
  withSettings(backup.command('list'))
    .description('every complete backup, the newest first; tiers: d(aily), w(eekly), m(onthly)')
    .option('--json', 'print JSON')
    .action(runAction(list));
  addRestoreVerbs(backup, withStore);
  addKeyVerbs(backup, withStore);
  return backup;
}
