/** What the daily report says of the figures. Pure. */
import type { Anomaly, DailyFigure, DailyReportData } from '../notifications/notice.ts';
import type { Period } from './period.ts';
import type { Statistics } from './statistics.ts';

/** Days that the report's own is compared with. */
export const DAYS_BEFORE = 30;
const DAYS_OF_A_MEAN = 7;
const DAYS_TO_JUDGE = 14;
const DEVIATIONS = 2.5;

/** Without these, computed after midnight, there is no report yet. */
export const TILES = [
  'leads',
  'trials',
  'signups',
  'revenue_net',
  'trial_to_customer_rate',
  'customers',
] as const;

const BESIDE = [
  ...[
    'revenue_gross',
    'revenue_refunds',
    'mrr',
    'customers_new',
    'customers_reactivated',
    'customers_churned',
  ],
  ...['lead_to_trial_rate', 'trial_to_customer_cohort_rate', 'payment_error_rate', 'dau'],
];

/** What is judged, and which difference is too small to be told (cents, people, a share). */
const JUDGED: Readonly<Record<string, number>> = {
  leads: 4,
  trials: 3,
  signups: 3,
  revenue_net: 20_000,
  customers_churned: 2,
  payment_error_rate: 0.05,
  tickets: 4,
};

type Figures = Pick<DailyReportData, 'figures' | 'anomalies' | 'missing' | 'late'>;

export function dailyFigures(statistics: Statistics): Figures {
  const day = last(statistics.periods);
  const figures = [...TILES, ...BESIDE].map((metric): DailyFigure => ({
    ...statistics.figure(metric, day),
    ...compared(metric, statistics),
  }));
  const isLate = !isThere(statistics);
  return {
    figures,
    anomalies: isLate ? [] : anomaliesOf(statistics),
    missing: figures.map(({ metric }) => metric).filter((metric) => statistics.isMissing(metric, day)),
    ...(isLate ? { late: true } : {}),
  };
}

export const isThere = (statistics: Statistics): boolean =>
  TILES.every((metric) => statistics.isFinal(metric, last(statistics.periods)));

function compared(metric: string, statistics: Statistics): Pick<DailyFigure, 'weekBefore' | 'mean'> {
  const before = valuesBefore(metric, statistics);
  return {
    weekBefore:
      statistics.periods.length > 7 ? statistics.value(metric, fromEnd(statistics.periods, 7)) : null,
    mean: before.length < DAYS_OF_A_MEAN ? null : meanOf(before),
  };
}

const valuesBefore = (metric: string, { periods, value }: Statistics): number[] =>
  periods.slice(0, -1).flatMap((period) => value(metric, period) ?? []);

/** Outside of everything the days before were, and far from their mean: a rhythm of the week is none. */
function anomaliesOf(statistics: Statistics): Anomaly[] {
  return Object.entries(JUDGED).flatMap(([metric, small]) => {
    const value = statistics.value(metric, last(statistics.periods));
    const before = valuesBefore(metric, statistics);
    if (value === null || before.length < DAYS_TO_JUDGE) return [];
    const mean = meanOf(before);
    const deviation = Math.sqrt(meanOf(before.map((one) => (one - mean) ** 2)));
    const [low, high] = [Math.min(...before), Math.max(...before)];
    const far = Math.abs(value - mean) >= Math.max(small, DEVIATIONS * deviation);
    return far && (value < low || value > high) ? [{ metric, value, mean, low, high }] : [];
  });
}

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const last = (periods: readonly Period[]): Period => fromEnd(periods, 0);

function fromEnd(periods: readonly Period[], back: number): Period {
  const period = periods.at(-1 - back);
  if (period === undefined) throw new RangeError(`there is no period ${String(back)} before the last`);
  return period;
}
