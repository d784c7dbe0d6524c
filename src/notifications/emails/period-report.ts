import type { Formatter } from '../format.ts';
import type { PeriodFigure, PeriodReportData } from '../notice.ts';
import { NOTHING } from '../typography.ts';
import type { Context, DataTable, Figure, Letter, Warning } from './letter.ts';
import { periodPictures, shortName, trendTable } from './period-charts.ts';
import { PERIOD_WORDS, type PeriodCounts } from './period-words.ts';
import { fraction, showChange, showValue } from './report-figures.ts';
import { labelOf } from './report-labels.ts';
import { movedWarning } from './report-moved.ts';

const TILES = ['mrr', 'revenue_net', 'customers', 'customers_new', 'customer_churn_rate', 'leads'];

/** Tables of figures, each against the period before. */
const SECTIONS = {
  movements: ['mrr_new', 'mrr_reactivation', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_fx'],
  sales: [
    ...['leads', 'trials', 'signups', 'lead_to_trial_rate', 'trial_to_customer_rate'],
    ...[
      'customers_new',
      'customers_reactivated',
      'customers_churned',
      'revenue_gross',
      'revenue_refunds',
      'arpu',
    ],
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

/** The past week, or month: goals first, then how it came to be (WR1–WR7, BS3). */
export function periodReport(data: PeriodReportData, context: Context): Letter {
  const { format, otherFormat, runUrl } = context;
  const t = PERIOD_WORDS[format.locale];
  const counts = countsOf(data, format);
  const name = nameOf(data, format);
  return {
    subject: subjectOf(data, format),
    preheader: data.late ? t.preheaderLate : t.preheader(counts),
    verdict: {
      tone: data.late ? 'warn' : 'plain',
      sign: data.late ? '!' : '·',
      word: name,
      line: data.late ? t.lineLate : t.line(counts),
    },
    paragraphs: [],
    warnings: warningsOf(data, format),
    figures: TILES.map((metric) => tileOf(metric, data, format)),
    pictures: data.late ? [] : periodPictures(data, format),
    tables: [
      // Without figures they would be columns of dashes.
      ...(data.late ? [] : tablesOf(data, format)),
    ],
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        {
          label: t.period,
          value: t.periodValue(format.day(data.from), format.day(lastInstant(data)), format.timeZone),
        },
        ...(data.asOf ? [{ label: t.asOf, value: format.dateTime(data.asOf) }] : []),
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: `${nameOf(data, otherFormat)}. ${data.late ? PERIOD_WORDS[otherFormat.locale].lineLate : PERIOD_WORDS[otherFormat.locale].line(countsOf(data, otherFormat))}`,
    },
    footer: t.footer(format.timeZone),
  };
}

function tablesOf(data: PeriodReportData, format: Formatter): DataTable[] {
  const { movements, sales, support, performance } = PERIOD_WORDS[format.locale].sections;
  return [
    trendTable(data, format),
    ...goalsTable(data, format),
    figuresTable(data, movements, SECTIONS.movements, format),
    figuresTable(data, sales, SECTIONS.sales, format),
    figuresTable(data, support, SECTIONS.support, format),
    figuresTable(data, performance, [...SECTIONS.performance, ...targetsOf(data)], format),
  ];
}

const targetsOf = ({ figures }: PeriodReportData): string[] =>
  figures.map(({ metric }) => metric).filter((metric) => metric.startsWith('availability:'));

const lastInstant = ({ to }: PeriodReportData): string => new Date(Date.parse(to) - 1).toISOString();

const figureOf = ({ figures }: PeriodReportData, metric: string): PeriodFigure =>
  figures.find((figure) => figure.metric === metric) ?? { metric, value: null, before: null };

function nameOf({ kind, period, from }: PeriodReportData, format: Formatter): string {
  const t = PERIOD_WORDS[format.locale];
  if (kind === 'weekly') return t.week(shortName(period, format.locale).slice(1), period.slice(0, 4));
  return t.month(format.day(from).split(' ').slice(1).join(' '));
}

const isReached = ({ metric, target, actual }: PeriodReportData['goals'][number]): boolean =>
  actual !== null && (LESS_IS_BETTER.test(metric) ? actual <= target : actual >= target);

function countsOf(data: PeriodReportData, format: Formatter): PeriodCounts {
  const t = PERIOD_WORDS[format.locale];
  const show = (metric: string) => showValue(metric, figureOf(data, metric).value, format);
  const mrr = figureOf(data, 'mrr');
  const counted = (metric: string, one: string, many: string): string => {
    const { value } = figureOf(data, metric);
    return value === null ? `${NOTHING} ${many}` : format.count(value, one, many);
  };
  return {
    mrr: show('mrr'),
    mrrChange: showChange('mrr', mrr.value, mrr.before, format) ?? NOTHING,
    revenue: show('revenue_net'),
    fresh: counted('customers_new', t.fresh, t.freshMany),
    lost: counted('customers_churned', t.lost, t.lostMany),
    goals:
      data.goals.length === 0
        ? t.noGoals
        : t.goalsReached(data.goals.filter(isReached).length, data.goals.length),
  };
}

function subjectOf(data: PeriodReportData, format: Formatter): string {
  const t = PERIOD_WORDS[format.locale];
  if (data.late) return t.subjectLate(nameOf(data, format));
  const subject = t.subject(nameOf(data, format), countsOf(data, format));
  return data.revision > 1 ? t.corrected(subject) : subject;
}

function tileOf(metric: string, data: PeriodReportData, format: Formatter): Figure {
  const t = PERIOD_WORDS[format.locale];
  const figure = figureOf(data, metric);
  const note = fraction(figure, format);
  const goal = data.goals.find((one) => one.metric === metric);
  const change = showChange(metric, figure.value, figure.before, format) ?? NOTHING;
  return {
    label: labelOf(metric, format.locale),
    value: showValue(metric, figure.value, format),
    ...(note === undefined ? {} : { note }),
    more: [
      data.missing.includes(metric) ? t.missingTile : t.change[data.kind](change),
      ...(goal ? [t.goal(showValue(metric, goal.target, format))] : []),
    ],
  };
}

function warningsOf(data: PeriodReportData, format: Formatter): Warning[] {
  const t = PERIOD_WORDS[format.locale];
  const names = data.missing.map((metric) => labelOf(metric, format.locale)).join(' ; ');
  return [
    ...movedWarning(data, format),
    ...(data.late ? [{ title: t.lateTitle, text: t.lateText, todo: t.lateTodo(data.period) }] : []),
    ...(data.missing.length > 0 && !data.late ? [{ title: t.missingTitle, todo: [t.missing(names)] }] : []),
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
            `${isReached(goal) ? '✓' : '·'} ${labelOf(metric, format.locale)}`,
            showValue(metric, actual, format),
            showValue(metric, target, format),
            reached,
          ],
        };
      }),
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
    rows: metrics.map((metric) => {
      const figure = figureOf(data, metric);
      const { value, before } = figure;
      const parts = fraction(figure, format);
      return {
        cells: [
          parts === undefined
            ? labelOf(metric, format.locale)
            : `${labelOf(metric, format.locale)} (${parts})`,
          showValue(metric, value, format),
          showChange(metric, value, before, format) ?? NOTHING,
        ],
      };
    }),
  };
}
