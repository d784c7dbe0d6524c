import { Argument, Command } from 'commander';
import type { Client } from '@temporalio/client';
import { WorkflowNotFoundError } from '@temporalio/client';
import { listAlerts, readAlert, readLastAlert, type ListedAlert } from '../alerts/list.ts';
import { LONGEST_SILENCE_MS } from '../alerts/times.ts';
import type { AlertView } from '../alerts/view.ts';
import { createPostgres } from '../clients/postgres.ts';
import type { Queryable } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { alertRows, ALERT_COLUMNS, showAlert } from './alerts-text.ts';
import { withTemporal } from './connect.ts';
import { EXIT, print, printJson, printTable, runAction, say, UsageError } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

type Options = SettingsOptions & { json?: boolean };

const WHICH = 'A17, or rule/target as AL4/app';

export function alertsCommand(): Command {
  const command = new Command('alerts').description('the open alerts: look, acknowledge, silence, resolve');
  const add = (name: string, description: string) =>
    withSettings(command.command(name).description(description)).option('--json', 'print JSON');
  add('list', 'show the open alerts')
    .option('--all', 'the last fifty, also those that are over')
    .action(runAction(list));
  add('show', 'show one alert with all that is known of it')
    .addArgument(new Argument('<alert>', WHICH))
    .action(runAction(show));
  add('acknowledge', 'stop reminders and escalation; the end is still told')
    .alias('ack')
    .addArgument(new Argument('<alert>', WHICH))
    .action(runAction((which: string, options: Options) => tell(which, options, 'acknowledge')));
  add('silence', 'no message of this alert for a while, seven days at the most')
    .addArgument(new Argument('<alert>', WHICH))
    .addArgument(new Argument('<for>', '45m, 2h, 3d; or 0 to end the silence'))
    .action(
      runAction((which: string, span: string, options: Options) => {
        const until = new Date(Date.now() + readSpan(span)).toISOString();
        return tell(which, options, 'silence', { until });
      }),
    );
  add('resolve', 'close it: the same incident does not ring again')
    .addArgument(new Argument('<alert>', WHICH))
    .action(runAction((which: string, options: Options) => tell(which, options, 'resolve')));
  return command;
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `2h` in milliseconds. */
export function readSpan(text: string): number {
  if (text === '0') return 0;
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(text) ?? [];
  const ms = count && unit ? Number(count) * UNITS[unit as keyof typeof UNITS] : NaN;
  if (ms <= LONGEST_SILENCE_MS) return ms;
  throw new UsageError(
    Number.isNaN(ms)
      ? `'${text}' is no length of time: 45m, 2h, 3d, or 0 to end the silence`
      : `a silence ends after seven days at the latest, and ${text} is longer`,
  );
}

async function withAlerts<Result>(
  { environment }: Config,
  work: (ops: Queryable) => Promise<Result>,
): Promise<Result> {
  const ops = createPostgres({
    url: environment.opsDatabaseUrl,
    applicationName: 'talos-cli',
    max: 1,
    connectTimeoutMs: 5_000,
  });
  try {
    return await work(ops);
  } catch (error) {
    throw explained(error);
  } finally {
    await ops.close();
  }
}

function explained(error: unknown): unknown {
  const { code, syscall } = (error ?? {}) as { code?: string; syscall?: string };
  if (code === '42P01')
    return new Error('the operations database has no alerts yet: `talos database apply`', { cause: error });
  if (syscall !== undefined || /timeout|terminated/i.test(String(error)))
    return new Error(
      'the operations database does not answer (OPS_DATABASE_URL). Open alerts are also in the Temporal Web UI: ' +
        'workflows of type raiseAlert',
      { cause: error },
    );
  return error;
}

/** Reads `A17`, `17`, `AL4/app` or the workflow's id. */
async function find(ops: Queryable, which: string): Promise<ListedAlert> {
  const [, digits] = /^a?(\d{1,15})$/i.exec(which) ?? [];
  const [, rule, target] = /^(?:alert\/)?([^/]+)\/(.+)$/.exec(which) ?? [];
  if (digits === undefined && (rule === undefined || target === undefined))
    throw new UsageError(`'${which}' is no alert: ${WHICH}; \`talos alerts list\` shows them`);
  const found =
    digits === undefined
      ? await readLastAlert(ops, rule ?? '', target ?? '')
      : await readAlert(ops, Number(digits));
  if (found) return found;
  throw new Error(`there is no alert ${which}; \`talos alerts list --all\` shows the last ones`);
}

async function list(options: Options & { all?: boolean }): Promise<void> {
  const config = await readSettings(options);
  const alerts = await withAlerts(config, (ops) => listAlerts(ops, { all: options.all }));
  if (options.json) return printJson(alerts.map(({ data, ...alert }) => ({ ...alert, ...figures(data) })));
  if (alerts.length === 0) return print(options.all ? 'There was no alert yet.' : 'No alert is open.');
  printTable(ALERT_COLUMNS, alertRows(alerts, Date.now(), config.policy.timeZone));
}

const figures = ({ value, threshold, unit, reason }: ListedAlert['data']) => ({
  value,
  threshold,
  unit,
  reason,
});

async function show(which: string, options: Options): Promise<void> {
  const config = await readSettings(options);
  const alert = await withAlerts(config, (ops) => find(ops, which));
  // What has happened since its beginning only the workflow knows; the row will do without it.
  const live =
    alert.state === 'resolved'
      ? undefined
      : await withTemporal(config, (client) => ask(client, alert)).catch(() => undefined);
  const now = live?.alertId === alert.alertId ? live : undefined;
  if (options.json) return printJson({ ...alert, live: now });
  for (const line of showAlert(alert, now, config.policy.timeZone)) print(line);
  if (!now && alert.state !== 'resolved') say('(as it was written down: no worker answers)');
}

const ANSWER_MS = 5_000;

const ask = (client: Client, { workflowId }: ListedAlert): Promise<AlertView> =>
  client.withDeadline(Date.now() + ANSWER_MS, () =>
    client.workflow.getHandle(workflowId).query<AlertView>('state'),
  );

type Signal = 'acknowledge' | 'silence' | 'resolve';

async function tell(which: string, options: Options, signal: Signal, more: object = {}): Promise<ExitCode> {
  const config = await readSettings(options);
  const alert = await withAlerts(config, (ops) => find(ops, which));
  const name = `A${alert.alertId} (${alert.rule} ${alert.target})`;
  if (alert.state === 'resolved') throw new Error(`${name} is over since ${alert.resolvedAt ?? '?'}`);
  const view = await withTemporal(config, async (client) => {
    const payload = { by: 'cli', alertId: alert.alertId, ...more };
    try {
      await client.workflow.getHandle(alert.workflowId).signal(signal, payload);
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      throw new Error(`${name} is over: its workflow ${alert.workflowId} has ended`, { cause: error });
    }
    return ask(client, alert).catch(() => undefined);
  });
  if (options.json) printJson(view ?? { alertId: alert.alertId, signalled: signal });
  else if (view === undefined) print(`${name}: signalled; no worker answers, it takes effect when one runs`);
  else print(`${name}: ${outcome(view)}`);
  return EXIT.done;
}

function outcome(view: AlertView): string {
  const silence = view.silenced && Date.parse(view.silenced.until) > Date.now();
  return silence && view.state !== 'resolved'
    ? `${view.state} until ${view.silenced?.until ?? ''}`
    : view.state;
}
