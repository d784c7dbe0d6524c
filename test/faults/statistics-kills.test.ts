import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import type { StatisticsResult } from '../../src/statistics/result.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { randoms } from '../support/randoms.ts';
import { waitFor } from '../support/wait.ts';

/** The same moments again: `TALOS_TEST_SEED=<seed>`. */
const SEED = Number(process.env['TALOS_TEST_SEED'] ?? randomInt(2 ** 31));
/** In their order. Each is killed before it can have done anything, at a random moment of it, and once it is done. */
const ACTIVITIES = [
  ...['computeFigures', 'compareFigures', 'mirrorStatistics', 'refreshMaterializedViews'],
  ...['checkBusinessAlerts', 'measurePageLoad', 'updateMeasures'],
];

describe(`update-statistiques, its worker killed with -9 around each activity (seed ${String(SEED)})`, () => {
  let maintenance: Maintenance;
  beforeAll(async () => {
    maintenance = await startMaintenance();
  });
  afterAll(() => maintenance.close());

  it('loses no figure and keeps none twice', { timeout: 30 * 60_000 }, async () => {
    const { app, client } = maintenance;
    const random = randoms(SEED);
    const start = (workflowId: string) =>
      client.workflow.start('updateStatistics', { taskQueue: TASK_QUEUE, workflowId, args: [{}] });
    let worker = await maintenance.startWorker();
    await (await start('first')).result();
    let kills = 0;
    for (const [index, activity] of ACTIVITIES.entries())
      for (const moment of [0, Math.round(random() * 60), 60 + Math.round(random() * 200)]) {
        await app.db.query(
          `insert into public.payments (account_id, kind, status, at, amount_incl_tax_cents, tax_cents)
           select id, 'one_off', 'succeeded', now() - interval '1 second', 1200, 200 from public.accounts order by id limit 1`,
        );
        await app.db.query('update maintenance.watermark set compared_at = null');
        const handle = await start(`killed-${String(index)}-${String(moment)}`);
        await waitFor(
          async () => {
            const { raw, status } = await handle.describe();
            if (status.name !== 'RUNNING') return true;
            const open = (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name ?? '');
            return open.some((name) => ACTIVITIES.indexOf(name) >= index);
          },
          { timeoutMs: 60_000, what: activity },
        );
        await delay(moment);
        await end(worker, 'SIGKILL');
        kills += 1;
        worker = await maintenance.startWorker();
        const result = (await handle.result()) as StatisticsResult;
        expect(result.figures, activity).toBeGreaterThan(0);
      }
    await end(worker);
    expect(kills).toBe(ACTIVITIES.length * 3);

    const [sum] = await app.db.query<{ kept: number; real: number }>(
      `select (select sum(value) from maintenance.statistics where metric = 'revenue_gross' and period_kind = 'day'
                 and period_start >= now() - interval '3 days')::float8 as kept,
              (select sum(p.amount_cents * maintenance.eur_rate(p.currency, maintenance.paris_day(p.at))) from saas.payments p
                where p.status = 'succeeded' and p.kind <> 'refund' and p.at >= (select min(period_start) from maintenance.statistics
                       where metric = 'revenue_gross' and period_kind = 'day' and period_start >= now() - interval '3 days')
                  and p.at < (select built_to from maintenance.watermark))::float8 as real`,
    );
    expect(sum?.kept).toBeGreaterThanOrEqual(kills * 1_000);
    expect(sum?.kept).toBeCloseTo(sum?.real ?? NaN, 2);
    const twice = await app.db.query(
      `select metric from (select metric, period_kind, period_start, value, lag(value) over (
           partition by metric, period_kind, period_start order by taken_at) as before,
           row_number() over (partition by metric, period_kind, period_start order by taken_at) as n
         from maintenance.kpi_snapshots where metric = 'revenue_gross') as s where n > 1 and value = before`,
    );
    expect(twice).toEqual([]);
  });
});
