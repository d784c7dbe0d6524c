/** A real worker that is killed with -9 at a chosen place of a run of a Schedule, and what is left of the run then. */
import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { periodAt } from '../../src/reports/period.ts';
import { DAY_MS, isoDay, localDays, periodOf } from '../../src/shared/calendar.ts';
import type { ScheduleId } from '../../src/shared/ids.ts';
import { FAULTS, headerOf, startSmtpSink, type SmtpSink, type Step } from '../notifications/smtp-sink.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { daysUpTo, PARIS, TILES, writeFigures } from './support.ts';

const KILLER = fileURLToPath(new URL('./kill-worker.mjs', import.meta.url));
const BACKFILLS = 3;

export const WORKFLOWS = {
  'rapport-quotidien': 'sendDailyReport',
  'rapport-hebdomadaire': 'sendWeeklyReport',
  'update-statistiques': 'updateStatistics',
} as const satisfies Partial<Record<ScheduleId, string>>;

/** An activity of a run, before or after it; or what the mail server waits for when the worker dies. */
export type KillPoint = { job: keyof typeof WORKFLOWS } & (
  | { activity: string; nth: number; when: 'before' | 'after'; unready?: true }
  | { step: Extract<Step, 'MAIL' | 'RCPT' | 'DATA' | 'content'> }
);

export const nameOf = (point: KillPoint): string =>
  'step' in point
    ? `${point.job}: killed while the mail server owes the answer to ${point.step}`
    : `${point.job}: killed ${point.when} ${point.activity} ${String(point.nth)}${point.unready ? ' (figures not there yet)' : ''}`;

export interface KillSite {
  maintenance: Maintenance;
  sink: SmtpSink;
  close(): Promise<void>;
}

export async function startKillSite(): Promise<KillSite> {
  const sink = await startSmtpSink();
  const maintenance = await startMaintenance({ SMTP_URL: sink.url });
  return {
    ...{ maintenance, sink },
    async close() {
      await maintenance.close();
      await sink.close();
    },
  };
}

const today = (): number => localDays(PARIS)(new Date());
const yesterday = (): string => isoDay(today() - 1);

/** Nothing was told or computed yet; for a report, its figures are there. */
async function prepare({ maintenance, sink }: KillSite, job: KillPoint['job']): Promise<void> {
  const { app, ops, store } = maintenance;
  await ops.db.query('truncate ops.report_runs, ops.notifications, ops.runs, ops.rule_states cascade');
  await app.db.query(
    'truncate maintenance.statistics, maintenance.kpi_snapshots, maintenance.watermark, maintenance.mrr_movements',
  );
  for (const key of (await maintenance.bucket()).keys) await store.remove(key);
  sink.received.length = 0;
  sink.commands.length = 0;
  sink.faults = {};
  if (job === 'update-statistiques') return;
  const week = periodOf('weekly', today()) - 1;
  const weeks = Array.from({ length: 12 }, (_, at) => periodAt('weekly', week - 11 + at, PARIS));
  await writeFigures(app.db, 'day', daysUpTo(yesterday(), 60), TILES);
  await writeFigures(app.db, 'week', weeks, PERIOD_FIGURES);
  const month = periodAt('monthly', periodOf('monthly', today()) - 1, PARIS);
  await writeFigures(app.db, 'month', [month], PERIOD_FIGURES);
}

const PERIOD_FIGURES = {
  ...{ mrr: (at: number) => 5_000_000 + at * 1_000, customers: (at: number) => 100 + at },
  ...{ customers_new: () => 4, customers_churned: () => 1, revenue_net: () => 700_000 },
};

/** Worker with the killer inside, or without. */
async function startWorker(maintenance: Maintenance, point?: KillPoint) {
  const { environment } = maintenance;
  delete environment['NODE_OPTIONS'];
  delete environment['TALOS_TEST_DIE_AT'];
  if (point && 'activity' in point) {
    environment['NODE_OPTIONS'] = `--import=${KILLER}`;
    environment['TALOS_TEST_DIE_AT'] =
      `${WORKFLOWS[point.job]} ${point.activity} ${String(point.nth)} ${point.when}`;
  }
  return maintenance.startWorker();
}

/** Begins the run that the Schedule would begin now. */
async function trigger({ client }: Maintenance, job: ScheduleId) {
  const handle = client.schedule.getHandle(job);
  const runs = async () => (await handle.describe()).info.recentActions.map(({ action }) => action.workflow);
  const before = new Set((await runs()).map(({ firstExecutionRunId }) => firstExecutionRunId));
  await handle.trigger();
  const run = await waitFor(
    async () => (await runs()).find(({ firstExecutionRunId }) => !before.has(firstExecutionRunId)),
    { timeoutMs: 30_000, what: `a run of ${job}` },
  );
  return client.workflow.getHandle(run.workflowId, run.firstExecutionRunId);
}

/** The first figures of an installation are those of all years. */
const killed = (worker: ChildProcess, point: KillPoint) =>
  waitFor(() => worker.signalCode === 'SIGKILL', { timeoutMs: 300_000, what: nameOf(point) });

