import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');

/** Documents whose commands are tried, in the order a new user meets them. */
export const DOCUMENTS: readonly string[] = [
  'README.md',
  ...readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`)
    .sort(),
];

/** A block of commands: ```sh, perhaps with a remark before it that the reader does not see. */
export interface Block {
  file: string;
  line: number;
  text: string;
  /** `<!-- not run: why -->` */
  notRun?: string;
  /** `<!-- exit 1: why -->`: what the last command is expected to end with. */
  exit: number;
}

const BLOCK =
  /(?:^[ \t]*<!-- (?:(not run)|exit (\d+)): (.+?) -->\s*\n\s*\n?)?^([ \t]*)```(?:sh|bash|shell|console)\n([^]*?)^[ \t]*```$/gm;

export function blocksOf(file: string): Block[] {
  const document = readFileSync(path.join(root, file), 'utf8');
  return [...document.matchAll(BLOCK)].map((match) => {
    const [, notRun, exit, why, indent = '', text = ''] = match;
    return {
      file,
      line: document.slice(0, match.index).split('\n').length,
      text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
      ...(notRun ? { notRun: why } : {}),
      exit: Number(exit ?? 0),
    };
  });
}
