import { createFormatter } from '../format.ts';
import type { Locale } from '../format.ts';
import type { Notice } from '../notice.ts';
import { alertDigest, alertMail } from './alert.ts';
import { backupFailed } from './backup-failed.ts';
import { backupStored } from './backup-stored.ts';
import { channelFailed } from './channel-failed.ts';
import { guardKeyUnchecked } from './guard-key-unchecked.ts';
import { guardNoBackup } from './guard-no-backup.ts';
import { guardOver } from './guard-over.ts';
import type { Context, Letter } from './letter.ts';
import { testNotice } from './test-notice.ts';
import { letterText } from './text.ts';

export interface RenderOptions {
  /** The mail's language; the gist follows in the other one. */
  locale: Locale;
  timeZone?: string;
  /** Temporal's Web UI, for a link to the run. */
  webUiUrl?: string;
  namespace?: string;
}

export interface RenderedEmail {
  subject: string;
  html: string;
  text: string;
}

/** Makes a notice's mail. The same notice and options give the same bytes. */
export async function renderEmail(notice: Notice, options: RenderOptions): Promise<RenderedEmail> {
  const letter = letterOf(notice, contextOf(options));
  // React Email takes half a second and 30 MB to load: paid by the first mail, not by every command's start.
  const { letterHtml } = await import('./html.tsx');
  return {
    subject: letter.subject,
    html: await letterHtml(letter, options.locale),
    text: letterText(letter),
  };
}

function letterOf(notice: Notice, context: Context): Letter {
  switch (notice.template) {
    case 'backup-stored':
      return backupStored(notice.data, context);
    case 'backup-failed':
      return backupFailed(notice.data, context);
    case 'guard-no-backup':
      return guardNoBackup(notice.data, context);
    case 'guard-key-unchecked':
      return guardKeyUnchecked(notice.data, context);
    case 'guard-over':
      return guardOver(notice.data, context);
    case 'alert':
      return alertMail(notice.data, context);
    case 'alert-digest':
      return alertDigest(notice.data, context);
    case 'channel-failed':
      return channelFailed(notice.data, context);
    case 'test':
      return testNotice(notice.data, context);
  }
}

function contextOf({ locale, timeZone, webUiUrl, namespace = 'default' }: RenderOptions): Context {
  const base = webUiUrl?.replace(/\/+$/, '');
  return {
    format: createFormatter(locale, timeZone),
    otherFormat: createFormatter(locale === 'fr' ? 'en' : 'fr', timeZone),
    runUrl:
      base === undefined
        ? undefined
        : ({ workflowId, runId }) =>
            [base, 'namespaces', ...[namespace, 'workflows', workflowId, runId].map(encodeURIComponent)].join(
              '/',
            ),
  };
}
