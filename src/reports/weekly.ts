/** What the weekly report, and the month's, say of the figures. Pure. */
import type { PeriodReportData } from '../notifications/notice.ts';
import type { Period } from './period.ts';
import type { Statistics } from './statistics.ts';

/** Charts show twelve. */
export const PERIODS_BEFORE = 11;

/** Without these, computed after the period's end, there is no report yet. */
const NEEDED = ['mrr', 'customers', 'customers_new', 'customers_churned', 'revenue_net'];

const TOLD = [
  ...NEEDED,
  ...['customer_churn_rate', 'customers_reactivated', 'revenue_gross', 'revenue_refunds', 'arpu'],
  ...['mrr_new', 'mrr_reactivation', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_fx'],
  ...[
    'leads',
    'trials',
    'signups',
    'lead_to_trial_rate',
    'trial_to_customer_rate',
    'trial_to_customer_cohort_rate',
  ],
  ...[
    'tickets',
    'tickets_answered',
    'first_reply_minutes_mean',
    'first_reply_minutes_median',
    'resolution_rate',
    'csat',
  ],
  ...[
    'api_ms_mean',
    'api_ms_p95',
    'page_load_ms_p75',
    'cpu_percent',
    'ram_percent',
    'disk_percent',
    'bandwidth_bytes',
  ],
];

/** Beside them in a month's report: what a week is too short for. */
const OF_A_MONTH = [
  ...['arr', 'gross_mrr_churn_rate', 'net_mrr_churn_rate', 'net_revenue_retention', 'ltv', 'cac'],
  ...['mau', 'stickiness', 'payment_error_rate'],
];

export interface Goal {
  /** `2026-W47`, `2026-11`. */
  period: string;
  metric: string;
  target: number;
}

type Figures = Pick<PeriodReportData, 'figures' | 'trend' | 'goals' | 'missing' | 'late'>;

export const isPeriodThere = (statistics: Statistics): boolean => {
  const period = lastOf(statistics);
  return NEEDED.every((metric) => statistics.isFinal(metric, period));
};

export function periodFigures(
  kind: PeriodReportData['kind'],
  statistics: Statistics,
  goals: readonly Goal[],
): Figures {
  const { periods, figure, value, isMissing, metrics } = statistics;
  const period = lastOf(statistics);
  const before = periods.at(-2);
  const told = [
    ...TOLD,
    ...(kind === 'monthly' ? OF_A_MONTH : []),
    ...metrics.filter((metric) => metric.startsWith('availability:')),
  ];
  const isLate = !isPeriodThere(statistics);
  return {
    figures: told.map((metric) => ({
      ...figure(metric, period),
      before: before === undefined ? null : value(metric, before),
    })),
    trend: periods.map((at) => ({
      period: at.name,
      mrr: value('mrr', at),
      goal: goals.find(({ metric, period: name }) => metric === 'mrr' && name === at.name)?.target ?? null,
      customersNew: value('customers_new', at),
      customersChurned: value('customers_churned', at),
    })),
    goals: goals
      .filter(({ period: name }) => name === period.name)
      .map(({ metric, target }) => ({ metric, target, actual: value(metric, period) })),
    missing: told.filter((metric) => isMissing(metric, period) && !isEndless(metric, statistics)),
    ...(isLate ? { late: true } : {}),
  };
}

/** Nobody left in three months: a lifetime value without an end is none, and no source is missing. */
const isEndless = (metric: string, statistics: Statistics): boolean =>
  metric === 'ltv' && statistics.value('mrr', lastOf(statistics)) !== null;

function lastOf({ periods }: Statistics): Period {
  const period = periods.at(-1);
  if (period === undefined) throw new RangeError('statistics without a period');
  return period;
}
