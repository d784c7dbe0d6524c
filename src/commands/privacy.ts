import { Command } from 'commander';
import { createClients } from '../clients/index.ts';
import { createPostgres } from '../clients/postgres.ts';
import { readNamedUrl } from '../config/named-url.ts';
import { readTables } from '../database/index.ts';
import { privacyDeps } from '../privacy-deps.ts';
import {
  draftMap,
  findMapFaults,
  grantsOf,
  loadMap,
  retentionLine,
  retentionTable,
} from '../privacy/index.ts';
import { EXIT, print, printJson, runAction, UsageError, type ExitCode } from './output.ts';
import { reapplied, reapplyInto } from './restore-gate.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

interface Asked extends SettingsOptions {
  json?: boolean;
}

export function privacyCommand(): Command {
  const command = new Command('privacy').description(
    'the data map, its rights, and erasures after a restore',
  );
  withSettings(command.command('check'))
    .description('compare the data map with the database; fails where a column is not in it')
    .option('--json', 'print JSON')
    .action(runAction(check));
  withSettings(command.command('draft'))
    .description('print a first data map of the tables that no map names; TODO marks what to look at')
    .action(runAction(draft));
  withSettings(command.command('grants'))
    .description('print the SQL with the rights that the data map needs, for an administrator')
    .action(runAction(grants));
  withSettings(command.command('table'))
    .description('print the retention table, from the data map and the policy')
    .option('--language <language>', 'fr or en', 'fr')
    .action(runAction(table));
  withSettings(command.command('reapply'))
    .description('erase again, in a restored database, all who were erased before; then open it')
    .option('--into <url>', 'postgresql://… of the restored database')
    .option('--into-env <name>', 'variable that holds this URL')
    .option('--json', 'print JSON')
    .action(runAction(reapply));
  return command;
}

async function check(options: Asked): Promise<ExitCode> {
  const { environment, policy } = await readSettings(options);
  const map = await loadMap(policy.privacy);
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-check', max: 1 });
  try {
    const findings = await findMapFaults({ app, map });
    if (options.json) printJson({ map: map.version, findings });
    else if (findings.length === 0) print(`Every column of ${map.schemas.join(', ')} is in the data map.`);
    else for (const { problem, message } of findings) print(`${problem.padEnd(17)} ${message}`);
    return findings.length === 0 ? EXIT.done : EXIT.failed;
  } finally {
    await app.close();
  }
}

async function draft(options: SettingsOptions): Promise<void> {
  const { environment, policy } = await readSettings(options);
  const map = await loadMap(policy.privacy);
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-draft', max: 1 });
  try {
    print(draftMap(await readTables(app), map)?.text.trimEnd() ?? '# Every table is in the data map.');
  } finally {
    await app.close();
  }
}

async function grants(options: SettingsOptions): Promise<void> {
  const { policy } = await readSettings(options);
  print(grantsOf(await loadMap(policy.privacy)).trimEnd());
}

async function table({ language, ...options }: SettingsOptions & { language: string }): Promise<void> {
  if (language !== 'fr' && language !== 'en') throw new UsageError('--language is fr or en');
  const { policy } = await readSettings(options);
  print(`${retentionTable(await loadMap(policy.privacy), language)}\n\n${retentionLine(policy, language)}`);
}

async function reapply(options: Asked & { into?: string; intoEnv?: string }): Promise<void> {
  const config = await readSettings(options);
  const url = options.intoEnv === undefined ? options.into : await readNamedUrl(options.intoEnv);
  if (url === undefined)
    throw new UsageError('say which database: --into <url>, or --into-env <name of a variable>');
  const clients = createClients(config);
  try {
    const deps = await privacyDeps(clients, config);
    if (!deps)
      throw new UsageError('ERASURE_LEDGER_KEY is not set: without it nobody can be found in the ledger');
    const report = await reapplyInto(url, deps);
    if (options.json) printJson(report);
    else print(reapplied(report));
  } finally {
    await clients.close();
  }
}
