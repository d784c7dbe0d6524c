import type { Formatter } from '../format.ts';
import type { DailyFigure, DailyReportData } from '../notice.ts';
import { NOTHING } from '../typography.ts';
import { DAILY_WORDS } from './daily-words.ts';
import type { Context, DataTable, Figure, Letter, Warning } from './letter.ts';
import { fraction, showChange, showValue } from './report-figures.ts';
import { labelOf } from './report-labels.ts';
import { movedWarning } from './report-moved.ts';

/** Six, in the order in which a customer comes. */
const TILES = ['leads', 'trials', 'signups', 'revenue_net', 'trial_to_customer_rate', 'customers'];
const HOUR_MS = 3_600_000;

/** Yesterday in one sentence, six tiles, what is unusual or missing, whom to call back (DR1–DR6). */
export function dailyReport(data: DailyReportData, context: Context): Letter {
  const { format, otherFormat, runUrl } = context;
  const t = DAILY_WORDS[format.locale];
  const date = format.date(data.from);
  const isUnusual = data.anomalies.length > 0 || data.late === true;
  return {
    subject: subjectOf(data, format),
    preheader: data.late ? t.preheaderLate : t.preheader(countsOf(data, format)),
    verdict: {
      tone: isUnusual ? 'warn' : 'plain',
      sign: isUnusual ? '!' : '',
      word: date.charAt(0).toUpperCase() + date.slice(1),
      line: lineOf(data, format),
    },
    paragraphs: [],
    warnings: warningsOf(data, format),
    figures: TILES.map((metric) => tileOf(metric, data, format)),
    tables: [...callBackTable(data, context), revenueTable(data, format), conversionTable(data, format)],
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.period, value: t.periodValue(hoursOf(data), format) },
        { label: t.compared, value: t.comparedValue(format.date(data.from).split(' ')[0] ?? '') },
        ...(data.asOf ? [{ label: t.asOf, value: format.dateTime(data.asOf) }] : []),
        ...(data.callBack.ids.length === 0 ? [{ label: t.callBack, value: t.nobody }] : []),
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: `${otherFormat.date(data.from)}. ${lineOf(data, otherFormat)}`,
    },
    footer: t.footer(format.timeZone),
  };
}

const figureOf = ({ figures }: DailyReportData, metric: string): DailyFigure =>
  figures.find((figure) => figure.metric === metric) ?? { metric, value: null, weekBefore: null, mean: null };

const hoursOf = ({ from, to }: DailyReportData): number => (Date.parse(to) - Date.parse(from)) / HOUR_MS;

/** What the sentences of a report are made of. */
export interface Counts {
  leads: string;
  trials: string;
  signups: string;
  revenue: string;
  conversion: string;
  customers: string;
}

function countsOf(data: DailyReportData, format: Formatter): Counts {
  const t = DAILY_WORDS[format.locale];
  const value = (metric: string) => figureOf(data, metric).value;
  const counted = (metric: string, one: string, many: string): string => {
    const count = value(metric);
    return count === null ? `${NOTHING} ${many}` : format.count(count, one, many);
  };
  const conversion = figureOf(data, 'trial_to_customer_rate');
  const parts = fraction(conversion, format);
  return {
    leads: counted('leads', t.lead, t.leads),
    trials: counted('trials', t.trial, t.trials),
    signups: counted('signups', t.signup, t.signups),
    revenue: showValue('revenue_net', value('revenue_net'), format),
    conversion: `${showValue(conversion.metric, conversion.value, format)}${parts === undefined ? '' : ` (${parts})`}`,
    customers: counted('customers', t.customer, t.customers),
  };
}

function subjectOf(data: DailyReportData, format: Formatter): string {
  const t = DAILY_WORDS[format.locale];
  const day = format.day(data.from);
  if (data.late) return t.subjectLate(day);
  const subject = t.subject(day, countsOf(data, format));
  return data.revision > 1 ? t.corrected(subject) : subject;
}

function lineOf(data: DailyReportData, format: Formatter): string {
  const t = DAILY_WORDS[format.locale];
  if (data.late) return t.lineLate;
  const unusual = data.anomalies.map(({ metric }) => labelOf(metric, format.locale).toLowerCase());
  return t.line(countsOf(data, format), unusual.length === 0 ? t.usual : t.unusual(unusual.join(', ')));
}

