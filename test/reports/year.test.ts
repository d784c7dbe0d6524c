import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMailer, type Mailer } from '../../src/clients/mail.ts';
import { policySchema } from '../../src/config/policy.ts';
import { createNotificationActivities } from '../../src/notifications/index.ts';
import { createReportActivities } from '../../src/reports/index.ts';
import { periodAt } from '../../src/reports/period.ts';
import { DAY_MS, periodOf, startOfDay } from '../../src/shared/calendar.ts';
import { headerOf, startSmtpSink, type SmtpSink } from '../notifications/smtp-sink.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { asRun, dayNumber, daysUpTo, PARIS, TILES, writeFigures } from './support.ts';

/** The activities of a report, one run after the other, with the scheduled times of a year. */
describe('2027', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  let sink: SmtpSink;
  let mailer: Mailer;

  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
    sink = await startSmtpSink();
    mailer = createMailer({ smtpUrl: sink.url, from: 'Talos <talos@example.com>' });
  });
  afterAll(async () => {
    await mailer.close();
    await sink.close();
    await Promise.all([app.drop(), ops.drop()]);
  });

  const activities = () =>
    createReportActivities({
      ...{ app: app.db, ops: ops.db, timeZone: PARIS, render: { locale: 'fr' } },
      updateStatistics: () => Promise.resolve(),
    });
  const notifications = () =>
    createNotificationActivities({
      ...{ ops: ops.db, mailer, admin: { email: 'admin@example.com' }, locale: 'fr' },
      policy: policySchema.parse({}).notifications,
    });

  /** What one run does, and how often its mail left by it. */
  async function run(scheduledAt: Date, runId: string, kind: 'daily' | 'weekly' = 'daily'): Promise<string> {
    const reports = activities();
    const period = await reports.planReport({ kind, scheduledAt: scheduledAt.toISOString() });
    const input = { period, goesOnWithout: false, intent: 'automatic', dryRun: false } as const;
    const composed = await asRun(runId, () =>
      kind === 'daily' ? reports.composeDailyReport(input) : reports.composeWeeklyReport(input),
    );
    if (!composed.ready || composed.notice === undefined) return 'not sent';
    const { deliveries } = await notifications().notify(composed.notice);
    return deliveries[0]?.status ?? 'none';
  }

  const eight = (day: number): Date => {
    const noon = startOfDay(PARIS, day).getTime() + 12 * 3_600_000;
    const hour = Number(
      new Intl.DateTimeFormat('en-GB', { timeZone: PARIS, hour: '2-digit', hourCycle: 'h23' }).format(noon),
    );
    return new Date(noon - (hour - 8) * 3_600_000);
  };

  it(
    '365 daily reports, one for each day; twice run is once sent, each with its own Message-ID',
    { timeout: 120_000 },
    async () => {
      const first = dayNumber('2027-01-01');
      await writeFigures(app.db, 'day', daysUpTo('2027-12-31', 400), TILES);
      for (let day = first; day < first + 365; day += 1) {
        expect(await run(eight(day + 1), `run-${String(day)}`)).toBe('sent');
        if (day % 10 === 0) expect(await run(eight(day + 1), `again-${String(day)}`)).toBe('already sent');
      }
      const rows = await ops.db.query<{ period: string; hours: number; status: string }>(
        `select period, extract(epoch from period_to - period_from)::float8 / 3600 as hours, status
         from ops.report_runs join ops.deliveries using (kind, period, revision) where kind = 'daily' order by period`,
      );
      const days = Array.from({ length: 365 }, (_, at) =>
        new Date((first + at) * DAY_MS).toISOString().slice(0, 10),
      );
      expect(rows.map(({ period }) => period)).toEqual(days);
      expect(rows.filter(({ status }) => status !== 'sent')).toEqual([]);
      expect(rows.filter(({ hours }) => hours !== 24)).toEqual([
        { period: '2027-03-28', hours: 23, status: 'sent' },
        { period: '2027-10-31', hours: 25, status: 'sent' },
      ]);
      const ids = sink.received.map((message) => headerOf(message, 'Message-ID'));
      expect(new Set(ids).size).toBe(365);
      expect(ids).toHaveLength(365);
    },
  );

  it('52 weekly reports, one for each Monday; the first is of week 53', { timeout: 60_000 }, async () => {
    const first = periodOf('weekly', dayNumber('2026-12-28'));
    const weeks = Array.from({ length: 64 }, (_, at) => periodAt('weekly', first - 11 + at, PARIS));
    await writeFigures(app.db, 'week', weeks, {
      ...{ mrr: (at) => 5_000_000 + at, customers: (at) => 100 + at, customers_new: () => 4 },
      ...{ customers_churned: () => 1, revenue_net: () => 700_000 },
    });
    const before = sink.received.length;
    for (let week = first; week < first + 52; week += 1) {
      const monday = periodAt('weekly', week + 1, PARIS).from.getTime() + 9 * 3_600_000;
      expect(await run(new Date(monday), `week-${String(week)}`, 'weekly')).toBe('sent');
      if (week % 10 === 0)
        expect(await run(new Date(monday), `week-${String(week)}-again`, 'weekly')).toBe('already sent');
    }
    const rows = await ops.db.query<{ period: string }>(
      `select period from ops.deliveries where kind = 'weekly' and status = 'sent' order by period`,
    );
    expect(rows.map(({ period }) => period)).toEqual(weeks.slice(11, 63).map(({ name }) => name));
    expect(rows[0]?.period).toBe('2026-W53');
    expect(sink.received.length - before).toBe(52);
  });
});
