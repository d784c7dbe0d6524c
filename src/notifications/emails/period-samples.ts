import type { Notice, PeriodFigure, PeriodReportData } from '../notice.ts';

/** Invented weekly reports: every state they can show. */

const figure = (
  metric: string,
  value: number | null,
  before: number | null = null,
  parts?: [numerator: number, denominator: number],
): PeriodFigure => ({
  ...{ metric, value, before },
  ...(parts ? { numerator: parts[0], denominator: parts[1] } : {}),
});

const MRR = [4_981, 5_034, 5_102, 5_088, 5_190, 5_267, 5_301, 5_420, 5_498, 5_577, 5_801, 5_873];
const NEW = [9, 7, 12, 5, 11, 10, 6, 14, 11, 9, 16, 12];
const LOST = [3, 2, 4, 6, 2, 3, 4, 1, 3, 2, 4, 3];

const usual: PeriodReportData = {
  kind: 'weekly',
  period: '2026-W47',
  from: '2026-11-15T23:00:00Z',
  to: '2026-11-22T23:00:00Z',
  asOf: '2026-11-23T07:00:07Z',
  revision: 1,
  figures: [
    figure('mrr', 5_873_217.333, 5_801_000),
    figure('customers', 1_143, 1_134),
    figure('customers_new', 12, 16),
    figure('customers_churned', 3, 4),
    figure('customers_reactivated', 1, 0),
    figure('customer_churn_rate', 3 / 1_134, 4 / 1_121, [3, 1_134]),
    figure('revenue_net', 741_250, 698_400),
    figure('revenue_gross', 756_150, 703_300),
    figure('revenue_refunds', 14_900, 4_900),
    figure('arpu', 5_138.423, 5_115.5),
    figure('mrr_new', 58_800, 78_400),
    figure('mrr_reactivation', 4_900, 0),
    figure('mrr_expansion', 29_800, 14_900),
    figure('mrr_contraction', -10_000, -4_900),
    figure('mrr_churn', -12_700, -19_600),
    figure('mrr_fx', 1_417.333, -830),
    figure('leads', 87, 79),
    figure('trials', 38, 41),
    figure('signups', 21, 19),
    figure('lead_to_trial_rate', 0.3793, 0.4, [33, 87]),
    figure('trial_to_customer_cohort_rate', 0.1053, 0.122, [4, 38]),
    figure('trial_to_customer_rate', 0.2439, 0.22, [20, 82]),
    figure('tickets', 46, 52),
    figure('tickets_answered', 43, 50),
    figure('first_reply_minutes_mean', 134.4, 151),
    figure('first_reply_minutes_median', 48, 55),
    figure('resolution_rate', 0.8913, 0.865, [41, 46]),
    figure('csat', 0.9231, 0.91, [24, 26]),
    figure('api_ms_mean', 143.2, 151),
    figure('api_ms_p95', 412, 455),
    figure('page_load_ms_p75', 1_840, 1_910),
    figure('cpu_percent', 34.2, 31),
    figure('ram_percent', 61.8, 62),
    figure('disk_percent', 71.4, 70),
    figure('bandwidth_bytes', 86_400_000_000, 81_000_000_000),
    figure('availability:app', 0.99942, 1),
    figure('availability:n8n', 1, 0.9987),
  ],
  trend: MRR.map((mrr, at) => ({
    period: `2026-W${String(36 + at)}`,
    mrr: mrr * 1_000 + 217.333,
    goal: (5_000 + at * 78) * 1_000,
    customersNew: NEW[at] ?? null,
    customersChurned: LOST[at] ?? null,
  })),
  goals: [
    { metric: 'customers_new', target: 11, actual: 12 },
    { metric: 'leads', target: 90, actual: 87 },
    { metric: 'mrr', target: 5_858_000, actual: 5_873_217.333 },
    { metric: 'revenue_net', target: 700_000, actual: 741_250 },
  ],
  movements: {
    rows: [
      { id: 'account-1', kind: 'new', cents: 19_900 },
      { id: 'account-2', kind: 'expansion', cents: 14_900 },
      { id: 'account-3', kind: 'contraction', cents: -10_000 },
      { id: 'account-4', kind: 'churn', cents: -7_800 },
      { id: 'account-5', kind: 'reactivation', cents: 4_900 },
      { id: 'account-6', kind: 'churn', cents: 0 },
    ],
    more: 14,
  },
  missing: [],
  workflowId: 'rapport-hebdomadaire-2026-11-23T08:00:00Z',
  runId: '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a44',
};

const notice = (data: Partial<PeriodReportData>): Notice => ({
  key: `report/weekly/${data.period ?? usual.period}/${String(data.revision ?? 1)}`,
  level: 'info',
  channels: ['email'],
  template: 'weekly-report',
  data: { ...usual, ...data },
});

const without = (metrics: readonly string[]): PeriodFigure[] =>
  usual.figures.map((one) => (metrics.includes(one.metric) ? figure(one.metric, null) : one));
const ALL = usual.figures.map(({ metric }) => metric);
const NO_SOURCE = ['tickets', 'tickets_answered', 'csat'];

export const weeklySamples = {
  usual: notice({}),
  'data-missing': notice({
    figures: without(NO_SOURCE).map((one) => {
      if (one.metric.startsWith('api_ms')) return { ...one, source: 'probe' };
      return one.metric.startsWith('page_load') ? { ...one, source: 'fetch', value: 2_310 } : one;
    }),
    movements: { rows: [], more: 0 },
    missing: NO_SOURCE,
    goals: [],
    trend: usual.trend.map((at, index) => ({ ...at, goal: null, ...(index < 4 ? { mrr: null } : {}) })),
  }),
  late: notice({ figures: without(ALL), missing: ALL, late: true, asOf: undefined }),
  corrected: notice({
    revision: 2,
    moved: [
      { metric: 'revenue_net', before: 736_350, after: 741_250 },
      { metric: 'customer_churn_rate', before: 2 / 1_134, after: 3 / 1_134 },
    ],
  }),
  month: notice({
    ...{ kind: 'monthly', period: '2026-10', from: '2026-09-30T22:00:00Z', to: '2026-10-31T23:00:00Z' },
    figures: [
      ...usual.figures,
      figure('arr', 70_478_608, 69_612_000),
      figure('ltv', null, 1_284_000),
      figure('cac', 21_450, 19_980, [257_400, 12]),
      figure('gross_mrr_churn_rate', 0.0039, 0.0042, [22_700, 5_801_000]),
      figure('net_mrr_churn_rate', -0.0021, 0.0016, [-12_000, 5_801_000]),
      figure('net_revenue_retention', 1.0012, 0.9981, [5_807_900, 5_801_000]),
      figure('mau', 1_204, 1_187),
      figure('stickiness', 0.342, 0.335, [412, 1_204]),
      figure('payment_error_rate', 0.031, 0.027, [34, 1_097]),
    ],
    trend: usual.trend.map((at, index) => ({
      ...at,
      period: index < 2 ? `2025-${String(index + 11)}` : `2026-${String(index - 1).padStart(2, '0')}`,
    })),
  }),
} satisfies Record<string, Notice>;
