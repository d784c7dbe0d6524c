import { Context } from '@temporalio/activity';
import type { Postgres } from '../clients/postgres.ts';
import type { DailyReportData, Notice, PeriodReportData } from '../notifications/index.ts';
import { goalsOf, incidentsOf, leadsToCall } from './beside.ts';
import { dailyFigures, DAYS_BEFORE, isThere } from './daily.ts';
import { lastOver, periodAt, periodNamed, type Period } from './period.ts';
import { readStatistics } from './statistics.ts';
import { storeReport, type Intent } from './store.ts';
import { isPeriodThere, periodFigures, PERIODS_BEFORE } from './weekly.ts';

export type ReportKind = 'daily' | 'weekly';

export interface ReportDeps {
  app: Postgres;
  ops: Postgres;
  timeZone: string;
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

export const createReportActivities = ({ app, ops, timeZone, updateStatistics }: ReportDeps) => {
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
      const statistics = await readStatistics(app, week, PERIODS_BEFORE, timeZone);
      if (!goesOnWithout && !isPeriodThere(statistics)) return { ready: false };
      const content = periodFigures(statistics, await goalsOf(app, statistics.periods));
      const run = runOf();
      const data: PeriodReportData = {
        ...{ kind: 'weekly', period: week.name, from: week.from.toISOString(), to: week.to.toISOString() },
        ...{ revision: 1, asOf: statistics.asOf(week)?.toISOString() },
        ...content,
        ...run,
      };
      const told = { ready: true as const, ...resultOf(content) };
      if (dryRun) return told;
      const { revision, mail } = await storeReport(ops, { period: week, data, content, intent, run });
      if (mail === undefined) return { ...told, revision };
      return {
        ...{ ...told, revision, mailedRevision: mail.revision },
        notice: { ...mailOf(week, mail.revision), template: 'weekly-report', data: mail.data },
      };
    },
  };
};

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