function tileOf(metric: string, data: DailyReportData, format: Formatter): Figure {
  const t = DAILY_WORDS[format.locale];
  const figure = figureOf(data, metric);
  const change = showChange(metric, figure.value, figure.weekBefore, format);
  const note = fraction(figure, format);
  return {
    label: labelOf(metric, format.locale),
    value: showValue(metric, figure.value, format),
    ...(note === undefined ? {} : { note }),
    more: [
      data.missing.includes(metric) ? t.missingTile : t.change(change ?? NOTHING),
      t.mean(showValue(metric, figure.mean, format)),
    ],
  };
}

function warningsOf(data: DailyReportData, format: Formatter): Warning[] {
  const t = DAILY_WORDS[format.locale];
  const label = (metric: string) => labelOf(metric, format.locale);
  const { alerts, failedRuns } = data.incidents;
  const incidents = [
    ...alerts.map(({ rule, target, count }) => t.alert(rule, target, count)),
    ...failedRuns.map(({ job, count }) => t.failedRun(job, count)),
  ];
  return [
    ...movedWarning(data, format),
    ...(data.late ? [{ title: t.lateTitle, text: t.lateText, todo: t.lateTodo(data.period) }] : []),
    ...(data.anomalies.length > 0
      ? [
          {
            title: t.anomaliesTitle,
            todo: data.anomalies.map(({ metric, value, mean, low, high }) => {
              const show = (shown: number) => showValue(metric, shown, format);
              return t.anomaly(label(metric), show(value), show(mean), show(low), show(high));
            }),
          },
        ]
      : []),
    ...(incidents.length > 0 ? [{ title: t.incidentsTitle, todo: incidents }] : []),
    ...(data.missing.length > 0 && !data.late
      ? [
          {
            title: t.missingTitle(data.missing.length),
            todo: [t.missing(data.missing.map(label).join(' · '))],
          },
        ]
      : []),
  ];
}

/** Names and numbers are read while sending. Without them (a lead that is gone) the id stands. */
function callBackTable({ callBack }: DailyReportData, { format, personOf }: Context): DataTable[] {
  const t = DAILY_WORDS[format.locale];
  if (callBack.ids.length === 0) return [];
  return [
    {
      title: t.callBack,
      head: t.callBackHead,
      rows: callBack.ids.map((id) => {
        const { name = null, phone = null, at } = personOf?.(id) ?? {};
        return { cells: [name ?? id, phone ?? NOTHING, at === undefined ? NOTHING : format.time(at)] };
      }),
      note: [t.callBackNote, ...(callBack.more > 0 ? [t.more(callBack.more)] : [])].join(' '),
    },
  ];
}

function revenueTable(data: DailyReportData, format: Formatter): DataTable {
  const t = DAILY_WORDS[format.locale];
  const metrics = ['revenue_gross', 'revenue_refunds', 'revenue_net', 'mrr'];
  return {
    title: t.revenue,
    head: t.revenueHead,
    rows: metrics.map((metric) => {
      const { value, weekBefore } = figureOf(data, metric);
      return {
        cells: [
          labelOf(metric, format.locale),
          showValue(metric, value, format),
          showChange(metric, value, weekBefore, format) ?? NOTHING,
        ],
      };
    }),
    note: t.revenueNote,
  };
}

function conversionTable(data: DailyReportData, format: Formatter): DataTable {
  const t = DAILY_WORDS[format.locale];
  const metrics = [
    'lead_to_trial_rate',
    'trial_to_customer_rate',
    'trial_to_customer_cohort_rate',
    'payment_error_rate',
  ];
  const ended = figureOf(data, 'trial_to_customer_rate');
  return {
    title: t.conversion,
    head: t.conversionHead,
    rows: metrics.map((metric) => {
      const figure = figureOf(data, metric);
      return {
        cells: [
          labelOf(metric, format.locale),
          showValue(metric, figure.value, format),
          fraction(figure, format) ?? NOTHING,
        ],
      };
    }),
    note: t.conversionNote(
      showValue('trials', ended.denominator, format),
      showValue('trials', ended.numerator, format),
    ),
  };
}
