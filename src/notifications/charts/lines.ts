import { scaleLinear, scalePoint } from 'd3-scale';
import type { LineChart } from './chart.ts';
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
  text,
  TICKS,
  TOP,
  WIDTH,
} from './frame.ts';

/** Lines as SVG: what was, solid and with its last value written; what was wanted, dashed. */
export function linesSvg({ labels, series, show }: LineChart): string {
  const values = series.flatMap((line) => line.values.flatMap((value) => value ?? []));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  // Not from 0: what moves by a few per cent a week would be a flat line.
  const room = Math.max(1, (high - low) * 0.15);
  const y = scaleLinear()
    .domain(values.length === 0 ? [0, 1] : [Math.max(0, low - room), high + room])
    .nice(TICKS)
    .range([HEIGHT - BOTTOM, TOP]);
  const x = scalePoint<number>()
    .domain(labels.map((_, at) => at))
    .range([LEFT + 8, WIDTH - RIGHT - 24]);
  const place = (at: number, value: number): [number, number] => [x(at) ?? LEFT, y(value)];
  const every = labelsEvery(labels.length);
  return framed([
    ...(series.length > 1 ? legend(series) : []),
    ...gridOf(y, show),
    ...series.map(({ values: line, colour, dashed = false }) => {
      const path = pathOf(line.map((value, at) => (value === null ? undefined : place(at, value))));
      const style = dashed
        ? 'stroke-width="2" stroke-dasharray="7 5"'
        : 'stroke-width="3" stroke-linejoin="round"';
      return `<path d="${path}" fill="none" stroke="${colour}" ${style}/>`;
    }),
    ...series
      .filter(({ dashed }) => !dashed)
      .flatMap(({ values: line, colour }) => {
        const at = line.findLastIndex((value) => value !== null);
        const value = line[at];
        if (value === undefined || value === null) return [];
        const [left, top] = place(at, value);
        return [
          `<circle cx="${left.toFixed(1)}" cy="${top.toFixed(1)}" r="5" fill="${colour}"/>`,
          text(left, top - 12, 'end', show(value), colour),
        ];
      }),
    ...labels.flatMap((label, at) =>
      (labels.length - 1 - at) % every === 0 ? [labelAt(x(at) ?? LEFT, label)] : [],
    ),
  ]);
}

/** A period without a value is a gap, and no zero. */
function pathOf(points: readonly ([number, number] | undefined)[]): string {
  let isDown = false;
  return points
    .map((point) => {
      const command = isDown ? 'L' : 'M';
      isDown = point !== undefined;
      return point === undefined ? '' : `${command}${point[0].toFixed(1)} ${point[1].toFixed(1)}`;
    })
    .join('');
}
