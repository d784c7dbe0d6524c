import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { periodAt } from '../../src/reports/period.ts';
import type { ReportResult } from '../../src/reports/result.ts';
import type { ReportInput } from '../../src/reports/workflow.ts';
import { DAY_MS, isoDay, localDays, periodName, periodOf } from '../../src/shared/calendar.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { headerOf, startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { daysUpTo, PARIS, TILES, writeFigures } from './support.ts';

const today = localDays(PARIS)(new Date());
const day = (back: number): string => isoDay(today - back);

describe('sendDailyReport', () => {
  let maintenance: Maintenance;
  let sink: SmtpSink;
  let worker: ChildProcess;

  beforeAll(async () => {
    sink = await startSmtpSink();
    maintenance = await startMaintenance({ SMTP_URL: sink.url });
    await writeFigures(maintenance.app.db, 'day', daysUpTo(day(1), 60), TILES);
    worker = await maintenance.startWorker();
  });
  afterAll(async () => {
    await maintenance.close();
    await sink.close();
  });

  const schedule = () => maintenance.client.schedule.getHandle('rapport-quotidien');
  const run = (id: string, ...input: ReportInput[]): Promise<ReportResult> =>
    maintenance.client.workflow.execute('sendDailyReport', {
      ...{ taskQueue: TASK_QUEUE, workflowId: id, args: input },
    });
  const sentOf = (period: string): number => {
    const id = `report/daily/${period}/`;
    return sent.get(id) ?? 0;
  };
  let sent = new Map<string, number>();
  /** Counts the mails by the ledger's name of them: the Message-ID is made of it. */
  const count = async () => {
    const rows = await maintenance.ops.db.query<{ id: string; key: string }>(
      `select message_id as id, key from ops.notifications where channel = 'email' and template = 'daily-report'`,
    );
    const ids = sink.received.map((message) => headerOf(message, 'Message-ID'));
    sent = new Map(
      rows.map(({ id, key }) => [key.replace(/\d+$/, ''), ids.filter((one) => one === id).length]),
    );
  };
  const stored = async (): Promise<string[]> =>
    (
      await maintenance.ops.db.query<{ period: string }>(
        'select distinct period from ops.report_runs order by period',
      )
    ).map(({ period }) => period);
  /** Until every run of the Schedule has ended. */
  const quiet = () =>
    waitFor(
      async () =>
        (
          await maintenance.client.workflowService.countWorkflowExecutions({
            namespace: maintenance.client.options.namespace,
            query: `WorkflowType = 'sendDailyReport' and ExecutionStatus = 'Running'`,
          })
        ).count?.toString() === '0',
      { timeoutMs: 60_000, what: 'the runs to end' },
    );

  it('of a Schedule is about yesterday, and leaves once', async () => {
    await schedule().trigger();
    await waitFor(async () => (await stored()).includes(day(1)), { timeoutMs: 20_000, what: 'the report' });
    await quiet();
    await count();
    expect(sentOf(day(1))).toBe(1);
    const [mail = ''] = sink.received;
    expect(mail).toMatch(/multipart\/alternative/);
    expect(mail).toMatch(/text\/plain/);
    expect(await run('again')).toMatchObject({ period: day(1), revision: 1, mail: 'already sent' });
    await count();
    expect(sentOf(day(1))).toBe(1);
  });

  it('of three backfills is stored for each day and mailed for none', async () => {
    const span = { start: new Date((today - 10) * DAY_MS), end: new Date((today - 3) * DAY_MS) };
    for (let time = 0; time < 3; time += 1) {
      await schedule().backfill({ ...span, overlap: 'ALLOW_ALL' });
      await waitFor(async () => (await stored()).length >= 8, { timeoutMs: 30_000, what: 'the reports' });
      await quiet();
    }
    await count();
    expect(await stored()).toEqual([11, 10, 9, 8, 7, 6, 5, 1].map(day));
    expect(sink.received).toHaveLength(1);
  });

  it('that a person asks for is mailed; asked again it is not', async () => {
    expect(await run('asked', { period: day(5) })).toMatchObject({ mail: 'sent', period: day(5) });
    expect(await run('asked-again', { period: day(5) })).toMatchObject({ mail: 'already sent' });
    await expect(run('mistaken', { period: '2026-W47' })).rejects.toThrow();
  });

  it('leaves without figures that do not come, and says so', async () => {
    const result = await run('late', { period: day(58), waitMinutes: 0 });
    expect(result.late).toBeUndefined();
    await maintenance.app.db.query(
      `delete from maintenance.statistics where metric = 'leads' and period_start = $1`,
      [daysUpTo(day(20), 1)[0]?.from],
    );
    expect(await run('missing', { period: day(20), waitMinutes: 0 })).toMatchObject({
      ...{ mail: 'sent', late: true },
      missing: expect.arrayContaining(['leads']) as string[],
    });
    expect(sink.received.at(-1)).toMatch(/Donn=C3=A9e manquante/);
  });

  it('of a week has its charts in the mail, and leaves once', async () => {
    const week = periodOf('weekly', today) - 1;
    const weeks = Array.from({ length: 12 }, (_, at) => periodAt('weekly', week - 11 + at, PARIS));
    await writeFigures(maintenance.app.db, 'week', weeks, {
      ...{ mrr: (at) => 5_000_000 + at * 1_000, customers: (at) => 100 + at, customers_new: () => 4 },
      ...{ customers_churned: () => 1, revenue_net: () => 700_000 },
    });
    const weekly = (id: string): Promise<ReportResult> =>
      maintenance.client.workflow.execute('sendWeeklyReport', { taskQueue: TASK_QUEUE, workflowId: id });
    const name = periodName('weekly', week);
    expect(await weekly('week')).toMatchObject({ period: name, mail: 'sent' });
    const mail = sink.received.at(-1) ?? '';
    expect(mail.match(/Content-Type: image\/png/g)).toHaveLength(2);
    expect(await weekly('week-again')).toMatchObject({ mail: 'already sent' });
  });

  it('survives a worker killed at its moments: none lost, none twice', { timeout: 120_000 }, async () => {
    const periods = [30, 31, 32, 33].map(day);
    const before = sink.received.length;
    const runs = await Promise.all(
      periods.map((period) =>
        maintenance.client.workflow.start('sendDailyReport', {
          ...{ taskQueue: TASK_QUEUE, workflowId: `killed-${period}`, args: [{ period }] },
        }),
      ),
    );
    for (const moment of [40, 160]) {
      await delay(moment);
      await end(worker, 'SIGKILL');
      worker = await maintenance.startWorker();
    }
    const results = (await Promise.all(runs.map((handle) => handle.result()))) as ReportResult[];
    expect(
      results.map(({ mail }) => mail).filter((mail) => !/sent$/.test(mail) || mail === 'not sent'),
    ).toEqual([]);
    await count();
    for (const period of periods) expect(sentOf(period), period).toBe(1);
    expect(sink.received.length - before).toBe(periods.length);
  });
});
