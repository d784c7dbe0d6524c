import type { CleanReportData } from '../clean-notices.ts';
import type { Formatter } from '../format.ts';
import type { FR } from './clean-words-fr.ts';
import type { Picture } from './letter.ts';

/** Distinguishable without colour vision too; what they stand for is said in the legend and in the table. */
const BLUE = '#3b6fd4';
const OTHER = '#b0b8c1';
/** A colour for each level: those that mean much the same are shades of one. What fits none takes the last. */
const KINDS: readonly { pattern: RegExp; colours: readonly string[] }[] = [
  { pattern: /^(fatal|panic|crit|alert|emerg|err|severe|5xx)/, colours: ['#b3261e', '#e8837c', '#6d1410'] },
  { pattern: /^(warn|4xx)/, colours: ['#e0a030', '#f2cf8a'] },
  { pattern: /^(info|notice|log|2xx)/, colours: [BLUE, '#8fb0ee', '#1f3f80'] },
  { pattern: /(?:)/, colours: ['#7a8ca3', '#4aa3a2', '#9a6fb0', '#5d6b7c'] },
];
const [ERRORS] = KINDS;
const SERIES = 5;

/** Logs by day and level; of the other job, how much went in each run. */
export function chartsOf(data: CleanReportData, t: typeof FR, format: Formatter): Picture[] {
  if (data.failure) return [];
  return data.logs ? volumePicture(data.logs, t, format) : trendPicture(data, t, format);
}

function volumePicture(
  { tables }: NonNullable<CleanReportData['logs']>,
  t: typeof FR,
  format: Formatter,
): Picture[] {
  const days = tables.find((table) => table.days.length > 0)?.days.map(({ day }) => day) ?? [];
  const byLevel = new Map<string, number[]>();
  for (const table of tables)
    for (const { day, levels } of table.days)
      for (const [level, count] of Object.entries(levels)) {
        // `ERROR` of one table and `error` of another are one thing.
        const values = byLevel.get(level.toLowerCase()) ?? days.map(() => 0);
        byLevel.set(level.toLowerCase(), values);
        const at = days.indexOf(day);
        if (at >= 0) values[at] = (values[at] ?? 0) + count;
      }
  if (byLevel.size === 0) return [];
  const series = seriesOf(byLevel, t);
  const inDay = days.map((_, at) =>
    format.number(series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0)),
  );
  return [
    {
      name: 'volume',
      title: t.volumeChart,
      alt: days.map((day, at) => `${format.shortDay(day)} ${inDay[at] ?? ''}`).join(', '),
      chart: {
        labels: days.map((day) => format.shortDay(day)),
        series,
        show: (value) => format.number(value),
      },
    },
  ];
}

/** Errors always have theirs, few as they are; beyond that the most frequent. All others share the last one. */
function seriesOf(byLevel: ReadonlyMap<string, readonly number[]>, t: typeof FR) {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const isError = (level: string) => ERRORS?.pattern.test(level) === true;
  const ranked = [...byLevel]
    .map(([level, values]) => ({ level, values, rank: (isError(level) ? 1e15 : 0) + sum(values) }))
    .sort((a, b) => b.rank - a.rank);
  const used = new Map<unknown, number>();
  const shown: { name: string; values: number[]; colour: string }[] = [];
  let rest: number[] | undefined;
  for (const { level, values } of ranked) {
    const kind = KINDS.find(({ pattern }) => pattern.test(level));
    const colour = kind?.colours[used.get(kind) ?? 0];
    if (colour !== undefined && shown.length < SERIES) {
      used.set(kind, (used.get(kind) ?? 0) + 1);
      shown.push({ name: level || t.noLevel, values: [...values], colour });
    } else rest = values.map((value, at) => value + (rest?.[at] ?? 0));
  }
  // The largest at the bottom, as the eye expects it.
  shown.sort((a, b) => sum(b.values) - sum(a.values));
  return rest ? [...shown, { name: t.otherLevels, values: rest, colour: OTHER }] : shown;
}

function trendPicture(
  { trend, count, bytes, scheduledAt, mode }: CleanReportData,
  t: typeof FR,
  format: Formatter,
): Picture[] {
  if (mode !== 'armed' || trend.length < 2) return [];
  const runs = [...trend, { at: scheduledAt, count, bytes }];
  const labels = runs.map(({ at }) => format.shortDay(at));
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
