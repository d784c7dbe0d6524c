/** Random histories keep the identities, and figures grown run by run are those made at once from the terms. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyDatabase } from '../../src/database/index.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { brokenBalances, brokenSums, figuresNow, startAnew } from './identities.ts';

const SEED = 2027;
const HISTORIES = 1_000;
const END = '2027-12-31T23:00:00Z';

describe(`${String(HISTORIES)} random histories`, () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('empty'), cloneDatabase('empty')]);
    await applyDatabase({
      ...{ appUrl: app.url, opsUrl: ops.url },
      adapterFile: fileURLToPath(new URL('histories.sql', import.meta.url)),
    });
    await app.db.query(`select public.make_histories(${String(SEED)}, ${String(HISTORIES)})`);
    await run(END);
  }, 120_000);
  afterAll(() => Promise.all([app.drop(), ops.drop()]));

  const run = (at: string, period?: string) =>
    computeStatistics(app.db, { at: new Date(at), period, timeZone: 'Europe/Paris', grossMargin: 1 });

  it('keep the identities of MRR and customers in every day, week and month', async () => {
    await run(END, '2027-01-01/2028-01-01');
    const { periods, broken } = await brokenBalances(app.db);
    // 365 days, 52 weeks, 12 months: each but the first of its kind.
    expect(periods).toBeGreaterThanOrEqual(429);
    expect(broken).toEqual([]);
  });

  it('have days that sum up to their weeks and months', async () => {
    const { sums, broken } = await brokenSums(app.db, '2027-01-01', '2028-01-01');
    expect(sums).toBeGreaterThan(700);
    expect(broken).toEqual([]);
  });

  it('agree with the terms themselves on every day', async () => {
    const [days] = await app.db.query<{ days: number; wrong: number }>(
      `select count(*) as days, count(*) filter (where abs(m.value - direct.mrr) > 0.000001 or c.value <> direct.customers) as wrong
         from maintenance.statistics m join maintenance.statistics c using (period_kind, period_start)
        cross join lateral (select coalesce(sum(mrr), 0) as mrr, count(*) filter (where is_customer) as customers
              from maintenance.account_states(null, maintenance.days_later(m.period_start, 1))) as direct
        where m.metric = 'mrr' and c.metric = 'customers' and period_kind = 'day' and extract(isodow from period_start) = 3
          and period_start >= '2026-12-31T23:00Z'`,
    );
    expect(days?.days).toBeGreaterThan(50);
    expect(days?.wrong).toBe(0);
  });

  it('give the same, figure by figure, when they grow run by run', { timeout: 120_000 }, async () => {
    const atOnce = await figuresNow(app.db, '2027-03-01', '2027-05-01');
    await startAnew(app.db);
    for (
      let at = Date.parse('2027-02-20T07:05:00Z');
      at < Date.parse('2027-05-02T00:00:00Z');
      at += 40 * 3_600_000
    )
      await run(new Date(at).toISOString());
    const grown = await figuresNow(app.db, '2027-03-01', '2027-05-01');
    expect(grown.length).toBeGreaterThan(1_000);
    expect(grown).toEqual(atOnce);
  });
});
