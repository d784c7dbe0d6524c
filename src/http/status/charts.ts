/** Small inline pictures: no script, nothing fetched, colours from the style sheet. */
import { raw } from 'hono/html';
import type { Page } from '../page.ts';

const short = (value: number): string => String(Math.round(value * 10) / 10);

const svg = (name: string, size: string, label: string, inner: string): Page =>
  raw(
    `<svg class="${name}" viewBox="0 0 ${size}" preserveAspectRatio="none" role="img" aria-label="${escaped(label)}">${inner}</svg>`,
  );

const escaped = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => `&#${String(character.charCodeAt(0))};`);

/** Below these shares of a day the bar is lower and of another colour: the height says it without colours. */
const LEVELS = [
  { name: 'good', from: 0.999, height: 34 },
  { name: 'warn', from: 0.99, height: 24 },
  { name: 'bad', from: 0, height: 13 },
] as const;

/** One bar a day; a day without a measurement is a low grey one. */
export function dayBars(days: readonly (number | undefined)[], label: string): Page {
  const paths: Record<string, string> = {};
  days.forEach((share, at) => {
    const level = share === undefined ? undefined : LEVELS.find(({ from }) => share >= from);
    const { name, height } = level ?? { name: 'none', height: 4 };
    paths[name] = `${paths[name] ?? ''}M${String(at * 4)} 34v-${String(height)}h3v${String(height)}z`;
  });
  const inner = Object.entries(paths).map(([name, d]) => `<path class="b-${name}" d="${d}"/>`);
  return svg('bars', `${String(days.length * 4 - 1)} 34`, label, inner.join(''));
}

/** A line over the days; a day without a value is a gap. */
export function sparkline(values: readonly (number | undefined)[], label: string): Page {
  const known = values.filter((value) => value !== undefined);
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const width = 120 / Math.max(1, values.length - 1);
  let isDown = false;
  const path = values.map((value, at) => {
    const command = isDown ? 'L' : 'M';
    isDown = value !== undefined;
    if (value === undefined) return '';
    const y = high === low ? 15 : 28 - (26 * (value - low)) / (high - low);
    // A single day between two gaps is a point.
    return `${command}${short(at * width)} ${short(y)}h.01`;
  });
  return svg('spark', '120 30', label, `<path d="${path.join('')}" stroke-linecap="round"/>`);
}

/** How long the last runs took, one bar each; a failed one is thin and of full height, and seen without colours. */
export function trendBars(runs: readonly { seconds: number; failed: boolean }[], label: string): Page {
  const most = Math.max(...runs.map(({ seconds }) => seconds), 0.001);
  const bar = ({ seconds, failed }: (typeof runs)[number], at: number): string => {
    const x = String(at * 12);
    if (failed) return `<path class="b-bad" d="M${x} 26v-26h4v26z"/>`;
    const height = short(Math.max(2, (26 * seconds) / most));
    return `<path class="b-good" d="M${x} 26v-${height}h10v${height}z"/>`;
  };
  // Always twenty places, so that the bars of a job that has run twice are no wider.
  return svg('trend', '238 26', label, runs.map(bar).join(''));
}
