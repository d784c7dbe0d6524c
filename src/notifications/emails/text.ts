import type { Letter } from './letter.ts';

const WIDTH = 76;

/** The text part, from the same letter as the HTML. Names, ids and commands stay on one line, to be copied. */
export function letterText(letter: Letter): string {
  const { verdict, figures, findings, steps, command, facts, other } = letter;
  const blocks: string[][] = [
    wrap(`${verdict.sign} ${verdict.word.toUpperCase()}. ${verdict.line}`),
    ...letter.paragraphs.map((paragraph) => wrap(paragraph)),
  ];
  if (figures.length > 0) {
    blocks.push(
      aligned(figures.map(({ label, value, note }) => [label, note ? `${value} (${note})` : value])),
    );
  }
  if (findings) blocks.push([heading(findings.title), ...findings.items.map((item) => `  ${item}`)]);
  if (steps) {
    blocks.push([
      heading(steps.title),
      ...steps.items.flatMap((step, index) => wrap(step, `${index + 1}. `, '   ')),
    ]);
  }
  if (command) {
    blocks.push([heading(command.title), `  ${command.line}`, ...(command.note ? wrap(command.note) : [])]);
  }
  if (letter.link) blocks.push([heading(letter.link.label), `  ${letter.link.href}`]);
  blocks.push([heading(facts.title), ...aligned(facts.rows.map(({ label, value }) => [label, value]))]);
  blocks.push([`[${other.locale.toUpperCase()}]`, ...wrap(other.text)], ['-- ', letter.footer]);
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const heading = (title: string): string => title.toUpperCase();

function aligned(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([label]) => label.length));
  return rows.map(([label, value]) => `  ${label.padEnd(width)}  ${value}`);
}

/** Breaks at plain spaces only: a non-breaking one holds a number and its unit together. */
function wrap(text: string, first = '', rest = ''): string[] {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      [line, empty] = [rest, true];
    }
    line += empty ? word : ` ${word}`;
    empty = false;
  }
  return [...lines, line];
}
