import { Context } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import { standalonePage } from '../notifications/index.ts';
import type { DailyReportData, Notice, PeriodReportData, RenderOptions } from '../notifications/index.ts';
import { goalsOf, incidentsOf, leadsToCall } from './beside.ts';
import { isWanted, storeMonth, type ReportArchive } from './business-report.ts';
import { dailyFigures, DAYS_BEFORE, isThere } from './daily.ts';
import { movementsOf } from './movements.ts';
import { lastOver, periodAt, periodNamed, type Period } from './period.ts';
import { readStatistics } from './statistics.ts';
import type { BusinessReport } from './result.ts';
import { readFirst, storeReport, type Intent } from './store.ts';
import { isPeriodThere, periodFigures, PERIODS_BEFORE } from './weekly.ts';

export type ReportKind = 'daily' | 'weekly';

export interface ReportDeps {
  app: Postgres;
  ops: Postgres;
  timeZone: string;
  /** Of the page that is stored each month. */
  render: RenderOptions;
  /** Where it is stored; absent where no bucket is configured. */
  archive?: () => Promise<ReportArchive>;
  /** Has the hourly job run now. It is one at a time: asked while it runs, nothing happens. */
  updateStatistics: () => Promise<void>;
}

export interface PlanInput {
  kind: ReportKind;
  /** ISO instant. */
  scheduledAt: string;
  /** Named by a person. */
  period?: string;
}

/** As it crosses the sandbox. */
export interface PlannedPeriod {
  kind: ReportKind;
  number: number;
  name: string;
}

export interface ComposeInput {
  period: PlannedPeriod;
  /** The last try: what is missing is told as missing. */
  goesOnWithout: boolean;
  intent: Intent;
  dryRun: boolean;
}

export type Composed =
  | { ready: false }
  | {
      ready: true;
      /** Absent in a dry run. */
      revision?: number;
      notice?: Notice;
      mailedRevision?: number;
      figures: Record<string, number | null>;
      missing: string[];
      late?: true;
    };

