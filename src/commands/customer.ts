import { createWriteStream } from 'node:fs';
import { stdin } from 'node:process';
import { confirm } from '@inquirer/prompts';
import { Command } from 'commander';
import { createClients, type Clients } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import {
  ask,
  listLifecycles,
  readFacts,
  readStanding,
  viewOf,
  type LifecycleView,
} from '../lifecycle/index.ts';
import { createPrivacy } from '../privacy/index.ts';
import { privacyDeps } from '../privacy-deps.ts';
import { withTemporal } from './connect.ts';
import { deadlineOf, tellMany, tellOne, waitForErasure } from './customer-tell.ts';
import { EXIT, print, printJson, printTable, runAction, UsageError, type ExitCode } from './output.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

type Options = SettingsOptions & { json?: boolean };
type Many = Options & { allSleeping?: boolean; dryRun?: boolean };

const WAIT_MS = 120_000;
const ALL = 'all whose lifecycle is under way, instead of one account';

export function customerCommand(): Command {
  const command = new Command('customer').description(
    'inactive customers: look, bring back, hold, another day; access and erasure requests',
  );
  const add = (name: string, description: string) =>
    withSettings(command.command(name).description(description)).option('--json', 'print JSON');
  add('list', 'show the lifecycles under way')
    .option('--overdue', 'only those whose next step is more than two days late')
    .action(runAction(list));
  add('status', 'show one lifecycle').argument('<account>').action(runAction(status));
  add('reactivate', 'bring a customer back, also out of the archive')
    .argument('<account>')
    .action(runAction(reactivate));
  add('hold', 'stop everything until it is released')
    .argument('[account]')
    .option('--all-sleeping', ALL)
    .option('--dry-run', 'say how many, and change nothing')
    .option('--by <code>', 'why, as a code: letters, spaces and hyphens; no names', 'operator')
    .action(
      runAction((account: string | undefined, options: Many & { by: string }) =>
        tell(account, options, () => ['hold', { by: options.by }]),
      ),
    );
  add('release', 'let it go on')
    .argument('[account]')
    .option('--all-sleeping', ALL)
    .option('--dry-run', 'say how many, and change nothing')
    .action(
      runAction((account: string | undefined, options: Many) => tell(account, options, () => ['release'])),
    );
  add('set-deadline', 'set the last day of the phase, or compute it again from the policy')
    .argument('[account]')
    .argument(
      '[day]',
      '2027-03-01 (the whole day is the customer’s) or an ISO instant; without it: from the policy',
    )
    .option('--all-sleeping', ALL)
    .option('--dry-run', 'say how many, and change nothing')
    .action(
      runAction((account: string | undefined, day: string | undefined, options: Many) =>
        tell(account, options, ({ policy }) => ['setDeadline', deadlineOf(day, policy)]),
      ),
    );
  add('export', 'write everything of a customer into a tar: an access request')
    .argument('<account>')
    .requiredOption('--out <file>', 'where to; the file is yours alone')
    .action(runAction(exportData));
  add('erase', 'anonymise a customer now, for good: an erasure request')
    .argument('<account>')
    .option('--dry-run', 'say what forbids it, and change nothing')
    .option('-y, --yes', 'do not ask')
    .action(runAction(erase));
  return command;
}

async function withClients<Result>(
  options: Options,
  work: (clients: Clients, config: Config) => Promise<Result>,
): Promise<Result> {
  const config = await readSettings(options);
  const clients = createClients(config);
  return work(clients, config).finally(() => clients.close());
}

const show = (view: LifecycleView, { json }: Options): void => {
  if (json) return printJson(view);
  for (const [name, value] of Object.entries(view))
    if (value !== undefined)
      print(`${name.padEnd(16)} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`);
};

const list = (options: Options & { overdue?: boolean }): Promise<void> =>
  withClients(options, async ({ ops }) => {
    const rows = await listLifecycles(ops, { overdue: options.overdue });
    if (options.json) return printJson(rows);
    if (rows.length === 0) return print('No lifecycle is under way.');
    printTable(
      ['ACCOUNT', 'PHASE', 'NEXT', 'REMARKS'],
      rows.map(({ accountId, phase, nextActionAt, held, trouble }) => [
        ...[accountId, phase, nextActionAt ?? '–'],
        [held && 'held', trouble].filter(Boolean).join(', '),
      ]),
    );
  });

/** As its workflow knows it; else as it was written down. */
const status = (account: string, options: Options): Promise<void> =>
  withClients(options, async ({ ops }, config) => {
    const standing = await readStanding(ops, account);
    if (!standing) throw new Error(`no lifecycle of ${account} is known`);
    const live = await withTemporal(config, (client) => tellOne.state(client, account)).catch(
      () => undefined,
    );
    show(live ?? viewOf(standing), options);
  });

