import { join, resolve } from 'node:path';
import { Command, Option } from 'commander';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { ADAPTER_FILE, MAP_FILE, drafts, existing, write } from './init/files.ts';
import { look, type Look } from './init/look.ts';
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
    .description(
      'ask at most 8 questions, look at the database, then write .env, maintenance.yaml and, for another application than TalosPrimes, drafts of its adapter and data map',
    )
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
  const kept = force
    ? []
    : await existing(['.env', 'maintenance.yaml', ADAPTER_FILE, MAP_FILE].map((name) => join(folder, name)));
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

  const seen = await look(answers.DATABASE_URL ?? '');
  const files = drafts(folder, answers, { locale: options.locale, seen });
  await write(files, force);
  // What has been written alone: neither this shell's variables nor a running local stack.
  const config = await loadConfig({ environment: {}, cwd: folder, local: false });
  if (options.json) {
    printJson({ files: files.map(({ path }) => path), jobs: config.jobs, database: seen.kind });
  } else {
    print(
      report(
        files.map(({ path }) => path),
        config,
        seen,
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

/** What was seen of the database, and what is to be done about it. */
function seenInWords(seen: Look): string[] {
  switch (seen.kind) {
    case 'unseen':
      return [
        `The application's database could not be looked at (${seen.code}): is it TalosPrimes'? For another,`,
        'later: `talos database draft` prints an adapter, `talos privacy draft` a data map.',
      ];
    case 'talosprimes':
      return [
        "The application's database has TalosPrimes' tables: the adapter and the data map that come with this fit.",
        ...(seen.unmapped > 0
          ? [
              `Tables that are not in the data map: ${String(seen.unmapped)} (\`talos privacy draft\` drafts them).`,
            ]
          : []),
      ];
    case 'other':
      return [
        "The application's database is not TalosPrimes': the drafts are guesses, with so many places to look at (TODO):",
        `  ${ADAPTER_FILE.padEnd(MAP_FILE.length)}  ${String(seen.adapter.todos)}; docs/adapter.md`,
        ...(seen.map ? [`  ${MAP_FILE}  ${String(seen.map.todos)}; docs/privacy.md`] : []),
      ];
  }
}

function report(paths: readonly string[], config: Config, seen: Look): string {
  const width = Math.max(...config.jobs.map(({ scheduleId }) => scheduleId.length));
  const jobs = config.jobs.map(
    ({ scheduleId, ready, missing }) =>
      `  ${scheduleId.padEnd(width)}  ${ready ? 'on' : `off: set ${missing.join(', ')}`}`,
  );
  return [
    ...paths.map((path) => `Wrote ${path}${path.endsWith('.env') ? ' (readable by you alone)' : ''}`),
    'Generated STATUS_TOKEN, WEBHOOK_TOKEN and LINK_SIGNING_KEY in .env',
    '',
    ...seenInWords(seen),
    '',
    'Jobs with these settings:',
    ...jobs,
    '',
    `Next: \`talos database apply${seen.kind === 'other' ? ` --adapter ${ADAPTER_FILE}` : ''}\`, then \`talos doctor\`. .env.example explains every other setting.`,
  ].join('\n');
}
