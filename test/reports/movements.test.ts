import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { renderEmail } from '../../src/notifications/index.ts';
import type { Notice, PeriodReportData } from '../../src/notifications/index.ts';
import type { Composed } from '../../src/reports/activities.ts';
import { createReportActivities, readAccounts } from '../../src/reports/index.ts';
import { movementsOf } from '../../src/reports/movements.ts';
import { periodAt, type Period } from '../../src/reports/period.ts';
import { isoDay, localDays, periodOf } from '../../src/shared/calendar.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { asRun, PARIS, writeFigures } from './support.ts';

const KINDS = {
  ...{ new: 'mrr_new', reactivation: 'mrr_reactivation', expansion: 'mrr_expansion' },
  ...{ contraction: 'mrr_contraction', churn: 'mrr_churn' },
} as const;

describe('movements by customer', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  /** The week in which most customers moved. */
  let week: Period;
  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
    const today = localDays(PARIS)(new Date());
    await app.db.query('select maintenance.build_facts($1, $2, now())', [isoDay(today - 800), isoDay(today)]);
    const [busy] = await app.db.query<{ monday: string }>(
      `select date_trunc('week', day)::date::text as monday from maintenance.mrr_movements group by 1 order by count(*) desc limit 1`,
    );
    week = periodAt('weekly', periodOf('weekly', Date.parse(busy?.monday ?? '') / 86_400_000), PARIS);
  });
  afterAll(() => Promise.all([app.drop(), ops.drop()]));

  it('sum up, kind by kind, to the figures of the week', async () => {
    const first = isoDay(localDays(PARIS)(week.from));
    const last = isoDay(localDays(PARIS)(week.to) - 1);
    const figures = await app.db.query<{ metric: string; value: number }>(
      `select metric, value::float8 from maintenance.mrr_figures('week', $1, $2, 0.8)`,
      [first, last],
    );
    const all = await movementsOf(app.db, week, Infinity);
    expect(all.rows.length).toBeGreaterThan(8);
    for (const [kind, metric] of Object.entries(KINDS)) {
      const sum = all.rows.filter((row) => row.kind === kind).reduce((total, { cents }) => total + cents, 0);
      expect(sum, kind).toBeCloseTo(figures.find((figure) => figure.metric === metric)?.value ?? NaN, 4);
    }
    const shown = await movementsOf(app.db, week);
    expect(shown.rows).toEqual(all.rows.slice(0, 8));
    expect(shown.more).toBe(all.rows.length - 8);
  });

  it('are ids in what is stored, and names in the mail alone', async () => {
    const weeks = Array.from({ length: 12 }, (_, at) => periodAt('weekly', week.number - 11 + at, PARIS));
    await writeFigures(app.db, 'week', weeks, {
      ...{ mrr: () => 1, customers: () => 1, customers_new: () => 1, customers_churned: () => 1 },
      ...{ revenue_net: () => 1, api_ms_mean: () => 120, page_load_ms_p75: () => 1_900 },
    });
    await app.db.query(
      `update maintenance.statistics set source = case metric when 'api_ms_mean' then 'probe' else 'fetch' end
        where metric in ('api_ms_mean', 'page_load_ms_p75')`,
    );
    const reports = createReportActivities({
      ...{ app: app.db, ops: ops.db, timeZone: PARIS, render: { locale: 'fr' } },
      updateStatistics: () => Promise.resolve(),
    });
    const { notice } = (await asRun('a', () =>
      reports.composeWeeklyReport({
        period: { kind: 'weekly', number: week.number, name: week.name },
        ...{ goesOnWithout: false, intent: 'automatic', dryRun: false },
      }),
    )) as Extract<Composed, { ready: true }>;
    const ids = ((notice?.data ?? {}) as PeriodReportData).movements?.rows.map(({ id }) => id) ?? [];
    expect(ids).toHaveLength(8);
    const accounts = await readAccounts(app.db, ids);
    const { text, html } = await renderEmail(notice as Notice, {
      locale: 'fr',
      personOf: (id) => accounts.get(id),
    });
    const stored =
      JSON.stringify(notice) + JSON.stringify(await ops.db.query('select * from ops.report_runs'));
    for (const id of ids) {
      const name = accounts.get(id)?.name ?? '';
      expect(name.length).toBeGreaterThan(2);
      expect(stored).not.toContain(name);
      expect(text).toContain(name);
    }
    // What is only a substitute for the application's own measurements is named as one.
    expect(text).toContain('mesuré par nos sondes');
    expect(text).toContain('chargées par nos soins');
    expect(html).toContain('mesuré par nos sondes');
  });
});
