import { afterAll, beforeAll, expect, it } from 'vitest';
import { businessSamples } from '../../src/statistics/business-facts.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { cloneDatabase, DEMO_NOW, type ClonedDatabase } from '../support/postgres.ts';

let app: ClonedDatabase;
beforeAll(async () => {
  app = await cloneDatabase('app');
  await computeStatistics(app.db, { at: DEMO_NOW, timeZone: 'Europe/Paris', grossMargin: 1 });
}, 60_000);
afterAll(() => app.drop());

it('counts the customers of a week ago as the figures do', async () => {
  for (const day of ['2026-11-01', '2026-11-09', '2026-11-16']) {
    const at = new Date(`${day}T23:00:00Z`);
    const samples = await businessSamples(app.db, { at, timeZone: 'Europe/Paris', leadHours: 24 });
    const lost = samples.find(({ metric }) => metric === 'customers_lost_percent');
    const [figure] = await app.db.query<{ customers: string }>(
      `select value::text as customers from maintenance.statistics where metric = 'customers' and period_kind = 'day'
          and period_start = (($1::timestamptz at time zone 'Europe/Paris' - interval '8 days') at time zone 'Europe/Paris')`,
      [at],
    );
    expect(Number(figure?.customers), day).toBeGreaterThan(100);
    expect(lost?.evidence?.[0]?.value.split(' / ')[1], day).toBe(figure?.customers);
  }
});
