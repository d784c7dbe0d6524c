import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { checkKey, createKeyFile, readKeys, verifyBackup, type OperatorKey } from '../backup/index.ts';
import { writeKeyCheck, type KeyCheckEntry } from '../backup/journal.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import { createPostgres } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { day, printVerified } from './backup-restored.ts';
import { EXIT, print, printJson, runAction, say, UsageError, type ExitCode } from './output.ts';
import { progressLine } from './progress-line.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';
import { stopRequest } from './stop-request.ts';

type WithStore = <Result>(config: Config, work: (store: ObjectStore) => Promise<Result>) => Promise<Result>;

interface KeyOptions extends SettingsOptions {
  identity: string;
  json?: boolean;
}

const failureOf = (error: unknown): string => {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
};

/** The keys of an age identity file; no message quotes any of them. */
export async function readIdentity(file: string): Promise<OperatorKey[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new UsageError(`--identity ${file} cannot be read (${failureOf(error)})`);
  });
  return readKeys(text).catch((error: unknown) => {
    throw new UsageError(`--identity ${file} ${failureOf(error)}`);
  });
}

async function keygen({ out, json }: { out: string; json?: boolean }): Promise<void> {
  const recipient = await createKeyFile(out).catch((error: unknown) => {
    const why = failureOf(error);
    throw new UsageError(
      why === 'EEXIST'
        ? `--out ${out} exists and is never written over: it may open backups. Name another file`
        : `--out ${out} cannot be written (${why})`,
    );
  });
  if (json) printJson({ recipient, file: out });
  else print(`public key: ${recipient}\nBACKUP_AGE_RECIPIENTS=${recipient}`);
  say(`
${out} holds the private key. It must leave this machine: move it to two
safe places (a password manager and paper, say) and delete it here. Without it
no backup can be opened; with it, anyone can open them all.
The public key goes into the worker's .env. Several are separated by commas.
Then try it from where the key is: talos backup check-key --identity <file>`);
}

const UNDEFINED_TABLE = '42P01';

/** Records the check; else says why not, which changes nothing about the key. The machine with the key may see no database. */
async function keep({ environment }: Config, entry: KeyCheckEntry): Promise<string | undefined> {
  const url = environment.opsDatabaseUrl;
  const ops = createPostgres({ url, applicationName: 'talos-cli', max: 1, connectTimeoutMs: 5000 });
  try {
    await writeKeyCheck(ops, entry);
    return undefined;
  } catch (error) {
    if ((error as { code?: unknown }).code === UNDEFINED_TABLE)
      return 'the operations database is older than this program: talos database apply';
    return `the operations database: ${failureOf(error)}`;
  } finally {
    await ops.close();
  }
}

export function addKeyVerbs(backup: Command, withStore: WithStore): void {
  async function check(wanted: string | undefined, options: KeyOptions): Promise<ExitCode> {
    const keys = await readIdentity(options.identity);
    const config = await readSettings(options);
    const result = await withStore(config, (store) => checkKey(store, keys, wanted));
    const { backupId, database, takenAt, recipient, problem } = result;
    const unrecorded = recipient === undefined ? undefined : await keep(config, { recipient, backupId });
    if (options.json) printJson({ ...result, recorded: result.opens && unrecorded === undefined });
    else if (result.opens)
      print(`the key opens ${backupId}\n(${database}, ${day(takenAt)}); its public key:\n${recipient}`);
    else say(`talos: ${problem ?? ''}\n  (backup of ${day(takenAt)})`);
    if (unrecorded !== undefined)
      say(`the date of this check could not be recorded (${unrecorded}): e-mails will not show it`);
    return result.opens ? EXIT.done : EXIT.failed;
  }

  async function verify(
    wanted: string,
    { identity, json, ...where }: Partial<KeyOptions>,
  ): Promise<ExitCode> {
    const keys = identity === undefined ? undefined : await readIdentity(identity);
    const config = await readSettings(where);
    const { pgBin, toolDir, workDir, verifyDatabaseUrl } = config.environment;
    const progress = progressLine();
    // The throw-away server holds plain text: Ctrl-C must still clear it.
    const stop = stopRequest(say);
    const aborting = new AbortController();
    void stop.promise.then(() => aborting.abort(new Error('stopped before the end')));
    const report = await withStore(config, (store) =>
      verifyBackup({
        ...{ store, wanted, keys, workDir, verifyDatabaseUrl },
        tools: { pgBin, toolDir },
        signal: aborting.signal,
        onProgress: progress.show,
      }),
    ).finally(() => {
      progress.end();
      stop.release();
    });
    if (json) printJson(report);
    else printVerified(report);
    return report.good ? EXIT.done : EXIT.failed;
  }

  backup
    .command('keygen')
    .description('make the key pair that opens backups; needs no settings, so that any machine will do')
    .option('--out <file>', 'where the private key goes; never written over', 'talos-backup-key.txt')
    .option('--json', 'print JSON')
    .action(runAction(keygen));
  withSettings(backup.command('check-key'))
    .description('open a real backup with your key, far enough to prove that it fits')
    .argument('[id]', 'an id of `talos backup list`; the newest complete one when left out')
    .requiredOption('--identity <file>', 'the age identity file (private key) of one of the recipients')
    .option('--json', 'print JSON')
    .action(runAction(check));
  withSettings(backup.command('verify'))
    .description('read a backup back and check it; with your key, also restore and compare it')
    .argument('<id>', 'an id of `talos backup list`, or `latest`: the newest proven one')
    .option('--identity <file>', 'the age identity file: restores into a throw-away database and compares')
    .option('--json', 'print JSON')
    .action(runAction(verify));
}
