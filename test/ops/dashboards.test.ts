/**
 * Every query of every dashboard and every rule, asked of a real Prometheus that scrapes a real worker, and of a real
 * PostgreSQL with the demo's year, as the role that Grafana has. Each must return rows.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { freeAddress } from '../../src/http/metrics/worker.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { updateMeasured } from '../../src/statistics/measures/update.ts';
import { refreshViews } from '../../src/statistics/views.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { fillAlerts, runFile } from '../support/operations.ts';
import { asRole, DEMO_NOW } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { findPrometheus, promtool, startPrometheus, type Prometheus } from './prometheus.ts';

const root = path.resolve(import.meta.dirname, '../..');
const file = (name: string): string => path.join(root, 'ops', name);

interface Panel {
  type: string;
  title?: string;
  targets?: { expr?: string; rawSql?: string }[];
}

async function queriesOf(name: 'operations' | 'business'): Promise<[title: string, query: string][]> {
  const { panels } = JSON.parse(await readFile(file(`grafana/dashboards/${name}.json`), 'utf8')) as {
    panels: Panel[];
  };
  return panels.flatMap(({ title = '', targets = [] }) =>
    targets.map(({ expr, rawSql }): [string, string] => [title, expr ?? rawSql ?? '']),
  );
}

const operations = await queriesOf('operations');
const business = await queriesOf('business');
const rulesFile = file('prometheus/talos.rules.yml');
const rules = (
  parse(await readFile(rulesFile, 'utf8')) as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap((group) => group.rules);

it.each(['operations', 'business'] as const)('%s.json is what the generator makes', async (name) => {
  const made = (await import(`../../scripts/dashboards/${name}.mjs`)) as Record<string, () => string>;
  expect(await readFile(file(`grafana/dashboards/${name}.json`), 'utf8')).toBe(made[name]?.());
});

it('the sources of the dashboards are those that are provisioned', async () => {
  const text = await readFile(file('grafana/provisioning/datasources/talos.yml'), 'utf8');
  const { datasources } = parse(text) as { datasources: { uid: string; type: string }[] };
  const provisioned = datasources.map(({ uid, type }) => JSON.stringify({ type, uid }));
  for (const name of ['operations', 'business']) {
    const json = await readFile(file(`grafana/dashboards/${name}.json`), 'utf8');
    const { panels } = JSON.parse(json) as { panels: { datasource?: { type: string; uid: string } }[] };
    const used = panels.flatMap(({ datasource }) =>
      datasource ? [JSON.stringify({ type: datasource.type, uid: datasource.uid })] : [],
    );
    expect(used.length).toBeGreaterThan(10);
    expect(provisioned).toEqual(expect.arrayContaining([...new Set(used)]));
  }
});

const here = await findPrometheus();

it.skipIf(!here)('the rules are whole, ring when they should, and not while all is well', async () => {
  expect(await promtool('check', 'rules', rulesFile)).toContain(`${String(rules.length)} rules found`);
  expect(await promtool('test', 'rules', file('prometheus/talos.rules.test.yml'))).toContain('SUCCESS');
  expect(await promtool('check', 'config', file('prometheus/prometheus.yml'))).toContain('SUCCESS');
});

