/** What a report's run answers, and its words. Pure. */

/** Why a report is not mailed by this run. */
export type Kept =
  /** Backfilled, or so late that nobody waits for it: `talos run <id> --period <period>` mails it. */
  'late' | 'dry run';

export interface ReportResult {
  period: string;
  /** Absent in a dry run: nothing is stored. */
  revision?: number;
  mail: 'sent' | 'already sent' | 'not sent' | 'unknown' | `kept: ${Kept}`;
  /** Of the mail, where it is not the one stored now: the period's first. */
  mailedRevision?: number;
  /** Figures as they stand in the mail's tiles. */
  figures: Record<string, number | null>;
  missing: string[];
  /** The statistics had not been computed in time. */
  late?: true;
  /** The month whose business report was stored by this run, or still has to be. */
  month?: BusinessReport;
}

export type BusinessReport =
  | { is: 'stored'; period: string; objects: string[]; removed?: string[] }
  /** Its figures are not computed yet: the next run looks again. */
  | { is: 'waiting'; period: string }
  | { is: 'not stored'; type: string };

function monthLine(month: BusinessReport): string {
  switch (month.is) {
    case 'stored':
      return `- business report of ${month.period}: stored as ${month.objects.join(', ')}`;
    case 'waiting':
      return `- business report of ${month.period}: waits for the figures`;
    case 'not stored':
      return `- business report of the past month: not stored (${month.type}); the next run tries again`;
  }
}

export function describeReport({ period, revision, mail, missing, late, month }: ReportResult): string {
  return [
    `- period: ${period}${revision === undefined ? '' : `, revision ${String(revision)}`}`,
    `- mail: ${mail}`,
    ...(late ? ['- the statistics of the period were not there in time'] : []),
    ...(missing.length > 0 ? [`- missing: ${missing.join(', ')}`] : []),
    ...(month ? [monthLine(month)] : []),
  ].join('\n');
}
