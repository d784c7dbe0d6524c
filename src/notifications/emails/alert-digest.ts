import { alertWords } from '../alert-words/index.ts';
import type { AlertDigestData } from '../notice.ts';
import { codeOf } from '../sms/alert.ts';
import { ALERT_WORDS } from './alert-words.ts';
import type { Context, Letter } from './letter.ts';

/** Several alerts in one mail: begun within a moment, or above the hourly cap of SMS. */
export function alertDigest({ why, at, alerts }: AlertDigestData, { format, otherFormat }: Context): Letter {
  const t = ALERT_WORDS[format.locale];
  const other = ALERT_WORDS[otherFormat.locale];
  const test = alerts.length > 0 && alerts.every((alert) => alert.test) ? '[TEST] ' : '';
  const named = alerts.map((alert) =>
    [codeOf({ ...alert, test: false }), alertWords(format.locale, alert).title].filter(Boolean).join(' '),
  );
  const lineOf = (words: typeof t, until: string) =>
    why === 'capped' ? words.digest.cappedLine(until) : words.digest.groupedLine;
  const line = lineOf(t, format.time(at));
  const [first] = alerts;
  return {
    subject: `${test}${t.digest[why](alerts.length)}`,
    preheader: t.digest.preheader,
    verdict: { tone: 'bad', sign: '✕', word: `${test}${t.digest[why](alerts.length)}`, line },
    paragraphs: [],
    figures: [],
    steps:
      first === undefined
        ? undefined
        : { title: t.stepsTitle, items: [...alertWords(format.locale, first).steps] },
    tables: [
      {
        title: t.digest.table,
        head: t.digest.head,
        rows: alerts.map(({ since }, index) => ({ cells: [named[index] ?? '', format.time(since, at)] })),
      },
    ],
    facts: {
      title: t.factsTitle,
      rows: [{ label: t.told, value: format.dateTime(at) }],
    },
    other: {
      locale: otherFormat.locale,
      text: `${test}${other.digest[why](alerts.length)}. ${lineOf(other, otherFormat.time(at))}`,
    },
    footer: t.footer(format.timeZone),
  };
}
