import { scaleBand, scaleLinear } from 'd3-scale';
import type { Chart } from './chart.ts';

/** In CSS pixels; the picture has twice as many, for sharp screens. */
export const WIDTH = 544;
export const HEIGHT = 280;
const TOP = 42;
const BOTTOM = 32;
const LEFT = 84;
const RIGHT = 8;
const TICKS = 4;
const INK = '#1f2933';
const MUTED = '#52606d';
const GRID = '#e4e7eb';
const ROOM_OF_A_LABEL = 62;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);

const text = (
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end',
  words: string,
  colour = MUTED,
): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`;

/** Stacked bars as SVG. The same chart gives the same text. */
export function barsSvg({ labels, series, show }: Chart): string {
  const totals = labels.map((_, at) => series.reduce((sum, { values }) => sum + (values[at] ?? 0), 0));
  const y = scaleLinear()
    .domain([0, Math.max(1, ...totals)])
    .nice(TICKS)
    .range([HEIGHT - BOTTOM, TOP]);
  const x = scaleBand<number>()
    .domain(labels.map((_, at) => at))
    .range([LEFT, WIDTH - RIGHT])
    .padding(0.28);
  // As many labels as fit, the last one always among them.
  const every = Math.max(1, Math.ceil((labels.length * ROOM_OF_A_LABEL) / (WIDTH - LEFT - RIGHT)));
  const grid = y.ticks(TICKS).map((tick) => {
    const at = y(tick);
    return `<path d="M${String(LEFT)} ${at.toFixed(1)}H${String(WIDTH - RIGHT)}" stroke="${GRID}"/>${text(LEFT - 8, at + 5, 'end', show(tick))}`;
  });
  const bars = labels.flatMap((label, at) => {
    let below = 0;
    const left = x(at) ?? 0;
    const boxes = series.map(({ values, colour }) => {
      const [from, to] = [below, (below += values[at] ?? 0)];
      const height = y(from) - y(to);
      return `<rect x="${left.toFixed(1)}" y="${y(to).toFixed(1)}" width="${x.bandwidth().toFixed(1)}" height="${height.toFixed(1)}" fill="${colour}"/>`;
    });
    const isShown = (labels.length - 1 - at) % every === 0;
    return [...boxes, ...(isShown ? [text(left + x.bandwidth() / 2, HEIGHT - 8, 'middle', label)] : [])];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(HEIGHT)}" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="Inter" font-size="16">`,
    `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>`,
    ...(series.length > 1 ? legend(series) : []),
    ...grid,
    ...bars,
    '</svg>',
  ].join('');
}

/** Wide enough for any letter of the font at this size. */
const LETTER = 9.4;

function legend(series: Chart['series']): string[] {
  let left = LEFT;
  return series.map(({ name, colour }) => {
    const item = `<rect x="${left.toFixed(1)}" y="9" width="13" height="13" rx="2" fill="${colour}"/>${text(left + 20, 21, 'start', name, INK)}`;
    left += 42 + name.length * LETTER;
    return item;
  });
}
