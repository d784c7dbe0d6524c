import { Command } from 'commander';
import { createPostgres } from '../clients/postgres.ts';
import { readNamedUrl } from '../config/named-url.ts';
import { applyDatabase, checkContract, databaseId, draftAdapter, readTables } from '../database/index.ts';
import type { ApplyReport, ContractMistake } from '../database/index.ts';
import { EXIT, print, printJson, runAction, say } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

interface ApplyCommandOptions extends SettingsOptions {
  adapter?: string;
  adminUrlEnv?: string;
  opsAdminUrlEnv?: string;
  json?: boolean;
}

export function databaseCommand(): Command {
  const command = new Command('database').description(
    'our schemas, the adapter and the roles in both databases',
  );
  withSettings(command.command('apply'))
    .description('bring roles, migrations, contract and adapter up to date; a second run changes nothing')
    .option('--adapter <file>', 'the SQL file that connects your application (default: TalosPrimes’)')
    .option('--admin-url-env <name>', 'variable with an administrator’s URL (default: DATABASE_URL)')
    .option('--ops-admin-url-env <name>', 'the same for the operations database (default: OPS_DATABASE_URL)')
    .option('--json', 'print JSON')
    .action(runAction(apply));
  withSettings(command.command('check'))
    .description(
      'compare schema saas with what we need of it; fails when something required is missing or wrong',
    )
    .option('--json', 'print JSON')
    .action(runAction(check));
  withSettings(command.command('draft'))
    .description('print a first adapter, guessed from the tables that are there; TODO marks what to look at')
    .action(runAction(draft));
  return command;
}

async function draft(options: SettingsOptions): Promise<void> {
  const { environment } = await readSettings(options);
  const db = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-draft', max: 1 });
  try {
    print(draftAdapter(await readTables(db)).text.trimEnd());
  } finally {
    await db.close();
  }
}

async function apply(options: ApplyCommandOptions): Promise<void> {
  const { environment } = await readSettings(options);
  const report = await applyDatabase({
    appUrl: options.adminUrlEnv ? await readNamedUrl(options.adminUrlEnv) : environment.databaseUrl,
    opsUrl: options.opsAdminUrlEnv ? await readNamedUrl(options.opsAdminUrlEnv) : environment.opsDatabaseUrl,
    adapterFile: options.adapter,
  });
  if (options.json) return printJson(report);
  for (const line of readable(report)) print(line);
  for (const warning of report.warnings) say(`warning: ${warning}`);
}

export function readable(report: ApplyReport): string[] {
  if (!report.changed)
    return ['Nothing to do: both databases are up to date.', ...contractLines(report.contract)];
  const { app, ops } = report.migrations;
  return [
    `roles and schemas  ${report.statements.length} changes`,
    ...report.statements.map((statement) => `  ${statement}`),
    `maintenance        ${app.length} migrations${app.length > 0 ? `: ${app.join(', ')}` : ''}`,
    `ops                ${ops.length} migrations${ops.length > 0 ? `: ${ops.join(', ')}` : ''}`,
    `saas               ${report.adapter}`,
    ...contractLines(report.contract),
    ...(report.withoutPassword.length > 0
      ? [
          '',
          'These roles cannot log in before you give them a password, in psql:',
          ...report.withoutPassword.map((role) => `  \\password ${role}`),
        ]
      : []),
  ];
}

const contractLines = (mistakes: ContractMistake[]): string[] =>
  mistakes.map(
    ({ problem, message }) => `${problem === 'optional' ? 'optional' : 'wrong'.padEnd(8)}  ${message}`,
  );

async function check(options: SettingsOptions & { json?: boolean }): Promise<ExitCode> {
  const { environment } = await readSettings(options);
  const db = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-check', max: 1 });
  try {
    const mistakes = await checkContract(db);
    if (options.json) printJson({ database: await databaseId(db), mistakes });
    else if (mistakes.length === 0) print('Schema saas keeps the contract.');
    else for (const line of contractLines(mistakes)) print(line);
    return mistakes.some(({ problem }) => problem !== 'optional') ? EXIT.failed : EXIT.done;
  } finally {
    await db.close();
  }
}
