import { scaleBand, scaleLinear } from 'd3-scale';
import type { BarChart, Chart } from './chart.ts';
import {
  BOTTOM,
  framed,
  gridOf,
  HEIGHT,
  labelAt,
  labelsEvery,
  LEFT,
  legend,
  RIGHT,
  TICKS,
  TOP,
  WIDTH,
} from './frame.ts';
import { linesSvg } from './lines.ts';

export const chartSvg = (chart: Chart): string => (chart.kind === 'lines' ? linesSvg(chart) : barsSvg(chart));

/** Bars as SVG, stacked or side by side. The same chart gives the same text. */
export function barsSvg({ labels, series, show, beside = false }: BarChart): string {
  const tops = labels.map((_, at) => {
    const values = series.map(({ values: all }) => all[at] ?? 0);
    return beside ? Math.max(0, ...values) : values.reduce((sum, value) => sum + value, 0);
  });
  const y = scaleLinear()
    .domain([0, Math.max(1, ...tops)])
    .nice(TICKS)
    .range([HEIGHT - BOTTOM, TOP]);
  const x = scaleBand<number>()
    .domain(labels.map((_, at) => at))
    .range([LEFT, WIDTH - RIGHT])
    .padding(0.28);
  const every = labelsEvery(labels.length);
  const width = beside ? x.bandwidth() / series.length : x.bandwidth();
  const bars = labels.flatMap((label, at) => {
    let below = 0;
    const left = x(at) ?? 0;
    const boxes = series.map(({ values, colour }, index) => {
      const value = values[at] ?? 0;
      const [from, to] = beside ? [0, value] : [below, (below += value)];
      const height = y(from) - y(to);
      const place = beside ? left + index * width : left;
      return `<rect x="${place.toFixed(1)}" y="${y(to).toFixed(1)}" width="${width.toFixed(1)}" height="${height.toFixed(1)}" fill="${colour}"/>`;
    });
    const isShown = (labels.length - 1 - at) % every === 0;
    return [...boxes, ...(isShown ? [labelAt(left + x.bandwidth() / 2, label)] : [])];
  });
  return framed([...(series.length > 1 ? legend(series) : []), ...gridOf(y, show), ...bars]);
}
