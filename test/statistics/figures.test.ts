/** Figures against a case worked out by hand, against the terms themselves, and against one another. */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyDatabase } from '../../src/database/index.ts';
import { computeStatistics, type Computed } from '../../src/statistics/compute.ts';
import { cloneDatabase, DEMO_NOW, type ClonedDatabase } from '../support/postgres.ts';

const ZONE = { timeZone: 'Europe/Paris', grossMargin: 1 };

type Figures = Record<string, number | null>;

async function figuresOf({ db }: ClonedDatabase, kind: string, start: string): Promise<Figures> {
  const rows = await db.query<{ metric: string; value: number | null }>(
    `select metric, round(value, 4)::float8 as value from maintenance.statistics where period_kind = $1 and period_start = $2`,
    [kind, start],
  );
  return Object.fromEntries(rows.map(({ metric, value }) => [metric, value]));
}

describe('March 2027, worked out by hand', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('empty'), cloneDatabase('empty')]);
    await applyDatabase({
      ...{ appUrl: app.url, opsUrl: ops.url },
      adapterFile: fileURLToPath(new URL('worked-case.sql', import.meta.url)),
    });
    // Midnight that ends March in Paris, in summer time.
    await computeStatistics(app.db, { at: new Date('2027-03-31T22:00:00Z'), ...ZONE });
  });
  afterAll(() => Promise.all([app.drop(), ops.drop()]));

  it('has the MRR, its movements and its customers', async () => {
    // Opening: annual 1000 €/12 = 8333.3333, switch 2900, paused 1900, past-due 2900, midnight 1000, dollars 100 $ × 0.90.
    const opening = 8333.3333 + 2900 + 1900 + 2900 + 1000 + 9000;
    const march = await figuresOf(app, 'month', '2027-02-28T23:00:00Z');
    expect(march).toMatchObject({
      // coupon at half price 2450, passing 1500, clock 2000; same-day leaves no movement.
      mrr_new: 5950,
      mrr_reactivation: 3900,
      // The coupon ends.
      mrr_expansion: 2450,
      // The pause, and 29 € a month → 290 € a year: 2900 - 2416.6667.
      mrr_contraction: -2383.3333,
      // Past due for 30 days on the 22nd; what ends at midnight ends on the 31st; passing.
      mrr_churn: -5400,
      // Renewed on 12 March at 0.92.
      mrr_fx: 200,
      mrr: 30750,
      arr: 369000,
      customers: 7,
      customers_new: 3,
      customers_reactivated: 1,
      customers_churned: 3,
      customer_churn_rate: 0.5,
      // Who has paused is a customer, and pays nothing: six pay.
      arpu: 5125,
    });
    expect(march['gross_mrr_churn_rate']).toBeCloseTo((5400 + 2383.3333) / opening, 4);
    expect(march['net_mrr_churn_rate']).toBeCloseTo((5400 + 2383.3333 - 2450 - 3900) / opening, 4);
    // Of those who paid at the opening: annual 8333.3333, switch 2416.6667, dollars 9200.
    expect(march['net_revenue_retention']).toBeCloseTo(19950 / opening, 4);
    expect((await figuresOf(app, 'month', '2027-01-31T23:00:00Z'))['mrr']).toBeCloseTo(opening, 3);
  });

  it('has the money of Paris days: 23:30 UTC on 28 February is March, 22:30 UTC on 31 March is April', async () => {
    expect(await figuresOf(app, 'month', '2027-02-28T23:00:00Z')).toMatchObject({
      // 2000 + 1000 + 1000 $ × 0.92.
      revenue_gross: 3920,
      revenue_refunds: 500,
      revenue_net: 3420,
      payment_error_rate: 0.25,
    });
    expect(await figuresOf(app, 'day', '2027-02-28T23:00:00Z')).toMatchObject({ revenue_gross: 2000 });
  });

  it('puts movements on their day, also on the day of 23 hours', async () => {
    expect(await figuresOf(app, 'day', '2027-03-27T23:00:00Z')).toMatchObject({
      mrr_new: 2000,
      customers_new: 1,
    });
    expect(await figuresOf(app, 'day', '2027-03-30T22:00:00Z')).toMatchObject({ mrr_churn: -1000 });
    expect(await figuresOf(app, 'day', '2027-03-21T23:00:00Z')).toMatchObject({ mrr_churn: -2900 });
    expect(await figuresOf(app, 'day', '2027-03-08T23:00:00Z')).toMatchObject({
      mrr_new: 0,
      customers_new: 0,
    });
  });

  it('has nothing where there is no source, and nothing that divides by nothing', async () => {
    const march = await figuresOf(app, 'month', '2027-02-28T23:00:00Z');
    for (const metric of ['tickets', 'csat', 'resolution_rate', 'cac', 'lead_to_trial_rate'])
      expect(march, metric).toHaveProperty(metric, null);
  });

  it('fails aloud, and changes nothing, where a currency has no rate', async () => {
    await app.db.query(`delete from public.rates where day = '2027-01-01'`);
    await expect(
      computeStatistics(app.db, { at: new Date('2027-03-31T22:00:00Z'), period: '2027-02', ...ZONE }),
    ).rejects.toThrow(/saas\.fx_rates has no rate of USD on or before 2027-02-12/);
    await app.db.query(`insert into public.rates values ('USD', '2027-01-01', 0.90)`);
  });
});

