/**
 * 29 customers, worked out by hand before any SQL was run. It is computed as in life: twice a day in the first
 * month, then after a long time without a run, then once more when the cohorts are known.
 */
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyDatabase } from '../../src/database/index.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const ZONE = { timeZone: 'Europe/Paris', grossMargin: 1 };
const HOUR_MS = 3_600_000;

type Figures = Record<string, number | null>;

describe('2027, worked out by hand', () => {
  let app: ClonedDatabase;
  let ops: ClonedDatabase;
  const computed: Record<string, Figures> = {};

  async function figuresOf(kind: 'day' | 'week' | 'month', start: string): Promise<Figures> {
    const rows = await app.db.query<{ metric: string; value: number | null }>(
      `select metric, round(value, 4)::float8 as value from maintenance.statistics where period_kind = $1 and period_start = $2`,
      [kind, start],
    );
    return Object.fromEntries(rows.map(({ metric, value }) => [metric, value]));
  }

  beforeAll(async () => {
    [app, ops] = await Promise.all([cloneDatabase('empty'), cloneDatabase('empty')]);
    await applyDatabase({
      ...{ appUrl: app.url, opsUrl: ops.url },
      adapterFile: fileURLToPath(new URL('worked-year.sql', import.meta.url)),
    });
    const run = (at: string | number, period?: string) =>
      computeStatistics(app.db, { at: new Date(at), period, ...ZONE });
    await run('2027-02-28T22:05:00Z');
    for (
      let at = Date.parse('2027-03-01T04:05:00Z');
      at < Date.parse('2027-04-01T00:00:00Z');
      at += 12 * HOUR_MS
    )
      await run(at);
    await run('2027-04-01T00:05:00Z');
    computed['March in April'] = await figuresOf('month', '2027-02-28T23:00:00Z');
    await run('2027-10-31T00:35:00Z');
    await run('2027-11-01T00:05:00Z');
    await run('2027-11-01T00:05:00Z', '2027-03');
  }, 120_000);
  afterAll(() => Promise.all([app.drop(), ops.drop()]));

  /*
   * MRR when March begins (cents):     when it ends:
   *   annual-1, -2, -3  3 × 1000 € ÷ 12  25000      25000      for-ever   50 € − 20 %        4000   4000
   *   coupon      half until the 20th        0       4900      free       all until the 18th     0   3000
   *   refunded    no matter of MRR        2000       2000      paused     10th to 24th        1900   1900
   *   long-pause  90 days on the 10th        0          0      past-due   30 days on the 22nd 2900      0
   *   recovered                           3100       3100      back       paid till December     0   3900
   *   dollars     100 $ at 0.90, 0.95     9000       9500      dollars-12 1200 $ ÷ 12 × 0.90  9000   9000
   *   switch      29 €, then 290 € ÷ 12   2900  2416.6667      there-back same on the day     5000   5000
   *   passing     8th to 25th                0          0      same-day   8 to 17 o'clock        0      0
   *   ends        at midnight             1000          0      midnight   more from the 15th  2600   3000
   *   two         one of two ends         1500       1000      spring, spring-end                0   2700
   *                                                                              together    69900  80416.6667
   */
  const march = {
    ...{ mrr: 80416.6667, arr: 965000 },
    // coupon 2450, free 3000, passing 1500, spring 2000, spring-end 700.
    ...{ mrr_new: 9650, customers_new: 5 },
    ...{ mrr_reactivation: 3900, customers_reactivated: 1 },
    // The coupon's end 2450, the pause's end 1900, midnight 400.
    mrr_expansion: 4750,
    // paused 1900, switch 483.3333, two 500.
    mrr_contraction: -2883.3333,
    // past-due 2900, passing 1500, ends 1000; long-pause leaves without a cent.
    ...{ mrr_churn: -5400, customers_churned: 4 },
    // dollars on 12 March: 100 $ × 0.05.
    mrr_fx: 500,
    // 16 when it begins, long-pause among them.
    ...{ customers: 18, customer_churn_rate: 0.25 },
    // (5400 + 2883.3333) ÷ 69900; less 4750 + 3900.
    ...{ gross_mrr_churn_rate: 0.1185, net_mrr_churn_rate: -0.0052 },
    // 65916.6667 ÷ 69900: all but coupon, free, back, spring and spring-end.
    net_revenue_retention: 0.943,
    // 80416.6667 ÷ 18, and that ÷ ((25 % + 0 + 0) ÷ 3).
    ...{ arpu: 4467.5926, ltv: 53611.1111 },
    // 1500 € ÷ 5.
    cac: 30000,
    // 2000 + 5000 + 100 $ × 0.95 + 45000 + 2000 + 3000; of seven attempts one failed.
    ...{ revenue_gross: 66500, revenue_refunds: 1900, revenue_net: 64600, payment_error_rate: 0.1429 },
    // u4 and u5 on the 1st, u1, u2, u3: 5 ÷ 31. The 30 days begin on the 2nd: three users, a day each.
    ...{ dau: 0.1613, mau: 3, stickiness: 0.0333 },
    ...{ leads: 4, trials: 3, signups: 2 },
    // Since 2 March: y converted; x and y ended.
    trial_to_customer_rate: 0.5,
    ...{
      tickets: 4,
      tickets_answered: 2,
      first_reply_minutes_mean: 45,
      first_reply_minutes_median: 45,
      csat: 1,
    },
  };

  it('has March to the cent, as soon as it is over', () => {
    expect(computed['March in April']).toMatchObject({
      ...march,
      // Not known yet: l3 tries in April, `tries` pays in April, two tickets are resolved in April.
      ...{ lead_to_trial_rate: 0.25, trial_to_customer_cohort_rate: 0.3333, resolution_rate: 0.25 },
    });
  });

  it('has the cohorts of March when they are known, and nothing else has changed', async () => {
    expect(await figuresOf('month', '2027-02-28T23:00:00Z')).toMatchObject({
      ...march,
      // tries and l3 of four leads; tries and y of three trials; all tickets but the third.
      ...{ lead_to_trial_rate: 0.5, trial_to_customer_cohort_rate: 0.6667, resolution_rate: 0.75 },
    });
  });

  it('has week 12, which ends with the day of 23 hours', async () => {
    expect(await figuresOf('week', '2027-03-21T23:00:00Z')).toMatchObject({
      // All of March but what ends at its last midnight; before it 81216.6667.
      ...{
        mrr: 81416.6667,
        mrr_new: 2700,
        mrr_expansion: 1900,
        mrr_churn: -4400,
        mrr_contraction: 0,
        mrr_fx: 0,
      },
      ...{ customers: 19, customers_new: 2, customers_churned: 2, customer_churn_rate: 0.1053 },
      ...{ revenue_gross: 47000, revenue_net: 47000, payment_error_rate: 0 },
      // u1 on one day of seven; u1, u4 and u5 since 27 February.
      ...{ dau: 0.1429, mau: 3 },
      ...{ tickets: 1, tickets_answered: 1, first_reply_minutes_mean: 60, csat: 1 },
    });
  });

  it('has the days', async () => {
    const day = (start: string) => figuresOf('day', start);
    expect(await day('2027-02-28T23:00:00Z')).toMatchObject({
      revenue_gross: 2000,
      dau: 2,
      signups: 1,
      trials: 1,
    });
    // long-pause: 90 days; paused: a contraction; refunded: 19 €.
    expect(await day('2027-03-09T23:00:00Z')).toMatchObject({
      ...{
        mrr_contraction: -1900,
        mrr_churn: 0,
        customers_churned: 1,
        revenue_gross: 0,
        revenue_refunds: 1900,
        revenue_net: -1900,
      },
      payment_error_rate: null,
    });
    expect(await day('2027-03-08T23:00:00Z')).toMatchObject({ mrr_new: 0, customers_new: 0, mrr_churn: 0 });
    expect(await day('2027-03-13T23:00:00Z')).toMatchObject({ mrr_expansion: 400 });
    expect(await day('2027-03-15T23:00:00Z')).toMatchObject({ mrr_expansion: 0, mrr_contraction: 0 });
    expect(await day('2027-03-27T23:00:00Z')).toMatchObject({
      ...{
        mrr_new: 2700,
        customers_new: 2,
        revenue_gross: 47000,
        dau: 1,
        mau: 3,
        first_reply_minutes_mean: 60,
      },
    });
    // u1, u2, u4 and u5 in the 30 days since the 1st.
    expect(await day('2027-03-29T22:00:00Z')).toMatchObject({ dau: 0, mau: 4 });
    expect(await day('2027-03-30T22:00:00Z')).toMatchObject({
      mrr_churn: -1000,
      revenue_gross: 5000,
      tickets_answered: 0,
    });
    expect(await day('2027-03-31T22:00:00Z')).toMatchObject({
      mrr_churn: 0,
      revenue_gross: 7000,
      tickets_answered: 1,
    });
  });

  it('has April, after months without a run', async () => {
    expect(await figuresOf('month', '2027-03-31T22:00:00Z')).toMatchObject({
      ...{ mrr: 82916.6667, mrr_new: 2500, customers_new: 1, customers: 19, revenue_gross: 7000, cac: null },
      // tries of tries and l2; of the two that began one paid, after 35 days.
      ...{ trial_to_customer_rate: 0.5, trial_to_customer_cohort_rate: 0, lead_to_trial_rate: null },
      // Notes 3 and 4.
      ...{ csat: 0.5, tickets: 0, resolution_rate: null, first_reply_minutes_median: 60 },
      // Churn 0, 25 %, 0: 82916.6667 ÷ 19 × 12.
      ltv: 52368.4211,
    });
  });

  it('has October, which ends with the day of 25 hours', async () => {
    const month = { mrr_new: 1800, mrr_churn: -800, customers_new: 2, customers_churned: 1 };
    expect(await figuresOf('month', '2027-09-30T22:00:00Z')).toMatchObject({
      // 83716.6667 before it; 100 $ at 0.80 since the 12th instead of 0.95.
      ...{ ...month, mrr: 83216.6667, mrr_fx: -1500, customers: 21, customer_churn_rate: 0.05 },
      ...{ revenue_gross: 47000, dau: 0.0323, mau: 1, first_reply_minutes_mean: 60 },
    });
    expect(await figuresOf('week', '2027-10-24T22:00:00Z')).toMatchObject({
      ...{ ...month, mrr_fx: 0, revenue_gross: 47000 },
    });
    expect(await figuresOf('day', '2027-10-30T22:00:00Z')).toMatchObject({
      ...{ ...month, mrr: 83216.6667, revenue_gross: 15000, dau: 1, first_reply_minutes_mean: 60 },
    });
    expect(await figuresOf('day', '2027-10-31T23:00:00Z')).toMatchObject({
      revenue_gross: 16000,
      mrr_new: 0,
    });
  });
});
