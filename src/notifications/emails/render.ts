import { createFormatter } from '../format.ts';
import type { Locale } from '../format.ts';
import type { Notice } from '../notice.ts';
import { alertDigest } from './alert-digest.ts';
import { alertMail } from './alert.ts';
import { backupFailed } from './backup-failed.ts';
import { backupStored } from './backup-stored.ts';
import { brakeHolds } from './brake-holds.ts';
import { channelFailed } from './channel-failed.ts';
import { cleanReport } from './clean-report.ts';
import { customersNotTold } from './customers-not-told.ts';
import { guardKeyUnchecked } from './guard-key-unchecked.ts';
import { guardNoBackup } from './guard-no-backup.ts';
import { guardOver } from './guard-over.ts';
import { guardReportLate } from './guard-report-late.ts';
import { dailyReport } from './daily-report.ts';
import type { Context, Letter, Person } from './letter.ts';
import { periodReport } from './period-report.ts';
import { testNotice } from './test-notice.ts';
import { letterText } from './text.ts';

export interface RenderOptions {
  /** The mail's language; the gist follows in the other one. */
  locale: Locale;
  timeZone?: string;
  /** Temporal's Web UI, for a link to the run. */
  webUiUrl?: string;
  namespace?: string;
  /** The signed address that acknowledges an alert: made while sending, it stands in no history. */
  alertLink?: (alertId: number) => string;
  /** Text of a log message by its MD5, which alone stands in the notice. */
  messageText?: (hash: string) => string | undefined;
  /** Whom an id of the application stands for. */
  personOf?: (id: string) => Person | undefined;
}

export interface RenderedEmail {
  subject: string;
  html: string;
  text: string;
  /** The HTML names them `cid:<name>`. */
  pictures: { name: string; png: Uint8Array }[];
}

/** Makes one mail for nobody: the first one takes a second, and holds up the SMS beside it. */
export async function warmEmails(options: RenderOptions): Promise<void> {
  const data = { askedAt: '2026-01-01T00:00:00Z', host: '-', channel: 'email' as const };
  await renderEmail({ key: 'warm', level: 'info', template: 'test', data }, options);
}

/** Makes a notice's mail. The same notice and options give the same bytes. */
export async function renderEmail(notice: Notice, options: RenderOptions): Promise<RenderedEmail> {
  const letter = letterOf(notice, contextOf(options));
  // React Email takes half a second and 30 MB to load: not paid by every command's start.
  const { letterHtml } = await import('./html.tsx');
  const { pictures = [] } = letter;
  const { chartPng } = pictures.length > 0 ? await import('../charts/png.ts') : {};
  return {
    subject: letter.subject,
    html: await letterHtml(letter, options.locale),
    text: letterText(letter),
    pictures: chartPng
      ? await Promise.all(pictures.map(async ({ name, chart }) => ({ name, png: await chartPng(chart) })))
      : [],
  };
}

/** A notice in two plain texts, for a place that has no form: what it is, and what to know or to do first. */
export function renderPlain(
  notice: Notice,
  options: RenderOptions,
): { title: string; body: string; acknowledge?: string } {
  const { subject, verdict, steps, action } = letterOf(notice, contextOf(options));
  const first = verdict.tone === 'good' ? undefined : steps?.items[0];
  const body = [verdict.line, ...(first === undefined ? [] : [first])].join(' ').replaceAll('`', '');
  return { title: subject, body, ...(action && { acknowledge: action.href }) };
}

export function letterOf(notice: Notice, context: Context): Letter {
  switch (notice.template) {
    case 'backup-stored':
      return backupStored(notice.data, context);
    case 'backup-failed':
      return backupFailed(notice.data, context);
    case 'guard-no-backup':
      return guardNoBackup(notice.data, context);
    case 'guard-key-unchecked':
      return guardKeyUnchecked(notice.data, context);
    case 'guard-report-late':
      return guardReportLate(notice.data, context);
    case 'guard-over':
      return guardOver(notice.data, context);
    case 'alert':
      return alertMail(notice.data, context);
    case 'alert-digest':
      return alertDigest(notice.data, context);
    case 'channel-failed':
      return channelFailed(notice.data, context);
    case 'clean-report':
      return cleanReport(notice.data, context);
    case 'brake-holds':
      return brakeHolds(notice.data, context);
    case 'customers-not-told':
      return customersNotTold(notice.data, context);
    case 'daily-report':
      return dailyReport(notice.data, context);
    case 'weekly-report':
      return periodReport(notice.data, context);
    case 'test':
      return testNotice(notice.data, context);
  }
}

export function contextOf({
  locale,
  timeZone,
  webUiUrl,
  namespace = 'default',
  alertLink,
  messageText,
  personOf,
}: RenderOptions): Context {
  const base = webUiUrl?.replace(/\/+$/, '');
  return {
    format: createFormatter(locale, timeZone),
    otherFormat: createFormatter(locale === 'fr' ? 'en' : 'fr', timeZone),
    acknowledge: alertLink,
    messageText,
    personOf,
    runUrl:
      base === undefined
        ? undefined
        : ({ workflowId, runId }) =>
            [base, 'namespaces', ...[namespace, 'workflows', workflowId, runId].map(encodeURIComponent)].join(
              '/',
            ),
  };
}