describe('the demo’s year', () => {
  let app: ClonedDatabase;
  let first: Computed;
  beforeAll(async () => {
    app = await cloneDatabase('app');
    first = await computeStatistics(app.db, { at: DEMO_NOW, ...ZONE });
  }, 60_000);
  afterAll(() => app.drop());

  it('changes nothing and keeps no new snapshot when it is computed again', async () => {
    expect(first.changed).toBe(first.figures);
    expect(await computeStatistics(app.db, { at: DEMO_NOW, ...ZONE })).toMatchObject({ changed: 0 });
    const [kept] = await app.db.query<{ rows: number }>(
      'select count(*) as rows from maintenance.kpi_snapshots',
    );
    expect(kept?.rows).toBe(first.figures);
  });

  it('keeps the identities in every day, week and month: opening and movements are the closing', async () => {
    const broken = await app.db.query(
      `with f as (select period_kind, period_start, jsonb_object_agg(metric, value) as v from maintenance.statistics
                   where period_kind <> 'hour' group by 1, 2),
            pairs as (select period_kind, period_start, v, lag(v) over (partition by period_kind order by period_start) as before from f)
       select period_kind, period_start from pairs where before is not null and (
         abs((before->>'mrr')::numeric + (v->>'mrr_new')::numeric + (v->>'mrr_reactivation')::numeric + (v->>'mrr_expansion')::numeric
           + (v->>'mrr_contraction')::numeric + (v->>'mrr_churn')::numeric + (v->>'mrr_fx')::numeric - (v->>'mrr')::numeric) > 0.000001
         or (before->>'customers')::numeric + (v->>'customers_new')::numeric + (v->>'customers_reactivated')::numeric
           - (v->>'customers_churned')::numeric <> (v->>'customers')::numeric)`,
    );
    expect(broken).toEqual([]);
  });

  it('has days that sum up to their weeks', async () => {
    const [sum] = await app.db.query<{ metrics: number; wrong: number }>(
      `select count(*) as metrics, count(*) filter (where abs(days - week) > 0.000001) as wrong from (
         select w.metric, w.value as week, (select sum(d.value) from maintenance.statistics d
                  where d.metric = w.metric and d.period_kind = 'day' and d.period_start >= w.period_start
                    and d.period_start < (w.period_start at time zone 'Europe/Paris' + interval '7 days') at time zone 'Europe/Paris') as days
           from maintenance.statistics w
          where w.period_kind = 'week' and w.period_start = '2026-11-15T23:00:00Z'
            and w.metric in ('leads', 'trials', 'signups', 'revenue_gross', 'revenue_refunds', 'revenue_net', 'tickets',
                             'mrr_new', 'mrr_churn', 'mrr_expansion', 'mrr_contraction', 'customers_new', 'customers_churned')) as sums`,
    );
    expect(sum).toEqual({ metrics: 13, wrong: 0 });
  });

  it('agrees with the terms themselves at the end of each month', async () => {
    const [months] = await app.db.query<{ months: number; wrong: number }>(
      `select count(*) as months, count(*) filter (where abs(s.value - direct.mrr) > 0.000001) as wrong
         from maintenance.statistics s
        cross join lateral (select least((s.period_start at time zone 'Europe/Paris' + interval '1 month') at time zone 'Europe/Paris', $1) as at) as ends
        cross join lateral (select sum(mrr) as mrr from maintenance.account_states(null, ends.at)) as direct
        where s.metric = 'mrr' and s.period_kind = 'month'`,
      [DEMO_NOW],
    );
    expect(months?.months).toBeGreaterThan(12);
    expect(months?.wrong).toBe(0);
  });

  it('finds rows that came late, and leaves a second run aside while the first is at it', async () => {
    const yesterday = '2026-11-21T23:00:00Z';
    const before = (await figuresOf(app, 'day', yesterday))['leads'] ?? 0;
    await app.db.query(
      `insert into public.leads (created_at, name, source) select '2026-11-22T10:00Z', 'late', 'site'`,
    );
    await app.db.transaction(async (tx) => {
      await tx.query('select pg_advisory_xact_lock($1)', [0x74616c6f73]);
      expect(await computeStatistics(app.db, { at: DEMO_NOW, ...ZONE })).toMatchObject({
        busy: true,
        figures: 0,
      });
    });
    await computeStatistics(app.db, { at: new Date(DEMO_NOW.getTime() + 3_600_000), ...ZONE });
    expect((await figuresOf(app, 'day', yesterday))['leads']).toBe(before + 1);
  });

  it('is all that talos_app may do', async () => {
    await app.db.transaction(async (tx) => {
      await tx.query('set local role talos_app');
      await tx.query(
        `select * from maintenance.figures_of('day', '2026-11-21T23:00Z', '2026-11-22T23:00Z', now(), 1)`,
      );
      await tx.query(`select maintenance.build_facts('2026-11-22', '2026-11-22', now())`);
      await tx.query('select maintenance.refresh_monthly_summary()');
    });
  });
});
