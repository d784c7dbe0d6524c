import { getClient } from '@temporalio/activity';
import type { Clients } from './clients/index.ts';
import type { Config } from './config/index.ts';
import { readLastRun, type ReportWatch } from './guard/index.ts';
import { readReportMail } from './reports/index.ts';
import { effectiveRows, lastDue, standingOf } from './schedules/index.ts';

const KINDS = { 'rapport-quotidien': 'daily', 'rapport-hebdomadaire': 'weekly' } as const;

/** What the guard asks about the reports. */
export function reportWatches({ ops }: Pick<Clients, 'ops'>, { policy, jobs }: Config): ReportWatch[] {
  const { timeZone } = policy;
  return effectiveRows({ policy }).flatMap((row) => {
    const job = jobs.find(({ scheduleId }) => scheduleId === row.scheduleId);
    if (!isReport(row.scheduleId) || job === undefined) return [];
    const kind = KINDS[row.scheduleId];
    return [
      {
        ...{ kind, missing: job.missing },
        lastDue: (until) => lastDue(row, until),
        mail: (dueAt) => readReportMail(ops, { kind, dueAt, timeZone }),
        lastRun: () => readLastRun(ops, row.scheduleId),
        schedule: () => standingOf(getClient(), row.scheduleId),
      } satisfies ReportWatch,
    ];
  });
}

const isReport = (scheduleId: string): scheduleId is keyof typeof KINDS => scheduleId in KINDS;
