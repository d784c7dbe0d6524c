/** What a run would delete, as a table for a terminal. */
import type { CleanResult, SourceOutcome } from './result.ts';

const HEADER = ['source', 'would go', 'archived first', 'size', 'oldest', 'newest'];
/** Columns of numbers. */
const RIGHT = [1, 2, 3];

const isPreview = (result: unknown): result is CleanResult => {
  const { mode, sources } = (result ?? {}) as Partial<CleanResult>;
  return Array.isArray(sources) && (mode === 'observe' || mode === 'dry-run');
};

/** Undefined: this is no preview of a clean-up. */
export function previewOf(result: unknown): string[] | undefined {
  if (!isPreview(result)) return undefined;
  const { sources, count, bytes } = result;
  const important = sources.reduce((sum, { found }) => sum + (found?.important ?? 0), 0);
  const rows = [
    HEADER,
    ...sources.map(cellsOf),
    ['all', number(count), important > 0 ? number(important) : '', size(bytes), '', ''],
  ];
  const widths = HEADER.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const [header = '', ...lines] = rows.map((row) =>
    row
      .map((cell, column) =>
        RIGHT.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
  const rule = '-'.repeat(Math.max(...[header, ...lines].map((line) => line.length)));
  return [
    header,
    rule,
    ...sources.flatMap((source, at) => [lines[at] ?? '', ...notesOf(source).map((note) => `    ${note}`)]),
    rule,
    lines.at(-1) ?? '',
    'Nothing was changed.',
  ];
}

function cellsOf({ name, found, failure }: SourceOutcome): string[] {
  if (!found) return [name, failure ? 'failed' : '', '', '', '', ''];
  const { count, important, bytes, oldest, newest } = found;
  return [
    ...[name, number(count), important ? number(important) : '', bytes === undefined ? '' : size(bytes)],
    ...[oldest, newest].map((instant) =>
      instant === undefined ? '' : instant.slice(0, 16).replace('T', ' '),
    ),
  ];
}

function notesOf({ found, failure }: SourceOutcome): string[] {
  const { samples = [], left = {}, warnings = [] } = found ?? {};
  return [
    ...(failure ? [`${failure.type}: ${failure.message}`] : []),
    // JSON: a file's name may hold a line break, or what a terminal obeys.
    ...(samples.length > 0 ? [`for example ${samples.map((sample) => plain(sample)).join(', ')}`] : []),
    ...Object.entries(left).map(([reason, seen]) => `${number(seen)} left as they are: ${reason}`),
    ...warnings.map(({ code, detail = '' }) => `warning, ${code}: ${detail}`),
  ];
}

const plain = (text: string): string =>
  /^[\p{L}\p{N}\p{P}\p{S} ]*$/u.test(text) ? text : JSON.stringify(text);
const number = (value: number): string => value.toLocaleString('en-GB');
const size = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
