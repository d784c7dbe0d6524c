import type { AlertData, AlertDigestData } from '../notice.ts';
import type { Context, Letter } from './letter.ts';

/** An alert's mail; the words follow. */
export function alertMail(data: AlertData, { format, otherFormat }: Context): Letter {
  const subject = `${data.test ? '[TEST] ' : ''}A${data.alertId} ${data.rule} ${data.target}: ${data.event}`;
  const tone = data.event === 'resolved' || data.event === 'data-again' ? 'good' : 'bad';
  return {
    subject,
    preheader: subject,
    verdict: { tone, sign: tone === 'good' ? '✓' : '✕', word: data.event, line: format.dateTime(data.at) },
    paragraphs: [],
    figures: [],
    facts: { title: 'A', rows: [{ label: 'A', value: data.workflowId, code: true }] },
    other: { locale: otherFormat.locale, text: subject },
    footer: `TalosPrimes Maintenance · ${format.timeZone}`,
  };
}

/** Several alerts in one mail; the words follow. */
export function alertDigest(data: AlertDigestData, { format, otherFormat }: Context): Letter {
  const subject = data.alerts.map(({ alertId, rule, target }) => `A${alertId} ${rule} ${target}`).join(', ');
  return {
    subject,
    preheader: subject,
    verdict: { tone: 'bad', sign: '✕', word: data.why, line: format.dateTime(data.at) },
    paragraphs: [],
    figures: [],
    facts: {
      title: 'A',
      rows: data.alerts.map(({ alertId, event }) => ({ label: `A${alertId}`, value: event })),
    },
    other: { locale: otherFormat.locale, text: subject },
    footer: `TalosPrimes Maintenance · ${format.timeZone}`,
  };
}