async function die(site: KillSite, worker: ChildProcess, point: KillPoint): Promise<void> {
  if ('activity' in point) return void (await killed(worker, point));
  const { sink } = site;
  const isAsked = () =>
    point.step === 'content'
      ? sink.received.length > 0
      : sink.commands.some((line) => line.toUpperCase().startsWith(point.step));
  await waitFor(isAsked, { timeoutMs: 60_000, what: point.step });
  await end(worker, 'SIGKILL');
  sink.faults = {};
}

export interface Outcome {
  /** Of all mails with a report that the server took whole, in order. */
  messageIds: string[];
  /** Different ones among them. */
  different: number;
  result: unknown;
  /** Objects in the bucket: the month's business report. */
  keys: string[];
  /** Of all figures of days, weeks and months that were over. */
  digest: string;
}

/** Kills the worker once at the point, lets another one end the run, then has the Schedule backfilled three times. */
export async function killAt(site: KillSite, point: KillPoint): Promise<Outcome> {
  const { maintenance, sink } = site;
  await prepare(site, point.job);
  if ('step' in point) sink.faults = { [point.step]: 'silence' };
  else if (point.unready) await unready(site);
  const first = await startWorker(maintenance, point);
  const run = await trigger(maintenance, point.job);
  await die(site, first, point);
  if ('activity' in point && point.unready)
    await writeFigures(maintenance.app.db, 'day', daysUpTo(yesterday(), 60), TILES);
  const second = await startWorker(maintenance);
  const result: unknown = await run.result();
  if (point.job !== 'update-statistiques') await backfill(maintenance, point.job);
  await end(second);
  const [row] = await maintenance.ops.db.query<{ runs: number; good: number }>(
    `select count(*) as runs, count(*) filter (where outcome = 'succeeded') as good from ops.runs where run_id = $1`,
    [(await run.describe()).runId],
  );
  expect(row, nameOf(point)).toEqual({ runs: 1, good: 1 });
  return outcomeOf(site, result);
}

/** The mail server takes each mail whole and never says so. */
export async function cutAlways(site: KillSite, job: KillPoint['job']): Promise<Outcome> {
  await prepare(site, job);
  site.sink.faults = { content: FAULTS.cut };
  const worker = await startWorker(site.maintenance);
  const result: unknown = await (await trigger(site.maintenance, job)).result();
  await backfill(site.maintenance, job);
  await end(worker);
  return outcomeOf(site, result);
}

async function outcomeOf({ maintenance, sink }: KillSite, result: unknown): Promise<Outcome> {
  const rows = await maintenance.ops.db.query<{ id: string }>(
    `select message_id as id from ops.notifications where key like 'report/%'`,
  );
  // Alerts of the business leave by the same server.
  const ids = new Set(rows.map(({ id }) => id));
  const mails = sink.received.filter((message) => ids.has(headerOf(message, 'Message-ID') ?? ''));
  return {
    messageIds: mails.map((message) => headerOf(message, 'Message-ID') ?? ''),
    different: new Set(mails).size,
    result,
    keys: (await maintenance.bucket()).keys.sort(),
    digest: await digestOf(maintenance),
  };
}

/** Figures, and how often each was kept as a snapshot: a run that did something twice would show. */
async function digestOf({ app }: Maintenance): Promise<string> {
  const [row] = await app.db.query<{ digest: string }>(
    `select count(*) || ' ' || md5(string_agg(line, '|' order by line)) as digest from (
       select concat_ws(' ', metric, period_kind, period_start, value, numerator, denominator,
                (select count(*) from maintenance.kpi_snapshots k where (k.metric, k.period_kind, k.period_start)
                    = (s.metric, s.period_kind, s.period_start))) as line
         from maintenance.statistics s
        where period_kind <> 'hour' and period_start < now() - interval '40 days') as lines`,
  );
  return row?.digest ?? '';
}

/** A run that nobody disturbs. */
export async function undisturbed(site: KillSite, job: KillPoint['job']): Promise<string> {
  await prepare(site, job);
  const worker = await startWorker(site.maintenance);
  await (await trigger(site.maintenance, job)).result();
  await end(worker);
  return digestOf(site.maintenance);
}

/** As if the hourly job had not run since before midnight. */
const unready = ({ maintenance: { app } }: KillSite) =>
  app.db.query(`update maintenance.statistics set computed_at = period_start where period_kind = 'day'`);

/** The last days once more, three times, one run after the other as Temporal begins them. */
async function backfill({ client }: Maintenance, job: ScheduleId): Promise<void> {
  const days = job === 'rapport-hebdomadaire' ? 8 : 2;
  const span = { start: new Date(Date.now() - days * DAY_MS), end: new Date() };
  const query = `WorkflowType = '${WORKFLOWS[job as keyof typeof WORKFLOWS]}'`;
  const count = async (more = ''): Promise<number> => {
    const answer = await client.workflowService.countWorkflowExecutions({
      namespace: client.options.namespace,
      query: `${query}${more}`,
    });
    return Number(answer.count);
  };
  for (let time = 0; time < BACKFILLS; time += 1) {
    const before = await count();
    await client.schedule.getHandle(job).backfill({ ...span, overlap: 'ALLOW_ALL' });
    await waitFor(
      async () => (await count()) > before && (await count(` and ExecutionStatus = 'Running'`)) === 0,
      { timeoutMs: 120_000, what: `backfill ${String(time + 1)} of ${job}` },
    );
  }
}
