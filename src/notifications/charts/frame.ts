import type { ScaleLinear } from 'd3-scale';

/** In CSS pixels; the picture has twice as many, for sharp screens. */
export const WIDTH = 544;
export const HEIGHT = 280;
export const TOP = 42;
export const BOTTOM = 32;
export const LEFT = 84;
export const RIGHT = 8;
export const TICKS = 4;
const INK = '#1f2933';
const MUTED = '#52606d';
const GRID = '#e4e7eb';
const ROOM_OF_A_LABEL = 62;

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);

export const text = (
  x: number,
  y: number,
  anchor: 'start' | 'middle' | 'end',
  words: string,
  colour = MUTED,
): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}" fill="${colour}">${escaped(words)}</text>`;

/** As many labels as fit, the last one always among them. */
export const labelsEvery = (count: number): number =>
  Math.max(1, Math.ceil((count * ROOM_OF_A_LABEL) / (WIDTH - LEFT - RIGHT)));

export const gridOf = (y: ScaleLinear<number, number>, show: (value: number) => string): string[] =>
  y.ticks(TICKS).map((tick) => {
    const at = y(tick);
    return `<path d="M${String(LEFT)} ${at.toFixed(1)}H${String(WIDTH - RIGHT)}" stroke="${GRID}"/>${text(LEFT - 8, at + 5, 'end', show(tick))}`;
  });

/** White ground inside the picture, so that a dark scheme hides no label. */
export const framed = (parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(HEIGHT)}" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" font-family="Inter" font-size="16">`,
    `<rect width="100%" height="100%" rx="6" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('');

/** Wide enough for any letter of the font at this size. */
const LETTER = 9.4;

/** A label under its bar or point; the last ones end where the picture does. */
export const labelAt = (x: number, label: string): string =>
  text(Math.min(x, WIDTH - (label.length * LETTER) / 2), HEIGHT - 8, 'middle', label);

export function legend(series: readonly { name: string; colour: string; dashed?: boolean }[]): string[] {
  let left = LEFT;
  return series.map(({ name, colour, dashed }) => {
    const mark = dashed
      ? `<path d="M${left.toFixed(1)} 16H${(left + 14).toFixed(1)}" stroke="${colour}" stroke-width="2" stroke-dasharray="5 4"/>`
      : `<rect x="${left.toFixed(1)}" y="9" width="13" height="13" rx="2" fill="${colour}"/>`;
    const item = `${mark}${text(left + 20, 21, 'start', name, INK)}`;
    left += 42 + name.length * LETTER;
    return item;
  });
}
