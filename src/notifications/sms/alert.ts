import { alertWords, amount, inSentence, measured, reasonWords } from '../alert-words/index.ts';
import type { Formatter, Locale } from '../format.ts';
import type { AlertData } from '../notice.ts';
import { oneSegment } from './gsm7.ts';

/** What begins every text about an alert: `A17`, what a person answers with. */
export const codeOf = ({ alertId, test }: Pick<AlertData, 'alertId' | 'test'>): string =>
  [...(test ? ['[TEST]'] : []), ...(alertId > 0 ? [`A${alertId}`] : [])].join(' ');

/** Code and link are kept, what stands between them gives way. */
export function alertSms(
  data: AlertData,
  format: Formatter,
  alertLink?: (alertId: number) => string,
): string {
  const t = WORDS[format.locale];
  const { event, since, at, value, unit, reason, resolved, affected, undelivered } = data;
  const code = codeOf(data);
  const { title } = alertWords(format.locale, data);
  const small = inSentence(title);
  const from = format.time(since, resolved?.at ?? at);
  const closed = event === 'resolved' || event === 'data-again';
  const link = closed || data.alertId <= 0 ? undefined : alertLink?.(data.alertId);
  const end = link === undefined ? '' : `${t.seen} ${link}`;
  const detail = [
    ...(value === undefined ? [] : [data.rule === 'restarts' ? t.times(value) : amount(value, unit, format)]),
    // What is down with it before why: where room is short, the reason gives way.
    ...(affected?.length ? [t.affected(affected)] : []),
    ...(reason === undefined ? [] : [reasonWords(format.locale, reason)]),
    ...(data.ownJob === undefined ? [] : [t.ownJob(data.ownJob)]),
    ...(undelivered?.length ? [t.undelivered(undelivered)] : []),
  ].join(', ');
  const between = detail === '' ? '' : `, ${detail}`;
  switch (event) {
    case 'firing':
    case 'no-data':
      return oneSegment(code, `${title} ${t.since} ${from}${between}.`, end);
    case 'reminder':
      return oneSegment(code, `${t.reminder(data.count)}: ${small} ${t.since} ${from}${between}.`, end);
    case 'escalated':
      return oneSegment(code, `${t.escalated}: ${small} ${t.since} ${from}${between}.`, end);
    case 'flapping':
      return oneSegment(code, `${t.flapping(data.flaps)}: ${small} ${t.since} ${from}${between}.`, end);
    case 'data-again':
    case 'resolved': {
      const until = format.time(resolved?.at ?? at, resolved?.at ?? at);
      const lasted = resolved === undefined ? '' : ` (${format.duration(resolved.seconds)})`;
      const times = `${from}-${until}${lasted}`;
      const flaps = data.flaps === undefined ? '' : `, ${t.times(data.flaps)}`;
      if (resolved?.late) return oneSegment(code, `${t.over}: ${small} ${times}${flaps}. ${t.late}`);
      const word = event === 'data-again' ? t.again : t.ended[resolved?.by ?? 'recovery'];
      return oneSegment(
        code,
        `${word}: ${event === 'data-again' ? measured(format.locale, data) : small}, ${times}${flaps}`,
      );
    }
  }
}

const FR = {
  since: 'depuis',
  seen: 'Vu:',
  reminder: (count = 1) => `rappel ${count}`,
  escalated: 'SANS RÉPONSE',
  flapping: (flaps = 0) => `instable (${flaps} fois)`,
  times: (flaps: number) => `${flaps} fois`,
  again: 'Mesures revenues',
  ended: { recovery: 'Rétabli', operator: 'Clos', 'test over': 'Essai fini' },
  over: 'Terminé',
  late: "N'a pu être annoncé plus tôt",
  affected: (targets: readonly string[]) => `touche ${targets.join(' ')}`,
  ownJob: (job: string) => `pendant ${job}`,
  undelivered: (channels: readonly string[]) => `${channels.join(' ')} en panne`,
};

const EN: typeof FR = {
  since: 'since',
  seen: 'Seen:',
  reminder: (count = 1) => `reminder ${count}`,
  escalated: 'NO ANSWER',
  flapping: (flaps = 0) => `unstable (${flaps} times)`,
  times: (flaps) => `${flaps} times`,
  again: 'Measured again',
  ended: { recovery: 'Resolved', operator: 'Closed', 'test over': 'Test over' },
  over: 'Over',
  late: 'Could not be told earlier',
  affected: (targets) => `affects ${targets.join(' ')}`,
  ownJob: (job) => `during ${job}`,
  undelivered: (channels) => `${channels.join(' ')} down`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
