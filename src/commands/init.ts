import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { drafts, existing, write } from './init/files.ts';
import { QUESTIONS, ask, malformed, missing } from './init/questions.ts';
import type { Answers } from './init/questions.ts';
import { UsageError, print, printJson, runAction } from './output.ts';

interface InitOptions {
  directory: string;
  force?: boolean;
  json?: boolean;
  locale: 'fr' | 'en';
  yes?: boolean;
}

export function initCommand(): Command {
  const command = new Command('init')
    .description('ask at most 8 questions, then write .env and maintenance.yaml')
    .option('-y, --yes', 'ask nothing: what is not given stays unset')
    .option('-f, --force', 'replace files that exist')
    .option('--directory <folder>', 'where to write', '.')
    .option('--json', 'print the result as JSON')
    .addOption(new Option('--locale <locale>', 'language of mails').choices(['fr', 'en']).default('fr'));
  for (const { option, message, secret } of QUESTIONS) {
    const hint = secret ? ' (other users can see it in the list of processes: prefer the question)' : '';
    command.option(`--${option} <value>`, `${message}${hint}`);
  }
  return command.action(
    runAction(async () => init(command.optsWithGlobals<InitOptions & Record<string, unknown>>())),
  );
}

async function init(options: InitOptions & Record<string, unknown>): Promise<void> {
  const folder = resolve(options.directory);

  const force = options.force ?? false;
  const kept = force ? [] : await existing([join(folder, '.env'), join(folder, 'maintenance.yaml')]);
  if (kept.length > 0) {
    throw refusal([
      `${kept.join(' and ')} exists already. --force replaces it; edit it to change a setting.`,
    ]);
  }

  const given = givenAnswers(options);
  const interactive = process.stdin.isTTY && process.stdout.isTTY && !options.yes;
  const problems = await malformed(given);
  if (!interactive) problems.push(...missing(given));
  if (problems.length > 0) throw refusal(problems);
  const answers = interactive ? await ask(given).catch(stopped) : given;

  const files = drafts(folder, answers, options.locale);
  await write(files, force);
  // What has been written alone: neither this shell's variables nor a running local stack.
  const config = await loadConfig({ environment: {}, cwd: folder, local: false });
  if (options.json) {
    printJson({ files: files.map(({ path }) => path), jobs: config.jobs });
  } else {
    print(
      report(
        files.map(({ path }) => path),
        config,
      ),
    );
  }
}

const givenAnswers = (options: Record<string, unknown>): Answers =>
  Object.fromEntries(
    QUESTIONS.flatMap(({ variable, option }) => {
      const key = option.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
      const value = options[key];
      return typeof value === 'string' && value.trim() !== '' ? [[variable, value.trim()]] : [];
    }),
  );

const refusal = (problems: readonly string[]): UsageError =>
  new UsageError(`init wrote nothing:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);

/** Ctrl-C at a question. */
const stopped = (error: unknown): never => {
  throw error instanceof Error && error.name === 'ExitPromptError' ? refusal(['it was stopped.']) : error;
};

function report(paths: readonly string[], config: Config): string {
  const width = Math.max(...config.jobs.map(({ scheduleId }) => scheduleId.length));
  const jobs = config.jobs.map(
    ({ scheduleId, ready, missing }) =>
      `  ${scheduleId.padEnd(width)}  ${ready ? 'on' : `off: set ${missing.join(', ')}`}`,
  );
  return [
    ...paths.map((path) => `Wrote ${path}${path.endsWith('.env') ? ' (readable by you alone)' : ''}`),
    'Generated WEBHOOK_TOKEN and LINK_SIGNING_KEY in .env',
    '',
    'Jobs with these settings:',
    ...jobs,
    '',
    'Next: `talos database apply`, then `talos worker`. .env.example explains every other setting.',
  ].join('\n');
}