const reactivate = (account: string, options: Options): Promise<ExitCode> =>
  withClients(options, async ({ ops }, config) => {
    const standing = await readStanding(ops, account);
    if (!standing || standing.endedAt !== undefined)
      throw new Error(`no lifecycle of ${account} is under way: there is nothing to bring back`);
    const asked = await withTemporal(config, (client) =>
      ask(client, account, { what: 'reactivate', by: 'operator', waitMs: WAIT_MS }),
    );
    if (asked.outcome === 'done' && asked.view.phase === 'reactivated')
      return (show(asked.view, options), EXIT.done);
    if (asked.outcome === 'noted') return (print(`${account}: noted; no worker answers`), EXIT.done);
    const why =
      asked.outcome === 'done'
        ? `it failed (${asked.view.trouble ?? 'unknown'}) and is tried again`
        : 'trop tard: too late';
    throw new Error(`${account}: ${why}`);
  });

type Message = [signal: 'hold' | 'release' | 'setDeadline', payload?: object];

const tell = (
  account: string | undefined,
  options: Many,
  message: (config: Config) => Message,
): Promise<void> =>
  withClients(options, async ({ ops }, config) => {
    if ((account === undefined) !== (options.allSleeping === true))
      throw new UsageError('name one account, or say --all-sleeping');
    const [signal, payload] = message(config);
    if (account !== undefined) {
      const standing = await readStanding(ops, account);
      if (!standing || standing.endedAt !== undefined)
        throw new Error(`no lifecycle of ${account} is under way`);
    }
    const told = await tellMany(
      { ops, config, dryRun: options.dryRun },
      { accounts: account === undefined ? undefined : [account], signal, payload },
    );
    if (options.json) printJson({ signal, ...told });
    else print(`${options.dryRun ? 'would signal' : 'signalled'} ${String(told.count)}: ${signal}`);
  });

const privacyOf = async (clients: Clients, config: Config) => {
  const deps = await privacyDeps(clients, config);
  if (!deps) throw new UsageError('ERASURE_LEDGER_KEY is not set');
  return createPrivacy(deps);
};

const exportData = (account: string, options: Options & { out: string }): Promise<void> =>
  withClients(options, async (clients, config) => {
    const privacy = await privacyOf(clients, config);
    const exported = await privacy.exportCustomer(
      account,
      createWriteStream(options.out, { flags: 'wx', mode: 0o600 }),
    );
    if (options.json) return printJson({ account, out: options.out, ...exported });
    const rows = Object.values(exported.counts).reduce((sum, count) => sum + count, 0);
    print(`${options.out}: ${String(rows)} rows, ${String(exported.files)} files`);
    if (exported.filesLeft > 0) print(`${String(exported.filesLeft)} files of Storage are not in it`);
  });

const erase = (account: string, options: Options & { dryRun?: boolean; yes?: boolean }): Promise<ExitCode> =>
  withClients(options, async (clients, config) => {
    const [facts, standing] = await Promise.all([
      readFacts(clients.app, account),
      readStanding(clients.ops, account),
    ]);
    if (!facts) throw new Error(`there is no account ${account}`);
    const { status: is, blockers } = facts;
    const plan = {
      account,
      status: is,
      phase: standing?.phase ?? null,
      held: standing?.held ?? null,
      blockers,
    };
    if (options.dryRun) {
      if (options.json) printJson(plan);
      else if (blockers.length > 0 || plan.held)
        print(
          `${account} may not be erased now: ${[...blockers, ...(plan.held ? ['held'] : [])].join(', ')}`,
        );
      else print(`${account} (${is}) would be anonymised, for good; nothing forbids it`);
      return EXIT.done;
    }
    await agree(`Anonymise ${account}, for good?`, options.yes);
    const ended = await withTemporal(config, (client) =>
      waitForErasure(client, account, {
        underWay: standing !== undefined && standing.endedAt === undefined,
        waitMs: WAIT_MS,
      }),
    );
    if (options.json) printJson(ended);
    else
      print(
        `${account}: ${ended.outcome}${ended.blocked.length > 0 ? ` (${ended.blocked.join(', ')})` : ''}`,
      );
    return ended.outcome === 'anonymised' ? EXIT.done : EXIT.failed;
  });

/** What is about to be done is asked for once: at the terminal, or by --yes. */
async function agree(message: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!stdin.isTTY) throw new UsageError('there is no terminal to ask at: add --yes');
  if (!(await confirm({ message, default: false }))) throw new Error('nothing was changed');
}
