import type { Queryable } from '../clients/postgres.ts';
import type { ReportKind } from './activities.ts';
import { lastOver } from './period.ts';

/** How far the mail of a period's report came. */
export type ReportMail = { period: string } & (
  | { is: 'accepted'; at: string }
  /** The mail server said no for good, or nobody can tell what it did: neither is sent again. */
  | { is: 'refused' | 'unknown'; code?: string }
  /** `code`: what the last attempt met. */
  | { is: 'trying'; code?: string }
  | { is: 'kept' | 'none' }
);

interface Row {
  status: 'claimed' | 'sent' | 'failed' | 'unknown' | 'skipped' | null;
  code: string | null;
  at: Date | null;
  chosen: boolean;
}

/** Of the report that was due at an instant: any revision of it will do. */
export async function readReportMail(
  ops: Queryable,
  { kind, dueAt, timeZone }: { kind: ReportKind; dueAt: Date; timeZone: string },
): Promise<ReportMail> {
  const { name: period } = lastOver(kind, dueAt, timeZone);
  const rows = await ops.query<Row>(
    `select mail.status, mail.error_code as code, mail.closed_at as at, report.mail is not null as chosen
       from ops.report_runs report
       left join ops.deliveries mail
         on (mail.kind, mail.period, mail.revision, mail.channel)
          = (report.kind, report.period, report.revision, 'email')
      where report.kind = $1 and report.period = $2
      order by report.revision desc`,
    [kind, period],
  );
  const sent = rows.find(({ status }) => status === 'sent');
  if (sent) return { period, is: 'accepted', at: (sent.at ?? dueAt).toISOString() };
  const newest = rows.find(({ chosen }) => chosen);
  if (newest === undefined) return { period, is: rows.length === 0 ? 'none' : 'kept' };
  const { status, code } = newest;
  const is =
    status === null || status === 'claimed' ? 'trying' : status === 'unknown' ? 'unknown' : 'refused';
  return { period, is, ...(code === null ? {} : { code }) };
}
