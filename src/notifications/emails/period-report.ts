import type { Formatter } from '../format.ts';
import type { PeriodReportData } from '../notice.ts';
import { NOTHING } from '../typography.ts';
import type { Context, Figure, Letter, Warning } from './letter.ts';
import { periodPictures, shortName } from './period-charts.ts';
import { figureOf, isReached, periodTables } from './period-tables.ts';
import { PERIOD_WORDS, type PeriodCounts } from './period-words.ts';
import { fraction, showChange, showValue } from './report-figures.ts';
import { labelOf } from './report-labels.ts';
import { movedWarning } from './report-moved.ts';

const TILES = ['mrr', 'revenue_net', 'customers', 'customers_new', 'customer_churn_rate', 'leads'];

/** Who makes it. */
const JOBS = { weekly: 'rapport-hebdomadaire', monthly: 'rapport-quotidien' } as const;

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
      sign: data.late ? '!' : '',
      word: name,
      line: data.late ? t.lineLate : t.line(counts),
    },
    paragraphs: [],
    warnings: warningsOf(data, format),
    figures: TILES.map((metric) => tileOf(metric, data, format)),
    pictures: data.late ? [] : periodPictures(data, format),
    // Without figures they would be columns of dashes.
    tables: data.late ? [] : periodTables(data, context),
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
    footer: t.footer(JOBS[data.kind], format.timeZone),
  };
}

const lastInstant = ({ to }: PeriodReportData): string => new Date(Date.parse(to) - 1).toISOString();

function nameOf({ kind, period, from }: PeriodReportData, format: Formatter): string {
  const t = PERIOD_WORDS[format.locale];
  if (kind === 'weekly') return t.week(shortName(period, format.locale).slice(1), period.slice(0, 4));
  return t.month(format.day(from).split(' ').slice(1).join(' '));
}

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
  const names = data.missing.map((metric) => labelOf(metric, format.locale)).join(' · ');
  return [
    ...movedWarning(data, format),
    ...(data.late ? [{ title: t.lateTitle, text: t.lateText, todo: t.lateTodo(data.period) }] : []),
    ...(data.missing.length > 0 && !data.late ? [{ title: t.missingTitle, todo: [t.missing(names)] }] : []),
  ];
}
