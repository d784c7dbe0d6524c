import { letterOf, contextOf } from '../emails/render.ts';
import type { RenderOptions } from '../emails/render.ts';
import { createFormatter } from '../format.ts';
import type { Notice } from '../notice.ts';
import { alertSms } from './alert.ts';
import { digestSms } from './digest.ts';
import { oneSegment } from './gsm7.ts';

export type SmsOptions = RenderOptions;

/** The text of a notice: one segment, no personal data, the same in every attempt. */
export function smsText(notice: Notice, options: SmsOptions): string {
  const format = createFormatter(options.locale, options.timeZone);
  if (notice.template === 'alert') return alertSms(notice.data, format, options.alertLink);
  if (notice.template === 'alert-digest') return digestSms(notice.data, format);
  const { subject, verdict } = letterOf(notice, contextOf(options));
  return oneSegment(subject, `- ${verdict.line}`);
}
