import type { DailyFigure, DailyReportData, Notice } from '../notice.ts';
import type { Person } from './letter.ts';

/** Invented reports: every state they can show. Nobody here is real. */

const RUN = {
  workflowId: 'rapport-quotidien-2026-11-23T07:00:00Z',
  runId: '019ab7ea-8d1e-7a3b-9c55-1f0e6d2b8a44',
};

const figure = (
  metric: string,
  value: number | null,
  weekBefore: number | null,
  mean: number | null,
  parts?: [numerator: number, denominator: number],
): DailyFigure => ({
  ...{ metric, value, weekBefore, mean },
  ...(parts ? { numerator: parts[0], denominator: parts[1] } : {}),
});

const usual: DailyReportData = {
  period: '2026-11-22',
  from: '2026-11-21T23:00:00Z',
  to: '2026-11-22T23:00:00Z',
  asOf: '2026-11-23T06:00:07Z',
  revision: 1,
  figures: [
    figure('leads', 14, 11, 12.4),
    figure('trials', 6, 7, 5.13),
    figure('signups', 3, 3, 2.9),
    figure('revenue_net', 128_450, 98_000, 112_733.333),
    figure('trial_to_customer_rate', 0.2439, 0.22, 0.231, [20, 82]),
    figure('customers', 1_143, 1_131, 1_120.4),
    figure('revenue_gross', 133_350, 98_000, 114_000),
    figure('revenue_refunds', 4_900, 0, 1_266.667),
    figure('mrr', 5_873_217.333, 5_801_000, 5_702_000),
    figure('customers_new', 2, 1, 1.4),
    figure('customers_reactivated', 0, 0, 0.1),
    figure('customers_churned', 1, 0, 0.8),
    figure('lead_to_trial_rate', 0.357, 0.4, 0.41, [5, 14]),
    figure('trial_to_customer_cohort_rate', 0, 0.286, 0.24, [0, 6]),
    figure('payment_error_rate', 0.031, 0.02, 0.027, [2, 64]),
    figure('dau', 412, 398, 388.2),
  ],
  anomalies: [],
  incidents: { alerts: [], failedRuns: [] },
  missing: [],
  callBack: { ids: ['lead-1', 'lead-2', 'lead-3'], more: 0 },
  ...RUN,
};

const notice = (data: Partial<DailyReportData>): Notice => ({
  key: `report/daily/${data.period ?? usual.period}/${String(data.revision ?? 1)}`,
  level: 'info',
  channels: ['email'],
  template: 'daily-report',
  data: { ...usual, ...data },
});

const nothing = usual.figures.map(({ metric }) => figure(metric, null, null, null));
const instead = (changes: readonly DailyFigure[]): DailyFigure[] =>
  usual.figures.map((one) => changes.find(({ metric }) => metric === one.metric) ?? one);

export const dailySamples = {
  usual: notice({}),
  unusual: notice({
    figures: instead([
      figure('leads', 2, 11, 12.4),
      figure('revenue_net', -31_200, 98_000, 112_733.333),
      figure('payment_error_rate', 0.1563, 0.02, 0.027, [10, 64]),
    ]),
    anomalies: [
      { metric: 'leads', value: 2, mean: 12.4, low: 6, high: 19 },
      { metric: 'payment_error_rate', value: 0.1563, mean: 0.027, low: 0, high: 0.061 },
    ],
    incidents: {
      alerts: [
        { rule: 'AL4', target: 'app', count: 2 },
        { rule: 'AL10', target: 'payments', count: 1 },
      ],
      failedRuns: [{ job: 'backup-database', count: 1 }],
    },
    callBack: { ids: ['lead-1', 'lead-2'], more: 0 },
  }),
  'data-missing': notice({
    figures: instead([
      figure('payment_error_rate', null, null, null),
      figure('lead_to_trial_rate', null, null, null),
      figure('trial_to_customer_rate', null, null, 0.231, [0, 0]),
    ]),
    missing: ['payment_error_rate', 'lead_to_trial_rate'],
    callBack: { ids: [], more: 0 },
  }),
  late: notice({
    figures: nothing,
    missing: nothing.map(({ metric }) => metric),
    late: true,
    asOf: undefined,
    callBack: { ids: ['lead-1', 'unknown-lead'], more: 0 },
  }),
  corrected: notice({
    revision: 2,
    moved: [
      { metric: 'leads', before: 13, after: 14 },
      { metric: 'revenue_net', before: 123_550, after: 128_450 },
      { metric: 'payment_error_rate', before: null, after: 0.031 },
    ],
  }),
  'clocks-changed': notice({
    period: '2027-03-28',
    from: '2027-03-27T23:00:00Z',
    to: '2027-03-28T22:00:00Z',
    asOf: '2027-03-29T05:00:07Z',
    callBack: { ids: ['lead-1'], more: 31 },
  }),
  first: notice({
    figures: usual.figures.map((one) => ({ ...one, weekBefore: null, mean: null })),
    callBack: { ids: [], more: 0 },
  }),
} satisfies Record<string, Notice>;

/** Whom the ids of the samples stand for. */
export const SAMPLE_PEOPLE: Readonly<Record<string, Person>> = {
  'account-1': { name: 'Cabinet Lemoine & Associés' },
  'account-2': { name: 'Studio <Orme>' },
  'account-3': { name: 'Transports Bertin-Gaillard et Fils' },
  'account-4': { name: 'Inès Marchetti' },
  'account-5': { name: 'Librairie du Canal' },
  'lead-1': { name: 'Atelier Dubosc & Fils', phone: '+33 6 39 98 12 07', at: '2026-11-22T16:42:00Z' },
  'lead-2': { name: 'Inès <Marchetti>', phone: null, at: '2026-11-22T10:05:00Z' },
  'lead-3': { name: 'Compagnie des Quatre-Vents', phone: '+33 6 39 98 44 51', at: '2026-11-22T08:13:00Z' },
};
