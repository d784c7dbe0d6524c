/** Fast with 90 days of data by the shape of its queries: a time would say more of the machine than of the page. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FIGURES, KPIS } from '../../../src/http/status/read-figures.ts';
import { RUNS, SHOWN_RUNS } from '../../../src/http/status/read-runs.ts';
import { READINGS, TARGETS } from '../../../src/http/status/read-samples.ts';
import { SCHEDULE_IDS } from '../../../src/shared/ids.ts';
import { fillBoth, type Filled } from '../../support/operations.ts';
import { DEMO_NOW } from '../../support/postgres.ts';

let filled: Filled;
beforeAll(async () => {
  filled = await fillBoth({ everySeconds: 60 });
}, 120_000);
afterAll(() => filled?.drop());

interface Node {
  'Node Type': string;
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Node[];
}

const BIG = ['samples', 'runs', 'statistics'];

/** Rows that were taken from the big tables, and how. */
function scans(node: Node): { how: string; rows: number }[] {
  const inner = (node.Plans ?? []).flatMap(scans);
  if (!BIG.includes(node['Relation Name'] ?? '')) return inner;
  const rows = (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'];
  return [{ how: `${node['Node Type']} on ${node['Relation Name'] ?? ''}`, rows }, ...inner];
}

const since = new Date(DEMO_NOW.getTime() - 90 * 86_400_000);
it.each([
  ['targets', 'ops', TARGETS, [], 300],
  ['readings', 'ops', READINGS, [], 300],
  ['runs', 'ops', RUNS, [[...SCHEDULE_IDS], SHOWN_RUNS], 11 * SHOWN_RUNS],
  // What is shown, and what the same days hold besides.
  ['figures', 'app', FIGURES, [since, [...KPIS]], 91 * 70],
] as const)('%s: by index, and few rows of many', async (_name, database, text, values, most) => {
  const [row] = await filled[database].db.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `explain (analyze, format json) ${text}`,
    values.length === 0 ? undefined : values,
  );
  const found = scans(row?.['QUERY PLAN'][0].Plan as Node);
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ how }) => how.startsWith('Seq Scan'))).toEqual([]);
  expect(found.reduce((sum, { rows }) => sum + rows, 0)).toBeLessThanOrEqual(most);
});
