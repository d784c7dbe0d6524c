/** What an alert is about, in words: shared by e-mails, SMS, the application and webhooks. Pure. */
import type { Formatter, Locale } from '../format.ts';
import type { AlertData } from '../notice.ts';
import { fr, NBSP } from '../typography.ts';
import { RULES_EN } from './en.ts';
import { RULES_FR } from './fr.ts';
import { EVIDENCE, KINDS, REASONS, STATUS, TARGETS } from './small.ts';

/** `AL4-app` is AL4 on one target that has words of its own. */
export type RuleName =
  | (
      | 'AL1'
      | 'AL2'
      | 'AL3'
      | 'AL3-inodes'
      | 'AL3-read-only'
      | 'AL4'
      | 'AL5'
      | 'AL6'
      | 'AL7'
      | 'AL8'
      | 'AL9'
      | 'AL10'
      | 'PF4'
      | 'PF5'
    )
  | ('AL4-app' | 'AL4-n8n' | 'AL4-supabase' | 'AL4-database' | 'AL4-vps' | 'AL4-outside')
  | ('certificate' | 'restarts' | 'figures' | 'no-data' | 'own-network' | 'unknown');

export interface RuleWords {
  /** `on`: the target, or the part of it (`/var`) that is concerned; empty where the words name it already. */
  title: (on: string) => string;
  meaning: string;
  steps: readonly string[];
}

export type AlertSubject = Pick<AlertData, 'rule' | 'target' | 'event'>;

const RULES = { fr: RULES_FR, en: RULES_EN } as const;

const isKnown = (name: string): name is RuleName => Object.hasOwn(RULES_FR, name);

/** Rules whose words name the target themselves: only the part after the colon is left to say. */
const NAMED_BY_WORDS = /^(?:AL[1-3]|AL4-outside$)/;

export function nameOf({ rule, target, event }: AlertSubject): RuleName {
  if (target === 'own-network') return 'own-network';
  // `AL4 has no data` is a lack of data, whatever the rule.
  if (event === 'no-data' || event === 'data-again') return 'no-data';
  const whole = target.split(':')[0] ?? target;
  if (rule === 'AL4' && isKnown(`AL4-${whole}`)) return `AL4-${whole}` as RuleName;
  return isKnown(rule) ? rule : 'unknown';
}

/** The words of a rule on a target; a rule nobody has written words for is named as it is. */
export function alertWords(
  locale: Locale,
  alert: AlertSubject,
): { title: string } & Omit<RuleWords, 'title'> {
  const name = nameOf(alert);
  const { title, meaning, steps } = RULES[locale][name];
  const part = alert.target.includes(':') ? alert.target.slice(alert.target.indexOf(':') + 1) : '';
  const target = targetName(locale, alert.target);
  const on =
    name === 'unknown' ? `${alert.rule}, ${alert.target}` : NAMED_BY_WORDS.test(name) ? part : target;
  return { title: title(on), meaning, steps };
}

/** `app` is « application », `vps:pm2:api` « programme api »; a disk of the server, as `vps:/var`, stays as it is. */
export function targetName(locale: Locale, target: string): string {
  const [, kind, which = ''] = /^(?:vps:)?(outside|pm2):(.+)$/.exec(target) ?? [];
  if (kind === 'outside' || kind === 'pm2') return `${KINDS[locale][kind]} ${which}`;
  return TARGETS[locale][target] ?? target;
}

/** What is measured again. */
export const measured = (locale: Locale, alert: AlertSubject): string =>
  alert.target === 'own-network'
    ? inSentence(alertWords(locale, alert).title)
    : targetName(locale, alert.target);

/** Within a sentence: « application injoignable », but « TLS … » and « n8n … » as they are. */
export const inSentence = (title: string): string =>
  /^\p{Lu}\p{Ll}/u.test(title) && !title.startsWith('Supabase')
    ? title.charAt(0).toLowerCase() + title.slice(1)
    : title;

/**
 * The class of a failed probe in words; a text that has none stays as it is. `rest status 401` begins with the service
 * of Supabase, `login refused (28P01)` ends with a code that a person may look up.
 */
export function reasonWords(locale: Locale, reason: string): string {
  const [, service, rest] = /^(auth|rest|storage) (.+)$/.exec(reason) ?? [];
  if (service !== undefined && rest !== undefined) {
    const words = reasonWords(locale, rest);
    return locale === 'fr' ? fr`${service} : ${words}` : `${service}: ${words}`;
  }
  const status = /^status (\d{3})$/.exec(reason)?.[1];
  if (status !== undefined) return `${STATUS[locale]} ${status}`;
  const [, text = reason, code = ''] = /^(.+?)( \([^()]+\))$/.exec(reason) ?? [];
  return `${REASONS[locale][text] ?? text}${code}`;
}

export const evidenceName = (locale: Locale, name: string): string => EVIDENCE[locale][name] ?? name;

const DECIMALS_BELOW = 10;

/** « 97,4 % », « 62/min », 14 days. */
export function amount(value: number, unit: AlertData['unit'], format: Formatter): string {
  const whole = Number.isInteger(value) || Math.abs(value) >= 100;
  const text = format.number(value, whole ? 0 : Math.abs(value) < DECIMALS_BELOW ? 2 : 1);
  switch (unit) {
    case undefined:
      return text;
    case '%':
      return format.locale === 'fr' ? `${text}${NBSP}%` : `${text}%`;
    case '/min':
      return `${text}/min`;
    case 'days':
      return format.count(
        value,
        format.locale === 'fr' ? 'jour' : 'day',
        format.locale === 'fr' ? 'jours' : 'days',
      );
    case 's':
    case 'ms':
    case 'h':
      return `${text}${NBSP}${unit}`;
  }
}
