import { MINUS, NARROW, NBSP, NOTHING } from './typography.ts';

export type Locale = 'fr' | 'en';

/** Numbers, sizes, durations and instants as people read them. Pure, and the same on every machine. */
export interface Formatter {
  readonly locale: Locale;
  readonly timeZone: string;
  /** « 1 234 567 », 1,234,567. */
  number(value: number | undefined, decimals?: number): string;
  /** Decimal units, three significant digits: « 86,4 Mo », 86.4 MB. */
  bytes(value: number | undefined): string;
  /** With its sign, a change: « +1 204 », « −35 »; zero has none. `show` gives sizes instead of numbers. */
  signed(change: number, show?: (value: number) => string): string;
  /** « −85 % »; towards zero, so that what is left over is never told as nothing. */
  percent(ratio: number): string;
  /** « 86 Mo/s »; nothing when it took no time. */
  rate(bytes: number, seconds: number | undefined): string;
  /** « 0,4 s », « 48 s », « 1 min 12 s », « 2 h 05 min », « 3 j 4 h ». */
  duration(seconds: number | undefined): string;
  /** « lundi 23 novembre 2026 ». */
  date(instant: string): string;
  /** « 23 novembre 2026 », of an instant, or of a day (`2026-11-23`) that is the same in every zone. */
  day(instantOrDay: string): string;
  /** « 23/11 », Nov 23: for an axis. Of an instant or a day. */
  shortDay(instantOrDay: string): string;
  /** « lundi 23 novembre 2026 à 03 h 00 ». */
  dateTime(instant: string): string;
  /** « 15:03 », with the day (« 23/11 15:03 », Nov 23 15:03) when `beside` is on another one. */
  time(instant: string, beside?: string): string;
  /** The noun in its number: French counts 0 and 1 as one, English only 1. */
  count(value: number, one: string, many: string): string;
}

