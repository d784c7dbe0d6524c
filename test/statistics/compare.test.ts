/** The nightly comparison, the application's own table and the rows behind a figure, on the demo's year. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareStatistics, type Compared } from '../../src/statistics/compare.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { explainFigure } from '../../src/statistics/explain/index.ts';
import { FIGURES } from '../../src/statistics/explain/words.ts';
import { mirrorFigures, type MirrorTable } from '../../src/statistics/mirror.ts';
import { refreshViews } from '../../src/statistics/views.ts';
import { cloneDatabase, DEMO_NOW, type ClonedDatabase } from '../support/postgres.ts';

const ZONE = { timeZone: 'Europe/Paris', grossMargin: 1 };
const HOUR_MS = 3_600_000;
/** 20:00 in Paris; the night after begins seven hours later. */
const NIGHT = new Date('2026-11-24T02:05:00Z');

const TABLE: MirrorTable = {
  table: 'public.statistics',
  columns: { metric: 'name', day: 'day', value: 'value', updatedAt: 'updated_at' },
  metrics: { revenue_net: 'encaissements nets "HT"', customers: 'clients' },
  euros: true,
};

describe('the demo’s year', () => {
  let app: ClonedDatabase;
  beforeAll(async () => {
    app = await cloneDatabase('app');
    await computeStatistics(app.db, { at: DEMO_NOW, ...ZONE });
  }, 120_000);
  afterAll(() => app.drop());

  const valueOf = async (metric: string, start: string): Promise<number | null | undefined> => {
    const [row] = await app.db.query<{ value: number | null }>(
      `select value::float8 from maintenance.statistics where metric = $1 and period_kind = 'day' and period_start = $2`,
      [metric, start],
    );
    return row?.value;
  };

  describe('is compared with a full recompute once a night', () => {
    const compare = (at: Date, tell?: (compared: Compared) => Promise<void>) =>
      compareStatistics(app.db, { at, ...ZONE, tell });

    it('and is the same; the second run of the night does nothing', async () => {
      await computeStatistics(app.db, { at: NIGHT, ...ZONE });
      expect(await compare(NIGHT)).toMatchObject({ days: 35, different: 0 });
      expect(await compare(NIGHT)).toEqual({ skipped: 'not due' });
      expect(await compare(new Date(NIGHT.getTime() + HOUR_MS))).toEqual({ skipped: 'not due' });
    });

    it('finds what came later than the look-back, tells of it, and mends it', async () => {
      const day = '2026-11-08T23:00:00Z';
      const before = (await valueOf('revenue_gross', day)) ?? 0;
      await app.db.query(
        `insert into public.payments (account_id, kind, status, at, amount_incl_tax_cents, tax_cents)
         select id, 'one_off', 'succeeded', '2026-11-09T10:00Z', 12000, 2000 from public.accounts limit 1`,
      );
      await app.db.query(
        `insert into public.activity_events (user_id, account_id, kind, at) select gen_random_uuid(), id, 'click', '2026-11-09T10:00Z' from public.accounts limit 1`,
      );
      // A term that was ended with the wrong year, and is put right.
      await app.db.query(
        `update public.subscription_history set valid_to = '2026-11-10T10:00Z' where id = (
           select id from public.subscription_history where valid_to is null and status = 'active' and valid_from < '2026-10-01' order by id limit 1)`,
      );
      const next = new Date(NIGHT.getTime() + 24 * HOUR_MS);
      await computeStatistics(app.db, { at: next, ...ZONE });
      expect(await valueOf('revenue_gross', day)).toBe(before);
      const unheard = new Error('Temporal does not answer');
      await expect(compare(next, () => Promise.reject(unheard))).rejects.toBe(unheard);
      expect(await valueOf('revenue_gross', day)).toBe(before);
      const told: Compared[] = [];
      const found = await compare(next, (compared) => Promise.resolve(void told.push(compared)));
      expect(told).toEqual([found]);
      expect(found.different).toBeGreaterThan(20);
      expect(found.differences).toHaveLength(10);
      expect(await valueOf('revenue_gross', day)).toBe(before + 10_000);
      const [churn] = await app.db.query<{ lost: number }>(
        `select value::float8 as lost from maintenance.statistics where metric = 'customers_churned' and period_kind = 'day' and period_start = '2026-11-09T23:00:00Z'`,
      );
      expect(churn?.lost).toBeGreaterThanOrEqual(1);
      const night = new Date(next.getTime() + 24 * HOUR_MS);
      await computeStatistics(app.db, { at: night, ...ZONE });
      expect(await compare(night)).toMatchObject({ different: 0 });
    });

    it('waits for a run that is at it', async () => {
      await app.db.transaction(async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1)', [0x74616c6f73]);
        expect(await compare(new Date('2026-12-01T02:05:00Z'))).toEqual({ skipped: 'busy' });
      });
    });
  });

  describe('feeds the application’s own table', () => {
    const mirror = (table: Partial<MirrorTable> = {}) =>
      mirrorFigures(app.db, { ...TABLE, ...table }, { at: NIGHT, timeZone: ZONE.timeZone });

    it('with the figures asked for, in its own names and in euros, and changes no row twice', async () => {
      const [other] = await app.db.query<{ rows: number }>('select count(*) as rows from public.statistics');
      const { rows = 0 } = await mirror();
      expect(rows).toBeGreaterThan(70);
      expect(await mirror()).toEqual({ rows: 0 });
      const [kept] = await app.db.query<{ euros: number; all: number }>(
        `select (select value::float8 from public.statistics where name = 'encaissements nets "HT"' and day = '2026-11-09') as euros,
                (select count(*) from public.statistics) as all`,
      );
      expect(kept?.euros).toBe(((await valueOf('revenue_net', '2026-11-08T23:00:00Z')) ?? NaN) / 100);
      expect(kept?.all).toBe((other?.rows ?? NaN) + rows);
    });

    it('says what is wrong with it', async () => {
      expect(await mirror({ table: 'public.nothing' })).toEqual({
        problem: 'statistics.mirrorTo: there is no table public.nothing',
      });
      expect(await mirror({ table: 'public.statistics; drop table public.leads' })).toMatchObject({
        problem: expect.stringContaining('there is no table') as string,
      });
      expect(await mirror({ columns: { ...TABLE.columns, metric: 'nom' } })).toMatchObject({
        problem: expect.stringContaining('has no column nom') as string,
      });
      expect(await mirror({ columns: { ...TABLE.columns, day: 'value' } })).toMatchObject({
        problem: expect.stringContaining('value is numeric') as string,
      });
      expect(
        await mirror({
          table: 'public.leads',
          columns: { metric: 'source', day: 'created_at', value: 'id' },
        }),
      ).toMatchObject({ problem: expect.stringContaining('needs a unique index') as string });
      expect(await mirrorFigures(app.db, undefined, { at: NIGHT, timeZone: ZONE.timeZone })).toEqual({});
    });

    it('and its materialised views, each told by why it failed', async () => {
      await app.db.query(
        `create materialized view public.unfilled as select day, count(*) from public.fx_rates group by day with no data;
         create unique index on public.unfilled (day)`,
      );
      const { refreshed, failed } = await refreshViews(app.db, ['public.unfilled', 'public.absent']);
      expect(refreshed).toContain('maintenance.monthly_summary');
      // Never populated: PostgreSQL refuses to do so concurrently.
      expect(failed).toEqual([
        { view: 'public.unfilled', code: '0A000' },
        { view: 'public.absent', code: '42P01' },
      ]);
      await app.db.query('refresh materialized view public.unfilled');
      expect((await refreshViews(app.db, ['public.unfilled'])).failed).toEqual([]);
    });
  });

  describe('can be explained', () => {
    const explain = (period: string, metric: string, rows = 5) =>
      explainFigure(app.db, { period, metric, rows, timeZone: ZONE.timeZone });

    it('figure by figure, with as many rows as it says', async () => {
      const measured = /^(api_ms|page_load|cpu|ram|disk|bandwidth|availability)/;
      const metrics = Object.keys(FIGURES).filter((metric) => !measured.test(metric));
      expect(metrics).toHaveLength(38);
      for (const metric of metrics) {
        const { rule, rows, rowCount } = await explain('2026-11', metric);
        expect(rule.fr, metric).not.toBe(rule.en);
        expect(rows.length, metric).toBe(Math.min(5, rowCount));
      }
    });

    it('by rows that add up to it', async () => {
      const sum = (rows: Record<string, unknown>[], name: string): number =>
        rows.reduce((total, row) => total + Number(row[name]), 0);
      const mrr = await explain('2026-10', 'mrr', 100_000);
      expect(sum(mrr.rows, 'mrr_cents')).toBeCloseTo(Number(mrr.value), 1);
      const revenue = await explain('2026-W46', 'revenue_gross', 100_000);
      expect(sum(revenue.rows, 'euro_cents')).toBeCloseTo(Number(revenue.value), 1);
      for (const metric of [
        'customers',
        'customers_new',
        'customers_churned',
        'leads',
        'trials',
        'signups',
        'tickets',
        'mau',
      ]) {
        const { value, rowCount } = await explain('2026-10', metric);
        expect(rowCount, metric).toBe(Number(value));
      }
    });

    it('and a mistake is answered with what there is', async () => {
      await expect(explain('2026-11', 'mmr')).rejects.toThrow(/no figure mmr. Did you mean mrr\?/);
      await expect(explain('November', 'mrr')).rejects.toThrow(/November is no period: 2026-11-22 \(a day\)/);
      await expect(explain('2026-W46', 'cac')).rejects.toThrow(/cac is a figure of each month/);
      await expect(explain('2019-01', 'mrr')).rejects.toThrow(/--period 2019-01 --wait/);
    });
  });
});
