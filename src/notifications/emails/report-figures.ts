import type { Formatter } from '../format.ts';
import type { ReportFigure } from '../notice.ts';
import { NBSP, NOTHING } from '../typography.ts';

/** How the figures of `maintenance.statistics` are read by people. Money is exact cents, rounded here and only here. */
type Kind = 'count' | 'money' | 'share' | 'minutes' | 'ms' | 'percent' | 'bytes' | 'number';

const KINDS: Readonly<Record<string, Kind>> = {
  mrr: 'money',
  arr: 'money',
  mrr_new: 'money',
  mrr_reactivation: 'money',
  mrr_expansion: 'money',
  mrr_contraction: 'money',
  mrr_churn: 'money',
  mrr_fx: 'money',
  arpu: 'money',
  ltv: 'money',
  cac: 'money',
  revenue_gross: 'money',
  revenue_refunds: 'money',
  revenue_net: 'money',
  customer_churn_rate: 'share',
  gross_mrr_churn_rate: 'share',
  net_mrr_churn_rate: 'share',
  net_revenue_retention: 'share',
  lead_to_trial_rate: 'share',
  trial_to_customer_rate: 'share',
  trial_to_customer_cohort_rate: 'share',
  payment_error_rate: 'share',
  stickiness: 'share',
  resolution_rate: 'share',
  csat: 'share',
  first_reply_minutes_mean: 'minutes',
  first_reply_minutes_median: 'minutes',
  api_ms_mean: 'ms',
  api_ms_p95: 'ms',
  page_load_ms_p75: 'ms',
  cpu_percent: 'percent',
  ram_percent: 'percent',
  disk_percent: 'percent',
  bandwidth_bytes: 'bytes',
};

const kindOf = (metric: string): Kind =>
  KINDS[metric] ?? (metric.startsWith('availability:') ? 'share' : 'count');

const isWhole = (value: number): boolean => Math.abs(value - Math.round(value)) < 1e-9;

/** « 1 284,00 € », €1,284.00: half a cent goes up, away from zero. */
export function money(cents: number, format: Formatter): string {
  const rounded = (Math.sign(cents) * Math.round(Math.abs(cents))) / 100;
  return inEuros(format.number(rounded, 2), format);
}

/** Whole euros, for an axis: « 12 400 € ». */
export const wholeMoney = (cents: number, format: Formatter): string =>
  inEuros(format.number(Math.round(cents / 100)), format);

const inEuros = (digits: string, { locale }: Formatter): string =>
  locale === 'fr' ? `${digits}${NBSP}€` : digits.replace(/^(\u2212?)/, '$1€');

/** Without cents where there are many columns: « 12 400 € » beside « 11 ». */
export const showWhole = (metric: string, value: number | null, format: Formatter): string =>
  value !== null && kindOf(metric) === 'money' ? wholeMoney(value, format) : showValue(metric, value, format);

/** « 25,0 % ». */
export const share = (ratio: number, format: Formatter, decimals = 1): string =>
  `${format.number(ratio * 100, decimals)}${format.locale === 'fr' ? NBSP : ''}%`;

/** A value of a metric; a mean of counts has a decimal. */
export function showValue(metric: string, value: number | null | undefined, format: Formatter): string {
  if (value === null || value === undefined) return NOTHING;
  switch (kindOf(metric)) {
    case 'money':
      return money(value, format);
    case 'share':
      return share(value, format, metric.startsWith('availability:') ? 2 : 1);
    case 'minutes':
      return format.duration(value * 60);
    case 'ms':
      return `${format.number(Math.round(value))}${NBSP}ms`;
    case 'percent':
      return share(value / 100, format, 0);
    case 'bytes':
      return format.bytes(value);
    case 'count':
    case 'number':
      return format.number(value, isWhole(value) ? 0 : 1);
  }
}

/** A change: « +3 », « −1 204,50 € », « +2,4 pt » of a share. */
export function showChange(
  metric: string,
  now: number | null | undefined,
  before: number | null | undefined,
  format: Formatter,
): string | undefined {
  if (typeof now !== 'number' || typeof before !== 'number') return undefined;
  const change = now - before;
  const kind = kindOf(metric);
  const points = (value: number, decimals: number): string =>
    `${format.number(value, decimals)}${NBSP}${format.locale === 'fr' ? 'pt' : 'pp'}`;
  if (kind === 'percent') return format.signed(Math.round(change), (value) => points(value, 0));
  if (kind !== 'share') {
    const show = (value: number) => showValue(metric, value, format);
    // What is nothing once rounded has no sign. Durations and sizes know no minus of their own.
    return /[1-9]/.test(show(Math.abs(change))) ? format.signed(change, show) : show(0);
  }
  return format.signed(Math.round(change * 1_000) / 10, (value) => points(value, 1));
}

/** « 2 sur 10 »; money has its fraction in the value itself. */
export function fraction(
  { metric, numerator, denominator }: ReportFigure,
  format: Formatter,
): string | undefined {
  if (typeof denominator !== 'number' || kindOf(metric) !== 'share' || metric.startsWith('availability:'))
    return undefined;
  if (isMoneyFraction(metric)) return `${money(numerator ?? 0, format)}${SLASH}${money(denominator, format)}`;
  return `${format.number(numerator ?? 0)}${NBSP}${format.locale === 'fr' ? 'sur' : 'of'}${NBSP}${format.number(denominator)}`;
}

const SLASH = ' / ';
const isMoneyFraction = (metric: string): boolean => /mrr|revenue/.test(metric);