const MARKS = { fr: { group: NARROW, decimal: ',' }, en: { group: ',', decimal: '.' } } as const;
const BYTE_UNITS = { fr: ['o', 'ko', 'Mo', 'Go', 'To'], en: ['B', 'kB', 'MB', 'GB', 'TB'] } as const;
const DAY_UNIT = { fr: 'j', en: 'd' } as const;
const WEEKDAYS = {
  fr: ['dimanche', 'lundi', 'mardi', 'mercredi', 'jeudi', 'vendredi', 'samedi'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
} as const;
const MONTHS = {
  fr: [
    ...['janvier', 'février', 'mars', 'avril', 'mai', 'juin'],
    ...['juillet', 'août', 'septembre', 'octobre', 'novembre', 'décembre'],
  ],
  en: [
    ...['January', 'February', 'March', 'April', 'May', 'June'],
    ...['July', 'August', 'September', 'October', 'November', 'December'],
  ],
} as const;

export function createFormatter(locale: Locale, timeZone = 'Europe/Paris'): Formatter {
  const marks = MARKS[locale];
  const clock = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: '2-digit', minute: '2-digit' },
    hourCycle: 'h23',
  });

  const number = (value: number | undefined, decimals = 0): string => {
    if (value === undefined || !Number.isFinite(value)) return NOTHING;
    const [whole = '', fraction] = Math.abs(value).toFixed(decimals).split('.');
    const grouped = whole.replace(/\B(?=(\d{3})+$)/g, marks.group);
    const digits = fraction === undefined ? grouped : `${grouped}${marks.decimal}${fraction}`;
    return value < 0 && /[1-9]/.test(digits) ? `${MINUS}${digits}` : digits;
  };

  const bytes = (value: number | undefined): string => {
    if (value === undefined || !Number.isFinite(value)) return NOTHING;
    const units = BYTE_UNITS[locale];
    let [amount, unit] = [value, 0];
    // 999,5 would be shown as 1 000 of the smaller unit.
    while (amount >= 999.5 && unit < units.length - 1) [amount, unit] = [amount / 1_000, unit + 1];
    const decimals = unit === 0 || amount >= 99.95 ? 0 : amount >= 9.995 ? 1 : 2;
    return `${number(amount, decimals)}${NBSP}${units[unit]}`;
  };

  const duration = (seconds: number | undefined): string => {
    if (seconds === undefined || !Number.isFinite(seconds) || seconds < 0) return NOTHING;
    if (seconds < 9.95) return `${number(seconds, 1)}${NBSP}s`;
    const total = Math.round(seconds);
    const parts = (major: number, majorUnit: string, minor: number, minorUnit: string) =>
      minor === 0
        ? `${number(major)}${NBSP}${majorUnit}`
        : `${number(major)}${NBSP}${majorUnit}${NBSP}${String(minor).padStart(2, '0')}${NBSP}${minorUnit}`;
    if (total < 60) return `${total}${NBSP}s`;
    if (total < 3_600) return parts(Math.floor(total / 60), 'min', total % 60, 's');
    const minutes = Math.round(total / 60);
    if (minutes < 48 * 60) return parts(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
    const hours = Math.round(total / 3_600);
    return `${number(Math.floor(hours / 24))}${NBSP}${DAY_UNIT[locale]}${NBSP}${hours % 24}${NBSP}h`;
  };

  const named = (year: number, month: number, day: number) => {
    const weekday = WEEKDAYS[locale][new Date(Date.UTC(year, month - 1, day)).getUTCDay()];
    const name = MONTHS[locale][month - 1];
    const ordinal = locale === 'fr' && day === 1 ? '1er' : String(day);
    const twoDigits = (part: number): string => String(part).padStart(2, '0');
    return {
      date: `${weekday} ${ordinal} ${name} ${year}`,
      day: `${ordinal} ${name} ${year}`,
      short: locale === 'fr' ? `${twoDigits(day)}/${twoDigits(month)}` : `${name?.slice(0, 3)} ${day}`,
    };
  };

  const local = (instant: string) => {
    const part = Object.fromEntries(clock.formatToParts(new Date(instant)).map((p) => [p.type, p.value]));
    const [year, month, day] = [Number(part['year']), Number(part['month']), Number(part['day'])];
    return {
      ...named(year, month, day),
      hour: part['hour'],
      minute: part['minute'],
    };
  };

  /** A day is the same in every zone. */
  const ofDay = (instantOrDay: string) => {
    const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(instantOrDay) ?? [];
    return year === undefined ? local(instantOrDay) : named(Number(year), Number(month), Number(day));
  };

  return {
    locale,
    timeZone,
    number,
    bytes,
    duration,
    rate: (amount, seconds) =>
      seconds === undefined || seconds <= 0 ? NOTHING : `${bytes(amount / seconds)}/s`,
    signed: (change, show = number) =>
      change === 0 ? show(0) : `${change > 0 ? '+' : MINUS}${show(Math.abs(change))}`,
    percent: (ratio) => `${number(Math.trunc(ratio * 100))}${locale === 'fr' ? NBSP : ''}%`,
    date: (instant) => local(instant).date,
    day: (instantOrDay) => ofDay(instantOrDay).day,
    shortDay: (instantOrDay) => ofDay(instantOrDay).short,
    dateTime(instant) {
      const { date, hour, minute } = local(instant);
      return locale === 'fr' ? `${date} à ${hour}${NBSP}h${NBSP}${minute}` : `${date} at ${hour}:${minute}`;
    },
    time(instant, beside = instant) {
      const { day, short: shortened, hour, minute } = local(instant);
      const clockTime = `${hour}:${minute}`;
      return local(beside).day === day ? clockTime : `${shortened} ${clockTime}`;
    },
    count: (value, one, many) => {
      const single = locale === 'fr' ? Math.abs(value) < 2 : value === 1;
      return `${number(value)}${NBSP}${single ? one : many}`;
    },
  };
}
