import type { CleanReportData } from '../clean-notices.ts';
import type { Formatter } from '../format.ts';
import type { FR } from './clean-words-fr.ts';
import type { Picture } from './letter.ts';

/** Distinguishable without colour vision too; what they stand for is said in the legend and in the table. */
const BLUE = '#3b6fd4';
const AMBER = '#e0a030';
const RED = '#b3261e';
const OTHERS = ['#7a8ca3', '#4aa3a2', '#9a6fb0', '#b0b8c1'];
const LEVEL_COLOURS: readonly (readonly [level: RegExp, colour: string])[] = [
  [/^(fatal|crit|alert|emerg|err|5xx)/i, RED],
  [/^(warn|4xx)/i, AMBER],
  [/^(info|notice|log|2xx)/i, BLUE],
];
const SERIES = 5;

/** Logs by day and level; of the other job, how much went in each run. */
export function chartsOf(data: CleanReportData, t: typeof FR, format: Formatter): Picture[] {
  if (data.failure) return [];
  return data.logs ? volumePicture(data.logs, t, format) : trendPicture(data, t, format);
}

const dayAndMonth = (day: string): string => `${day.slice(8)}/${day.slice(5, 7)}`;

function volumePicture(
  { tables }: NonNullable<CleanReportData['logs']>,
  t: typeof FR,
  format: Formatter,
): Picture[] {
  const days = tables.find((table) => table.days.length > 0)?.days.map(({ day }) => day) ?? [];
  const of = (day: string, level: string): number =>
    tables.reduce((sum, table) => sum + (table.days.find((one) => one.day === day)?.levels[level] ?? 0), 0);
  const sums = new Map<string, number>();
  for (const table of tables)
    for (const { levels } of table.days)
      for (const [level, count] of Object.entries(levels)) sums.set(level, (sums.get(level) ?? 0) + count);
  const levels = [...sums].sort(([, a], [, b]) => b - a).slice(0, SERIES);
  if (levels.length === 0) return [];
  let other = 0;
  const series = levels.map(([level]) => ({
    name: level || t.noLevel,
    values: days.map((day) => of(day, level)),
    colour:
      LEVEL_COLOURS.find(([pattern]) => pattern.test(level))?.[1] ?? OTHERS[other++ % OTHERS.length] ?? BLUE,
  }));
  const inDay = days.map((_, at) =>
    format.number(series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
  );
  return [
    {
      name: 'volume',
      title: t.volumeChart,
      alt: days.map((day, at) => `${dayAndMonth(day)} ${inDay[at] ?? ''}`).join(', '),
      chart: { labels: days.map(dayAndMonth), series, show: (value) => format.number(value) },
    },
  ];
}

function trendPicture(
  { trend, count, bytes, scheduledAt, mode }: CleanReportData,
  t: typeof FR,
  format: Formatter,
): Picture[] {
  if (mode !== 'armed' || trend.length < 2) return [];
  const runs = [...trend, { at: scheduledAt, count, bytes }];
  const labels = runs.map(({ at }) =>
    format.time(at, '1970-01-01T00:00:00Z').split(' ').slice(0, -1).join(' '),
  );
  return [
    {
      name: 'trend',
      title: t.trendChart,
      alt: runs.map((run, at) => `${labels[at] ?? ''} ${format.number(run.count)}`).join(', '),
      chart: {
        labels,
        series: [{ name: t.removed, values: runs.map((run) => run.count), colour: BLUE }],
        show: (value) => format.number(value),
      },
    },
  ];
}