export const createReportActivities = (deps: ReportDeps) => {
  const { app, ops, timeZone, updateStatistics } = deps;
  const whole = ({ kind, number }: PlannedPeriod): Period => periodAt(kind, number, timeZone);

  return {
    /** Says which period it is. Idempotent because it only computes. */
    async planReport({ kind, scheduledAt, period }: PlanInput): Promise<PlannedPeriod> {
      const { number, name } =
        period === undefined
          ? lastOver(kind, new Date(scheduledAt), timeZone)
          : periodNamed(kind, period, timeZone, new Date());
      return { kind, number, name };
    },

    /** Has the figures computed now. Idempotent because the job computes the same again, one run at a time. */
    async askForStatistics(): Promise<void> {
      await updateStatistics();
    },

    /**
     * Makes yesterday's report and keeps it. Idempotent because a run that has stored its revision is given it again,
     * and equal figures are the revision that is there.
     */
    async composeDailyReport({ period, goesOnWithout, intent, dryRun }: ComposeInput): Promise<Composed> {
      const day = whole(period);
      const statistics = await readStatistics(app, day, DAYS_BEFORE, timeZone);
      if (!goesOnWithout && !isThere(statistics)) return { ready: false };
      const [callBack, incidents] = await Promise.all([leadsToCall(app, day), incidentsOf(ops, day)]);
      const run = runOf();
      const content = dailyFigures(statistics);
      const data: DailyReportData = {
        ...{ period: day.name, from: day.from.toISOString(), to: day.to.toISOString(), revision: 1 },
        asOf: statistics.asOf(day)?.toISOString(),
        ...content,
        ...{ incidents, callBack },
        ...run,
      };
      const told = { ready: true as const, ...resultOf(content) };
      if (dryRun) return told;
      const { revision, mail } = await storeReport(ops, { period: day, data, content, intent, run });
      if (mail === undefined) return { ...told, revision };
      return {
        ...{ ...told, revision, mailedRevision: mail.revision },
        notice: { ...mailOf(day, mail.revision), template: 'daily-report', data: mail.data },
      };
    },

    /** Makes the past week's report and keeps it. Idempotent as the daily one. */
    async composeWeeklyReport({ period, goesOnWithout, intent, dryRun }: ComposeInput): Promise<Composed> {
      const week = whole(period);
      const made = await periodReport(app, 'weekly', week, timeZone);
      if (!goesOnWithout && !made.isThere) return { ready: false };
      const { content, data, run } = made;
      const told = { ready: true as const, ...resultOf(content) };
      if (dryRun) return told;
      const { revision, mail } = await storeReport(ops, { period: week, data, content, intent, run });
      if (mail === undefined) return { ...told, revision };
      return {
        ...{ ...told, revision, mailedRevision: mail.revision },
        notice: { ...mailOf(week, mail.revision), template: 'weekly-report', data: mail.data },
      };
    },

    /**
     * Stores the business report of the month before an instant, if it is not there (BS3). Idempotent because what is
     * there is not made again, and the same month has the same keys and contents whoever writes it.
     */
    async storeBusinessReport({ at }: { at: string }): Promise<BusinessReport | undefined> {
      const archive = await deps.archive?.();
      const month = lastOver('monthly', new Date(at), timeZone);
      if (archive === undefined || !(await isWanted(archive, month.name))) return undefined;
      const made = await periodReport(app, 'monthly', month, timeZone);
      if (!made.isThere) return { period: month.name, is: 'waiting' };
      const { content, data, run } = made;
      await storeReport(ops, { period: month, data, content, intent: 'none', run });
      // The first revision is the month's report, whoever stored it: all writers write the same.
      const first = await readFirst<PeriodReportData>(ops, month);
      const { objects, removed } = await storeMonth(
        archive,
        { data: first, html: await standalonePage(monthNotice(first), deps.render) },
        Context.current().cancellationSignal,
      );
      return { period: month.name, is: 'stored', objects, ...(removed.length > 0 ? { removed } : {}) };
    },
  };
};

async function periodReport(app: Postgres, kind: 'weekly' | 'monthly', period: Period, timeZone: string) {
  const statistics = await readStatistics(app, period, PERIODS_BEFORE, timeZone);
  const [goals, movements] = await Promise.all([goalsOf(app, statistics.periods), movementsOf(app, period)]);
  const content = { ...periodFigures(kind, statistics, goals), movements };
  const run = runOf();
  const data: PeriodReportData = {
    ...{ kind, period: period.name, from: period.from.toISOString(), to: period.to.toISOString() },
    ...{ revision: 1, asOf: statistics.asOf(period)?.toISOString() },
    ...content,
    ...run,
  };
  return { isThere: isPeriodThere(statistics), content, data, run };
}

const monthNotice = (data: PeriodReportData): Notice => ({
  ...{ key: deliveryKey('monthly', data.period, data.revision), level: 'info', template: 'weekly-report' },
  data,
});

export type ReportActivities = ReturnType<typeof createReportActivities>;

/** Names the delivery in the ledger, and so the mail's Message-ID: the same for whoever sends it. */
export const deliveryKey = (kind: string, period: string, revision: number): string =>
  `report/${kind}/${period}/${String(revision)}`;

const mailOf = ({ kind, name }: Period, revision: number) => ({
  ...{ key: deliveryKey(kind, name, revision), level: 'info' as const },
  channels: ['email' as const],
});

type Told = Pick<DailyReportData, 'missing' | 'late'> & {
  figures: readonly { metric: string; value: number | null }[];
};

const resultOf = ({ figures, missing, late }: Told) => ({
  figures: Object.fromEntries(figures.map(({ metric, value }) => [metric, value])),
  ...{ missing, ...(late ? { late } : {}) },
});

function runOf(): { workflowId: string; runId: string } {
  const { workflowExecution } = Context.current().info;
  return { workflowId: workflowExecution?.workflowId ?? '', runId: workflowExecution?.runId ?? '' };
}
