import { Command } from 'commander';
import { createPostgres } from '../clients/postgres.ts';
import { explainFigure, NotExplained, type Explained } from '../statistics/index.ts';
import { print, printJson, printTable, runAction, UsageError } from './output.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

interface Asked extends SettingsOptions {
  rows: string;
  language?: string;
  json?: boolean;
}

export function explainCommand(): Command {
  return withSettings(
    new Command('explain')
      .description('what a figure is made of: its rule, the fraction and the rows behind it')
      .argument('<period>', '2026-11-22, 2026-W47, 2026-11, or an hour of UTC: 2026-11-22T14Z')
      .argument('<metric>', 'a figure of docs/kpis.md, as mrr or availability:app'),
  )
    .option('--rows <count>', 'rows to show at the most', '50')
    .option('--language <language>', 'fr or en; by default the one of maintenance.yaml')
    .option('--json', 'print JSON')
    .action(runAction(explain));
}

async function explain(period: string, metric: string, options: Asked): Promise<void> {
  const rows = Number(options.rows);
  if (!Number.isInteger(rows) || rows < 0) throw new UsageError('--rows is a whole number');
  const { environment, policy } = await readSettings(options);
  const language = options.language ?? policy.locale;
  if (language !== 'fr' && language !== 'en') throw new UsageError('--language is fr or en');
  const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-explain', max: 1 });
  try {
    const explained = await explainFigure(app, { period, metric, timeZone: policy.timeZone, rows });
    if (options.json) printJson(explained);
    else show(explained, language);
  } catch (error) {
    throw error instanceof NotExplained ? new UsageError(error.message) : error;
  } finally {
    await app.close();
  }
}

const WORDS = {
  fr: {
    nothing: '— (source manquante, ou dénominateur 0)',
    rows: 'lignes',
    shown: 'dont montrées',
    computed: 'Calculé',
  },
  en: {
    nothing: '— (no source, or a denominator of 0)',
    rows: 'rows',
    shown: 'of them shown',
    computed: 'Computed',
  },
} as const;

const rounded = (value: string): string =>
  value.includes('.') ? String(Number(Number(value).toFixed(4))) : value;

function show(explained: Explained, language: 'fr' | 'en'): void {
  const { metric, period, value, numerator, denominator, unit, rows, rowCount } = explained;
  const words = WORDS[language];
  const fraction = numerator !== null && denominator !== null;
  print(`${metric} ${period}: ${value === null ? words.nothing : `${rounded(value)} ${unit}`}`);
  if (fraction) print(`  ${rounded(numerator)} / ${rounded(denominator)}`);
  print(`  ${explained.rule[language]}`);
  print(
    `  ${words.computed} ${explained.computedAt}, rule_version ${String(explained.ruleVersion)}` +
      (explained.source === null ? '' : `, ${explained.source}`),
  );
  print(
    `  ${String(rowCount)} ${words.rows}${rows.length < rowCount ? `, ${words.shown}: ${String(rows.length)}` : ''}`,
  );
  const headings = Object.keys(rows[0] ?? {});
  if (headings.length === 0) return;
  print('');
  printTable(
    headings,
    rows.map((row) => headings.map((name) => cell(row[name]))),
  );
}

const cell = (value: unknown): string =>
  value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);
