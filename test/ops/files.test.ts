/** The files of ops/ for Grafana and Prometheus: generated anew they are the same, and they fit together. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { findPrometheus, promtool } from './prometheus.ts';
import { file, RULES_FILE, rulesOf } from './files.ts';

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
  const count = (await rulesOf()).length;
  expect(await promtool('check', 'rules', RULES_FILE)).toContain(`${String(count)} rules found`);
  expect(await promtool('test', 'rules', file('prometheus/talos.rules.test.yml'))).toContain('SUCCESS');
  expect(await promtool('check', 'config', file('prometheus/prometheus.yml'))).toContain('SUCCESS');
  // Its token comes from Compose.
  expect(await promtool('check', 'config', '--syntax-only', file('prometheus/compose.yml'))).toContain(
    'SUCCESS',
  );
});
