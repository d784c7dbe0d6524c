import type { GuardReportLateData } from '../notifications/index.ts';
import type { BackupRun, ScheduleStanding } from './backup-watch.ts';
import type { Check } from './check.ts';

/** What the guard asks about one report. The composition root fills it in: rooms do not import each other. */
export interface ReportWatch {
  kind: GuardReportLateData['kind'];
  /** Settings without which the job is off. */
  missing: readonly string[];
  /** When the report was due last, up to and with an instant. */
  lastDue(until: Date): Date | undefined;
  /** How far the mail of the report that was due then came. */
  mail(dueAt: Date): Promise<ReportMail>;
  /** The newest run that was to mail a report. */
  lastRun(): Promise<BackupRun | undefined>;
  /** Undefined when Temporal has no such Schedule. */
  schedule(): Promise<ScheduleStanding | undefined>;
}

type ReportMail =
  | { period: string; is: 'accepted'; at: string }
  | { period: string; is: GuardReportLateData['mail']; code?: string };

const MINUTE_MS = 60_000;
/** Never by e-mail: that is what does not work. */
const CHANNELS = ['sms', 'in-app', 'webhook'] as const;

/**
 * A report that the mail server has not accepted so long after its time, whatever the reason. Judged is the newest one
 * that should be there by now; the alert is named by the day or week in which it was due, so that each rings once.
 */
export const reportLate = (watch: ReportWatch, limitMinutes: number): Check => ({
  name: `${watch.kind}-report`,
  repeat: watch.kind,
  async look(at) {
    if (watch.missing.length > 0)
      return { is: 'silent', why: `the report is off: set ${watch.missing.join(', ')}` };
    const dueAt = watch.lastDue(new Date(at.getTime() - limitMinutes * MINUTE_MS));
    if (dueAt === undefined) return { is: 'silent', why: 'its cron means no day' };
    const mail = await watch.mail(dueAt);
    const { kind } = watch;
    if (mail.is === 'accepted')
      return {
        is: 'fine',
        over: ({ since }) => ({
          level: 'important',
          channels: CHANNELS,
          template: 'guard-over',
          data: {
            what: `${kind}-report`,
            ...{ at: at.toISOString(), since, period: mail.period, acceptedAt: mail.at },
          },
        }),
      };
    const schedule = await watch.schedule();
    if (schedule === undefined) return { is: 'silent', why: 'its Schedule is missing' };
    if (schedule.paused) return { is: 'silent', why: 'its Schedule is paused' };
    if (Date.parse(schedule.createdAt) > dueAt.getTime())
      return { is: 'silent', why: 'installed a short time ago: no report was due yet' };
    const lastRun = await watch.lastRun();
    return {
      is: 'found',
      of: dueAt,
      message: {
        level: 'important',
        channels: CHANNELS,
        template: 'guard-report-late',
        data: {
          ...{ kind, period: mail.period, dueAt: dueAt.toISOString(), at: at.toISOString(), limitMinutes },
          ...{ mail: mail.is, code: mail.code },
          // An earlier one says nothing of this report.
          lastRun: lastRun && Date.parse(lastRun.at) >= dueAt.getTime() ? lastRun : undefined,
        },
      },
    };
  },
});
