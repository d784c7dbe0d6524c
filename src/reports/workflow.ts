/**
 * rapport-quotidien, daily at 08:00 Paris (DR1–DR6), and rapport-hebdomadaire, Monday at 09:00 (WR1–WR7). The period comes from the scheduled time; a report leaves once
 * whatever is repeated, backfilled or asked for twice.
 */
import { log, patched, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import { notify } from '../notifications/workflow.ts';
import type { ScheduleId } from '../shared/ids.ts';
import { causeOf, runJob } from '../workflow-kit/workflow.ts';
import type { ComposeInput, Composed, ReportActivities, ReportKind } from './activities.ts';
import { describeReport, type BusinessReport, type ReportResult } from './result.ts';
import type { Intent } from './store.ts';

/** Overrides for one run. */
export interface ReportInput {
  /** Says what the figures are, stores nothing and mails nothing. */
  dryRun?: boolean;
  /** A period that is over: stored, and mailed because somebody asked for it. */
  period?: string;
  /** How long to wait for figures that are not there yet. */
  waitMinutes?: number;
}

const { planReport, composeDailyReport, composeWeeklyReport } = proxyActivities<ReportActivities>({
  startToCloseTimeout: '30 seconds',
  // The databases may be away for as long as the mail server: the guard tells of a report that does not come.
  scheduleToCloseTimeout: '11 hours',
  retry: { initialInterval: '1 second', maximumInterval: '30 seconds' },
});

// Only a help: the report waits, with or without it.
const { askForStatistics } = proxyActivities<ReportActivities>({
  startToCloseTimeout: '30 seconds',
  retry: { maximumAttempts: 2 },
});

const { storeBusinessReport } = proxyActivities<ReportActivities>({
  startToCloseTimeout: '2 minutes',
  // The bucket may be away: the next day's run stores it then.
  scheduleToCloseTimeout: '1 hour',
});

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const LOOK_AGAIN_MS = 30_000;
/** As long as a Schedule catches up (`catchupWindow`): what begins later was backfilled, and nobody waits for it. */
const IN_TIME_MS: Readonly<Record<ReportKind, number>> = { daily: 6 * HOUR_MS, weekly: 72 * HOUR_MS };

export const sendDailyReport = (input: ReportInput = {}): Promise<ReportResult> =>
  report({ kind: 'daily', scheduleId: 'rapport-quotidien', input, compose: composeDailyReport });

export const sendWeeklyReport = (input: ReportInput = {}): Promise<ReportResult> =>
  report({ kind: 'weekly', scheduleId: 'rapport-hebdomadaire', input, compose: composeWeeklyReport });

interface Report {
  kind: ReportKind;
  scheduleId: ScheduleId;
  input: ReportInput;
  compose: (input: ComposeInput) => Promise<Composed>;
}

const report = ({ kind, scheduleId, input, compose }: Report): Promise<ReportResult> =>
  runJob<ReportInput, ReportResult>({
    ...{ scheduleId, input, describe: describeReport },
    failed: ({ mail, month }) => {
      if (mail === 'not sent')
        return {
          type: 'ReportNotDelivered',
          message: 'the mail server never accepted the report; it is stored',
        };
      return month?.is === 'not stored'
        ? {
            type: 'BusinessReportNotStored',
            message: 'the business report of the past month is not in the bucket',
          }
        : undefined;
    },
    async work({ mode, settings }, at) {
      const dryRun = mode === 'dry-run';
      const intent = intentOf(kind, input, at);
      const period = await planReport({ kind, scheduledAt: at.toISOString(), period: input.period });
      const waitMs = dryRun || intent === 'none' ? 0 : Number(settings['waitMinutes'] ?? 0) * MINUTE_MS;
      const composed = await whenThere(waitMs, (goesOnWithout) =>
        compose({ period, goesOnWithout, intent, dryRun }),
      );
      const { revision, figures, missing, late } = composed;
      const told = { period: period.name, revision, figures, missing, late };
      const mailed = await mail(composed, dryRun);
      // After the mail, which waits for no bucket; each day, so that a day without one does not cost the month.
      const isAsked = kind === 'daily' && !dryRun && patched('business-report-2026-11-28');
      const month = isAsked ? await keepMonth(at) : undefined;
      return { ...told, ...mailed, ...(month && { month }) };
    },
  });

async function mail(
  { revision, mailedRevision, notice }: Extract<Composed, { ready: true }>,
  dryRun: boolean,
): Promise<Pick<ReportResult, 'mail' | 'mailedRevision'>> {
  if (notice === undefined) return { mail: dryRun ? 'kept: dry run' : 'kept: late' };
  const { deliveries } = await notify(notice);
  return {
    mail: mailOf(deliveries[0]?.status),
    ...(mailedRevision === revision ? {} : { mailedRevision }),
  };
}

/** A bucket that is away costs the report nothing; that the month is not stored is said, and makes the run a failed one. */
async function keepMonth(at: Date): Promise<BusinessReport | undefined> {
  try {
    return await storeBusinessReport({ at: at.toISOString() });
  } catch (error) {
    return { is: 'not stored', type: causeOf(error).type };
  }
}

function intentOf(kind: ReportKind, { period }: ReportInput, at: Date): Intent {
  if (period !== undefined) return 'asked';
  const lateMs = workflowInfo().startTime.getTime() - at.getTime();
  return lateMs > IN_TIME_MS[kind] ? 'none' : 'automatic';
}

/** Figures that are not there yet are asked for and waited for; then the report goes on, and says what is missing. */
async function whenThere(
  waitMs: number,
  compose: (goesOnWithout: boolean) => Promise<Composed>,
): Promise<Extract<Composed, { ready: true }>> {
  const end = Date.now() + waitMs;
  for (let asked = false; ; asked = true) {
    const composed = await compose(Date.now() >= end);
    if (composed.ready) return composed;
    if (!asked)
      await askForStatistics().catch((error: unknown) =>
        log.warn('the statistics could not be asked for', { error: String(error) }),
      );
    await sleep(Math.min(LOOK_AGAIN_MS, Math.max(1, end - Date.now())));
  }
}

function mailOf(status: string | undefined): ReportResult['mail'] {
  if (status === 'sent' || status === 'already sent' || status === 'unknown') return status;
  return 'not sent';
}
