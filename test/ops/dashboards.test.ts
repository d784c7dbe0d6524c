/**
 * Every query of every dashboard and every rule, asked of a real Prometheus that scrapes a real worker, and of a real
 * PostgreSQL with the demo's year, as the role that Grafana has. Each must return rows.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freeAddress } from '../../src/http/metrics/worker.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { updateMeasured } from '../../src/statistics/measures/update.ts';
import { refreshViews } from '../../src/statistics/views.ts';
import { queriesOf, RULES_FILE, rulesOf } from './files.ts';
import { findPrometheus, startPrometheus, type Prometheus } from './prometheus.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { fillAlerts, runFile } from '../support/operations.ts';
import { asRole, DEMO_NOW } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';

const root = path.resolve(import.meta.dirname, '../..');
const operations = await queriesOf('operations');
const business = await queriesOf('business');
const rules = await rulesOf();
const here = await findPrometheus();

describe('against real servers', () => {
  let maintenance: Maintenance;
  let prometheus: Prometheus | undefined;
  let address: string;
  beforeAll(async () => {
    address = await freeAddress();
    maintenance = await startMaintenance({ HTTP_BIND: address });
    const { app, ops, client } = maintenance;
    const now = new Date();
    await runFile(ops.db, 'operations.sql', { now, everySeconds: 600 });
    await fillAlerts(ops.db);
    await ops.db.query(
      `create table if not exists ops.lifecycles (account_id text primary key, phase text not null, policy jsonb not null,
         trouble text, next_action_at timestamptz, ended_at timestamptz)`,
    );
    await ops.db.query(
      `insert into ops.lifecycles (account_id, phase, policy) select 'none-' || n, 'archived', '{}' from generate_series(1, 3) n`,
    );
    const zone = { at: DEMO_NOW, timeZone: 'Europe/Paris' };
    await Promise.all([
      maintenance.startWorker('--http'),
      (async () => {
        await computeStatistics(app.db, { ...zone, grossMargin: 1 });
        await updateMeasured({ ...zone, app: app.db, ops: ops.db, beat: () => undefined });
        await refreshViews(app.db, []);
      })(),
    ]);
    // Gives the worker something to tell of; it only observes.
    await client.schedule.getHandle('nettoyage-donnees-temporaires').trigger();
    const ended = `select from ops.runs where workflow_type = 'cleanTemporaryData' and outcome <> 'running'`;
    await waitFor(async () => (await ops.db.query(ended)).length > 0, {
      ...{ timeoutMs: 60_000, what: 'a run' },
    });
    await runFile(app.db, 'availability.sql', { now });
    await app.db.query(await readFile(path.join(root, 'database/grants/grafana.sql'), 'utf8'));
    if (here) prometheus = await startPrometheus(address, RULES_FILE);
    // Rates want two scrapes.
    await waitFor(
      async () =>
        !prometheus || Number((await prometheus.query('count_over_time(up[1m])'))[0]?.value[1]) >= 4,
      { timeoutMs: 30_000, what: 'four scrapes' },
    );
  }, 180_000);
  afterAll(async () => {
    await prometheus?.stop();
    await maintenance.close();
  });

  it.skipIf(!here)('is scraped', async () => {
    expect((await prometheus?.query('up'))?.map(({ value }) => value[1])).toEqual(['1']);
  });

  it.skipIf(!here).each(operations)('operations: %s', async (_title, query) => {
    expect((await prometheus?.query(query))?.length, query).toBeGreaterThan(0);
  });

  it.skipIf(!here).each(rules.map(({ alert, expr }) => [alert, expr]))('rule %s', async (alert, expr) => {
    const known = (await prometheus?.rules())?.find(({ name }) => name === alert);
    expect(known).toMatchObject({ health: 'ok' });
    // What it compares is there; that it rings is tried by promtool.
    const left = expr.replace(/ (?:==|>) [\d *]+$/, '');
    expect(left).not.toBe(expr);
    expect((await prometheus?.query(left))?.length, left).toBeGreaterThan(0);
  });

  it.each(business)('business: %s', async (_title, query) => {
    await asRole(maintenance.app.db, 'talos_grafana', async (tx) => {
      const within = query.replace(/\$__timeFilter\((\w+)\)/g, `$1 between '2026-01-01' and now()`);
      const rows = await tx.query(within);
      expect(rows.length, within).toBeGreaterThan(0);
    });
  });

  it('Grafana’s role reads figures only', async () => {
    for (const relation of [
      'maintenance.user_days',
      'maintenance.mrr_movements',
      'saas.accounts',
      'public.accounts',
    ])
      await expect(
        asRole(
          maintenance.app.db,
          'talos_grafana',
          async (tx) => void (await tx.query(`select from ${relation}`)),
        ),
        relation,
      ).rejects.toThrow(/permission denied/);
    await expect(
      asRole(
        maintenance.app.db,
        'talos_grafana',
        async (tx) => void (await tx.query('delete from maintenance.statistics')),
      ),
    ).rejects.toThrow(/permission denied/);
  });

  it('/metrics holds no id and nobody', async () => {
    const text = await (await fetch(`http://${address}/metrics`)).text();
    expect(text).toContain('temporal_worker_task_slots_available');
    expect(text).toContain('talos_lifecycles{phase="archived"} 3');
    const labels = new Set([...text.matchAll(/(\w+)="/g)].map(([, name = '']) => name));
    // Those of ours; Temporal's and the process's are types, queues and quantiles.
    const ours = new Set(
      [...text.matchAll(/^talos_\w+\{(.*)\}/gm)].flatMap(([, inner = '']) =>
        [...inner.matchAll(/(\w+)="/g)].map(([, name = '']) => name),
      ),
    );
    expect([...ours].sort()).toEqual(
      ['acknowledged', 'channel', 'level', 'outcome', 'phase', 'schedule', 'source', 'target'].sort(),
    );
    for (const name of ['workflow_id', 'run_id', 'account', 'account_id', 'email'])
      expect(labels).not.toContain(name);
    expect(text).not.toMatch(/[\w.]+@[\w.]+/);
    expect(await promtoolAccepts(text)).toBe(true);
  });

  const promtoolAccepts = async (text: string): Promise<boolean> => {
    if (!here) return true;
    const { execFileSync } = await import('node:child_process');
    // Its lint is of names; what cannot be read is an error of its own.
    try {
      execFileSync('promtool', ['check', 'metrics'], { input: text, stdio: ['pipe', 'pipe', 'pipe'] });
      return true;
    } catch (error) {
      return !/error while linting|text format parsing error/.test(
        String((error as { stderr: Buffer }).stderr),
      );
    }
  };
});
