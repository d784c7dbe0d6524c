import type { Formatter, Locale } from '../format.ts';
import type { PeriodReportData } from '../notice.ts';
import { NOTHING } from '../typography.ts';
import type { DataTable, Picture } from './letter.ts';
import { PERIOD_WORDS } from './period-words.ts';
import { wholeMoney } from './report-figures.ts';

/** Distinguishable without colour vision too, and named in the legend. */
const BLUE = '#3b6fd4';
const GREEN = '#2f8f5b';
const AMBER = '#c47f17';
const GREY = '#7a8ca3';

/** « S47 », W47; a month as `11/2026`. */
export function shortName(period: string, locale: Locale): string {
  const [year = '', part = ''] = period.split('-');
  if (part.startsWith('W')) return `${locale === 'fr' ? 'S' : 'W'}${String(Number(part.slice(1)))}`;
  return `${part}/${year.slice(2)}`;
}

const moneyOf = (cents: number | null, format: Formatter): string =>
  cents === null ? NOTHING : wholeMoney(cents, format);
const countOf = (count: number | null, format: Formatter): string => format.number(count ?? undefined);

/** The MRR against its goal, and who came and went. */
export function periodPictures({ trend }: PeriodReportData, format: Formatter): Picture[] {
  const t = PERIOD_WORDS[format.locale];
  const labels = trend.map(({ period }) => shortName(period, format.locale));
  const last = trend.at(-1);
  const hasGoals = trend.some(({ goal }) => goal !== null);
  const listed = (show: (at: (typeof trend)[number]) => string) =>
    trend.map((at, index) => `${labels[index] ?? ''} ${show(at)}`).join(', ');
  return [
    {
      name: 'mrr',
      title: t.mrrChart,
      alt: t.mrrAlt(
        moneyOf(last?.mrr ?? null, format),
        moneyOf(last?.goal ?? null, format),
        listed(({ mrr }) => moneyOf(mrr, format)),
      ),
      chart: {
        kind: 'lines',
        labels,
        series: [
          { name: 'MRR', values: trend.map(({ mrr }) => mrr), colour: BLUE },
          ...(hasGoals
            ? [{ name: t.goalSeries, values: trend.map(({ goal }) => goal), colour: GREY, dashed: true }]
            : []),
        ],
        show: (value) => wholeMoney(value, format),
      },
    },
    {
      name: 'customers',
      title: t.customersChart,
      alt: t.customersAlt(
        countOf(last?.customersNew ?? null, format),
        countOf(last?.customersChurned ?? null, format),
        listed(
          ({ customersNew, customersChurned }) =>
            `+${countOf(customersNew, format)} −${countOf(customersChurned, format)}`,
        ),
      ),
      chart: {
        kind: 'bars',
        beside: true,
        labels,
        series: [
          { name: t.newSeries, values: trend.map(({ customersNew }) => customersNew ?? 0), colour: GREEN },
          {
            name: t.lostSeries,
            values: trend.map(({ customersChurned }) => customersChurned ?? 0),
            colour: AMBER,
          },
        ],
        show: (value) => format.number(value),
      },
    },
  ];
}

/** The same in numbers: pictures may be blocked, or not be seen. */
export function trendTable({ trend }: PeriodReportData, format: Formatter): DataTable {
  const t = PERIOD_WORDS[format.locale];
  return {
    title: t.trend,
    head: t.trendHead,
    rows: trend
      .map(({ period, mrr, goal, customersNew, customersChurned }) => ({
        cells: [
          shortName(period, format.locale),
          moneyOf(mrr, format),
          moneyOf(goal, format),
          countOf(customersNew, format),
          countOf(customersChurned, format),
        ],
      }))
      .reverse(),
  };
}
