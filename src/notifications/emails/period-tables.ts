import type { Formatter } from '../format.ts';
import type { PeriodFigure, PeriodReportData } from '../notice.ts';
import { NBSP, NOTHING } from '../typography.ts';
import type { Context, DataTable, TableRow } from './letter.ts';
import { trendTable } from './period-charts.ts';
import { PERIOD_WORDS } from './period-words.ts';
import { fraction, showChange, showValue, showWhole } from './report-figures.ts';
import { labelOf } from './report-labels.ts';

const DAY_MS = 86_400_000;
/** A cohort has this long to do what is counted. */
const COHORT_DAYS = 30;
/** Below so many customers a lifetime value says little. */
const FEW = 10;

/** Tables of figures, each against the period before. */
const SECTIONS = {
  movements: ['mrr_new', 'mrr_reactivation', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_fx'],
  business: [
    ...['arr', 'ltv', 'cac', 'gross_mrr_churn_rate', 'net_mrr_churn_rate', 'net_revenue_retention'],
    ...['mau', 'stickiness', 'payment_error_rate'],
  ],
  sales: [
    ...['leads', 'trials', 'signups', 'lead_to_trial_rate', 'trial_to_customer_cohort_rate'],
    ...['trial_to_customer_rate', 'customers_new', 'customers_reactivated', 'customers_churned'],
    ...['revenue_gross', 'revenue_refunds', 'arpu'],
  ],
  support: [
    ...['tickets', 'tickets_answered', 'first_reply_minutes_median', 'first_reply_minutes_mean'],
    ...['resolution_rate', 'csat'],
  ],
  performance: [
    ...['api_ms_mean', 'api_ms_p95', 'page_load_ms_p75', 'cpu_percent', 'ram_percent', 'disk_percent'],
    'bandwidth_bytes',
  ],
} as const;

/** What is better when it is less. */
const LESS_IS_BETTER = /churn|error|minutes|_ms_|^tickets$|percent|^cac$|refunds/;

export const figureOf = ({ figures }: PeriodReportData, metric: string): PeriodFigure =>
  figures.find((figure) => figure.metric === metric) ?? { metric, value: null, before: null };

export const isReached = ({ metric, target, actual }: PeriodReportData['goals'][number]): boolean =>
  actual !== null && (LESS_IS_BETTER.test(metric) ? actual <= target : actual >= target);

export function periodTables(data: PeriodReportData, context: Context): DataTable[] {
  const { format } = context;
  const { sections, cohorts } = PERIOD_WORDS[format.locale];
  const table = (title: string, metrics: readonly string[], note?: string): DataTable => ({
    ...figuresTable(data, title, metrics, format),
    ...(note === undefined ? {} : { note }),
  });
  const targets = data.figures
    .map(({ metric }) => metric)
    .filter((metric) => metric.startsWith('availability:'));
  const mature = new Date(Date.parse(data.to) + COHORT_DAYS * DAY_MS).toISOString();
  return [
    trendTable(data, format),
    ...goalsTable(data, format),
    table(sections.movements, SECTIONS.movements),
    ...movementsTable(data, context),
    ...(data.kind === 'monthly' ? [table(sections.business, SECTIONS.business)] : []),
    table(sections.sales, SECTIONS.sales, cohorts(format.day(mature))),
    table(sections.support, SECTIONS.support),
    table(sections.performance, [...SECTIONS.performance, ...targets]),
  ];
}

function goalsTable({ goals }: PeriodReportData, format: Formatter): DataTable[] {
  const t = PERIOD_WORDS[format.locale];
  if (goals.length === 0) return [];
  return [
    {
      title: t.goals,
      head: t.goalsHead,
      rows: goals.map((goal) => {
        const { metric, actual, target } = goal;
        // A target of 0 has no share.
        const reached = actual === null || target === 0 ? NOTHING : format.percent(actual / target);
        return {
          cells: [
            `${isReached(goal) ? '✓' : '·'}${NBSP}${labelOf(metric, format.locale)}`,
            showWhole(metric, actual, format),
            showWhole(metric, target, format),
            reached,
          ],
        };
      }),
    },
  ];
}

/** Names are read while sending. Without them (a customer that is gone, a page that is kept) the id stands. */
function movementsTable({ movements }: PeriodReportData, { format, personOf }: Context): DataTable[] {
  const t = PERIOD_WORDS[format.locale];
  if (movements === undefined || movements.rows.length === 0) return [];
  return [
    {
      title: t.byCustomer,
      head: t.byCustomerHead,
      rows: movements.rows.map(({ id, kind, cents }) => ({
        cells: [
          personOf?.(id)?.name ?? id,
          t.movement[kind],
          format.signed(cents, (value) => showValue('mrr', value, format)),
        ],
      })),
      ...(movements.more > 0 ? { note: t.more(movements.more) } : {}),
    },
  ];
}

function figuresTable(
  data: PeriodReportData,
  title: string,
  metrics: readonly string[],
  format: Formatter,
): DataTable {
  const t = PERIOD_WORDS[format.locale];
  return {
    title,
    head: t.sectionHead[data.kind],
    rows: metrics.map((metric): TableRow => {
      const figure = figureOf(data, metric);
      const parts = fraction(figure, format);
      const label = labelOf(metric, format.locale);
      const notes = notesOf(figure, data, format);
      return {
        cells: [
          parts === undefined ? label : `${label} (${parts})`,
          showValue(metric, figure.value, format),
          showChange(metric, figure.value, figure.before, format) ?? NOTHING,
        ],
        ...(notes.length > 0 ? { notes } : {}),
      };
    }),
  };
}

/** What a figure must not be taken for. */
function notesOf(
  { metric, value, source }: PeriodFigure,
  data: PeriodReportData,
  format: Formatter,
): string[] {
  const t = PERIOD_WORDS[format.locale];
  if (source) return [t.source[source]];
  if (metric !== 'ltv' || figureOf(data, 'mrr').value === null) return [];
  if (value === null) return [t.nobodyLeft];
  return (figureOf(data, 'customers').value ?? 0) < FEW ? [t.few(FEW)] : [];
}
