import { alertWords, inSentence } from '../alert-words/index.ts';
import type { Formatter, Locale } from '../format.ts';
import type { AlertDigestData } from '../notice.ts';
import { codeOf } from './alert.ts';
import { oneSegment } from './gsm7.ts';

export function digestSms({ why, at, alerts }: AlertDigestData, format: Formatter): string {
  const t = WORDS[format.locale];
  const test = alerts.length > 0 && alerts.every((alert) => alert.test) ? '[TEST] ' : '';
  const named = alerts.map((alert) =>
    [codeOf({ ...alert, test: false }), inSentence(alertWords(format.locale, alert).title)]
      .filter(Boolean)
      .join(' '),
  );
  const begin = why === 'capped' ? t.capped(format.time(at)) : t.grouped(alerts.length);
  return oneSegment(`${test}${begin}`, named.join(', '));
}

const FR = {
  capped: (until: string) => `Trop de SMS cette heure: la suite par e-mail jusqu'à ${until}.`,
  grouped: (count: number) => `${count} alertes ensemble:`,
};

const EN: typeof FR = {
  capped: (until) => `Too many SMS this hour: more by e-mail until ${until}.`,
  grouped: (count) => `${count} alerts at once:`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
