import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { alertsCommand } from '../../src/commands/alerts.ts';
import { approveCommand, rejectCommand } from '../../src/commands/approve.ts';
import { disableCommand, enableCommand } from '../../src/commands/arm.ts';
import { backupCommand } from '../../src/commands/backup.ts';
import { customerCommand } from '../../src/commands/customer.ts';
import { databaseCommand } from '../../src/commands/database.ts';
import { demoCommand } from '../../src/commands/demo.ts';
import { devCommand } from '../../src/commands/dev.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { explainCommand } from '../../src/commands/explain.ts';
import { initCommand } from '../../src/commands/init.ts';
import { notifyCommand } from '../../src/commands/notify.ts';
import { privacyCommand } from '../../src/commands/privacy.ts';
import { rebuildCommand } from '../../src/commands/rebuild.ts';
import { runCommand } from '../../src/commands/run.ts';
import { schedulesCommand } from '../../src/commands/schedules.ts';
import { serveCommand, workerCommand } from '../../src/commands/worker.ts';
import { DEFAULT_PORTS } from '../../src/dev/ports.ts';
import { SCHEDULES } from '../../src/schedules/table.ts';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const readme = read('README.md');
const documents = ['README.md', ...readdirSync(path.join(root, 'docs')).map((file) => `docs/${file}`)].filter(
  (file) => file.endsWith('.md'),
);

/** The cells of each row of a Markdown table whose first cell is a code span. */
const rowsOf = (text: string): string[][] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.slice(1, -1).split(' | ').map(unquote));

const unquote = (cell: string): string => cell.trim().replace(/^`(.*)`$/, '$1');

const section = (title: string): string => readme.split(`\n## ${title}\n`)[1]?.split('\n## ')[0] ?? '';

describe('README', () => {
  it('has the eleven jobs as the table of schedules has them', () => {
    expect(rowsOf(section('The eleven jobs')).map((cells) => cells.slice(0, 5))).toEqual(
      SCHEDULES.map((row) => [row.scheduleId, row.cron, row.timeZone, row.workflow, row.note]),
    );
  });

  it('names the packages that CI installs, and the line that CI runs', () => {
    const ci = read('.ci/run');
    const packages = /^packages=\((.*)\)$/m.exec(ci)?.[1];
    expect(packages).toBeTruthy();
    expect(readme).toContain(`\napt install ${packages}\n`);
    expect(ci).toMatch(/^[^#]*\bnpm ci && npm test\b/m);
    expect(section('Tests')).toContain('\nnpm ci && npm test\n');
  });

  it('names every port of the local stack', () => {
    const shown = section('The first five minutes');
    for (const port of Object.values(DEFAULT_PORTS)) expect(shown).toMatch(new RegExp(`\\b${port}\\b`));
  });
});

const COMMANDS = [
  devCommand,
  demoCommand,
  initCommand,
  doctorCommand,
  explainCommand,
  databaseCommand,
  workerCommand,
  serveCommand,
  schedulesCommand,
  enableCommand,
  disableCommand,
  runCommand,
  approveCommand,
  rejectCommand,
  backupCommand,
  alertsCommand,
  notifyCommand,
  customerCommand,
  privacyCommand,
  rebuildCommand,
].map((make) => make());

/** What is wrong with the words after `talos`; undefined when the program knows them all. */
function problem(words: readonly string[]): string | undefined {
  let command: Command | undefined;
  let inner: readonly Command[] = COMMANDS;
  for (const word of words) {
    if (word.startsWith('--')) {
      const known = word === '--help' || command?.options.some(({ long }) => long === word);
      if (!known) return `there is no option ${word}`;
      continue;
    }
    // Arguments and values of options follow a whole command.
    if (inner.length === 0 || word.startsWith('<')) continue;
    command = inner.find((candidate) => candidate.name() === word);
    if (command === undefined) return `there is no command ${word}`;
    inner = command.commands;
  }
  return undefined;
}

const wordsOf = (line: string): string[] => (line.split(/[`#|;,)]/)[0] ?? '').trim().split(/\s+/);

describe.each(documents)('%s', (file) => {
  const text = read(file);

  it('shows only commands and options that exist', () => {
    const shown = [...text.matchAll(/npx talos ([a-z].*)/g)].map(([, rest = '']) => wordsOf(rest));
    for (const words of shown) expect(problem(words), words.join(' ')).toBeUndefined();
  });

  it('names npm scripts, files and links that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) expect(scripts).toHaveProperty(script);
    const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, to = '']) => to);
    const paths = [...text.matchAll(/`((?:src|test|database|scripts)\/[\w./-]+)`/g)].map(([, to = '']) => to);
    const from = (link: string) => path.resolve(root, path.dirname(file), link);
    const missing = [...links.map(from), ...paths.map((to) => path.join(root, to))].filter(
      // The worked example makes a room of its own: test/documents/add-a-job.test.ts follows it.
      (to) => !existsSync(to) && !/\/(src|test)\/messages\//.test(to),
    );
    expect(missing).toEqual([]);
  });
});

it('README’s table of commands has every command, and no other', () => {
  const names = (commands: readonly Command[]): string[] =>
    commands.flatMap((command) =>
      command.commands.length > 0
        ? names(command.commands).map((name) => `${command.name()} ${name}`)
        : [command.name()],
    );
  const cells = section('Commands').match(/^\| `[^|]*/gm) ?? [];
  const shown = cells.flatMap((cell) =>
    [...cell.matchAll(/`talos ([^`<]*)/g)].map(([, name = '']) => name.trim()),
  );
  // A channel is an argument, and shown as part of the name.
  expect(shown.map((name) => name.replace(/ email$/, '')).sort()).toEqual(names(COMMANDS).sort());
});
