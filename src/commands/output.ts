import { stderr, stdout } from 'node:process';
import { ConfigError } from '../config/index.ts';

// Whoever reads us may go away first (`talos … | head`): what is under way goes on all the same, without a stack trace.
for (const stream of [stdout, stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });

/** What every command ends with. */
export const EXIT = { done: 0, failed: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The command was asked for something that cannot be: the message says what would be right. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The result: what a pipe reads. */
export const print = (text: string): void => void stdout.write(`${text}\n`);

export const printJson = (value: unknown): void => print(JSON.stringify(value, null, 2));

/** For the person at the terminal: never mixed with the result. */
export const say = (text: string): void => void stderr.write(`${text}\n`);

/** Prints rows under headings, aligned; a terminal that is too narrow cuts lines rather than wrapping them. */
export function printTable(headings: readonly string[], rows: readonly (readonly string[])[]): void {
  const lines = [headings, ...rows];
  const widths = headings.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  for (const line of lines) {
    const text = widths
      .map((width, column) => (line[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd();
    print(stdout.isTTY && text.length > stdout.columns ? `${text.slice(0, stdout.columns - 1)}…` : text);
  }
}

/** Wraps a command's action: an error becomes one message on stderr and an exit code, never a stack. */
export const runAction =
  <Args extends unknown[]>(action: (...args: Args) => Promise<ExitCode | void>) =>
  async (...args: Args): Promise<void> => {
    try {
      process.exitCode = (await action(...args)) ?? EXIT.done;
    } catch (error) {
      say(`talos: ${error instanceof Error ? error.message : String(error)}`);
      const misused = error instanceof ConfigError || error instanceof UsageError;
      process.exitCode = misused ? EXIT.usage : EXIT.failed;
    }
  };
