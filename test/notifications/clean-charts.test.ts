import { expect, test } from 'vitest';
import type { CleanReportData } from '../../src/notifications/clean-notices.ts';
import { chartsOf } from '../../src/notifications/emails/clean-charts.ts';
import { FR } from '../../src/notifications/emails/clean-words-fr.ts';
import { createFormatter } from '../../src/notifications/format.ts';
import { samples } from '../../src/notifications/index.ts';

const [day] = ['2026-11-20'];
const LEVELS = {
  ...{ info: 10_000, debug: 9_000, trace: 8_000, notice: 7_000, log: 6_000, verbose: 5_000 },
  ...{ warn: 50, WARN: 5, warning: 4, error: 3, ERROR: 2, fatal: 1 },
};

function volume(levels: Record<string, number>) {
  const notice = Object.values(samples['clean-report']).find(
    (one) => (one.data as CleanReportData).job === 'nettoyage-logs' && (one.data as CleanReportData).logs,
  );
  const data = notice?.data as CleanReportData;
  const [table] = data.logs?.tables ?? [];
  if (!data.logs || !table) throw new Error('no sample');
  const logs = { ...data.logs, tables: [{ ...table, days: [{ day, levels }] }] };
  const [picture] = chartsOf({ ...data, logs }, FR, createFormatter('fr'));
  if (!picture || picture.chart.kind === 'lines') throw new Error('no bars');
  return picture.chart.series;
}

test('errors have their place in the chart, however few they are, and nothing falls out of it', () => {
  const series = volume(LEVELS);
  const of = (name: string) => series.find((one) => one.name === name)?.values;
  expect(of('error')).toEqual([5]);
  expect(of('fatal')).toEqual([1]);
  expect(series.reduce((sum, { values }) => sum + (values[0] ?? 0), 0)).toBe(
    Object.values(LEVELS).reduce((sum, count) => sum + count, 0),
  );
  expect(series.at(-1)?.name).toBe(FR.otherLevels);
});

test('no two levels share a colour', () => {
  const some: Record<string, number>[] = [
    LEVELS,
    { error: 1, err: 1, fatal: 1, crit: 1, panic: 1 },
    { a: 1, b: 1, c: 1, d: 1, e: 1, f: 1 },
  ];
  for (const levels of some) {
    const colours = volume(levels).map(({ colour }) => colour);
    expect(new Set(colours).size).toBe(colours.length);
    expect(colours.length).toBeGreaterThan(2);
  }
});
