import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');

/** A file of ops/. */
export const file = (name: string): string => path.join(root, 'ops', name);

export const RULES_FILE = file('prometheus/talos.rules.yml');

export const rulesOf = async (): Promise<{ alert: string; expr: string }[]> =>
  (
    parse(await readFile(RULES_FILE, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
  ).groups.flatMap((group) => group.rules);

interface Panel {
  title?: string;
  targets?: { expr?: string; rawSql?: string }[];
}

/** Each query of a dashboard with its panel's title. */
export async function queriesOf(name: 'operations' | 'business'): Promise<[title: string, query: string][]> {
  const text = await readFile(file(`grafana/dashboards/${name}.json`), 'utf8');
  const { panels } = JSON.parse(text) as { panels: Panel[] };
  return panels.flatMap(({ title = '', targets = [] }) =>
    targets.map(({ expr, rawSql }): [string, string] => [title, expr ?? rawSql ?? '']),
  );
}
