import type { DataTable, Findings, Letter, Warning } from './letter.ts';

const WIDTH = 76;

/** The text part, from the same letter as the HTML. Names, ids and commands stay on one line, to be copied. */
export function letterText(letter: Letter): string {
  const { verdict, figures, findings, exceptions, steps, command, facts, other } = letter;
  const blocks: string[][] = [
    wrap(`${verdict.sign} ${verdict.word.toUpperCase()}. ${verdict.line}`.trimStart()),
    ...letter.paragraphs.map((paragraph) => wrap(paragraph)),
    ...(letter.action
      ? [[heading(letter.action.label), `  ${letter.action.href}`, ...wrap(letter.action.note ?? '')]]
      : []),
    ...(letter.warnings ?? []).map(warned),
  ];
  if (figures.length > 0) {
    blocks.push(
      aligned(
        figures.map(({ label, value, note, more = [] }) => {
          const beside = [...(note ? [note] : []), ...more].join(' · ');
          return [label, beside ? `${value} (${beside})` : value];
        }),
      ),
    );
  }
  if (findings) blocks.push(listed(findings));
  if (exceptions) blocks.push(listed(exceptions));
  if (steps) {
    blocks.push([
      heading(steps.title),
      ...steps.items.flatMap((step, index) => wrap(step, `${index + 1}. `, '   ')),
    ]);
  }
  blocks.push(...(letter.pictures ?? []).map(({ title, alt }) => [heading(title), ...wrap(alt)]));
  blocks.push(...(letter.tables ?? []).map(tabled));
  if (command) {
    blocks.push([heading(command.title), `  ${command.line}`, ...(command.note ? wrap(command.note) : [])]);
  }
  if (letter.link) blocks.push([heading(letter.link.label), `  ${letter.link.href}`]);
  blocks.push([heading(facts.title), ...aligned(facts.rows.map(({ label, value }) => [label, value]))]);
  blocks.push([`[${other.locale.toUpperCase()}]`, ...wrap(other.text)], ['-- ', letter.footer]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const heading = (title: string): string => title.toUpperCase();

const warned = ({ title, text, items = [], todo }: Warning): string[] => [
  ...wrap(`! ${heading(title)}`),
  ...(text === undefined ? [] : wrap(text, '  ', '  ')),
  ...items.map((item) => `    ${item}`),
  ...todo.flatMap((sentence) => wrap(sentence, '  ', '  ')),
];

const listed = ({ title, items, note }: Findings): string[] => [
  heading(title),
  ...(note === undefined ? [] : wrap(note)),
  ...items.map((item) => `  ${item}`),
];

function tabled({ title, head, rows, note }: DataTable): string[] {
  const widths = head.map((label, column) =>
    Math.max(label.length, ...rows.map(({ cells }) => cells[column]?.length ?? 0)),
  );
  const row = (cells: readonly string[]) =>
    cells
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  return [
    heading(title),
    `  ${row(head)}`,
    ...rows.flatMap(({ cells, notes = [] }) => [`  ${row(cells)}`, ...notes.map((line) => `    ${line}`)]),
    ...(note === undefined ? [] : wrap(note)),
  ];
}

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** What stands between backquotes is one word: a command is copied from one line. */
const WORD = /(?:`[^`]*`|[^ ])+/g;

/** Breaks at plain spaces only: a non-breaking one holds a number and its unit together. */
export function wrap(text: string, first = '', rest = ''): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.match(WORD) ?? []) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
