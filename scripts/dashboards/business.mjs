/** Business, from schema `maintenance` of the application's database (docs/kpis.md). Money is cents there, euros here. */
import { build, ofPostgres } from './panels.mjs';

const EURO = { unit: 'currencyEUR' };
const SHARE = { unit: 'percentunit' };

/** Figures of days, weeks or months, one line a metric. */
const over = (kind, metrics, divisor = 1) =>
  `select period_start as "time", metric, (value${divisor === 1 ? '' : ` / ${divisor}`})::float8 as value
  from maintenance.statistics
 where period_kind = '${kind}' and metric in (${metrics.map((name) => `'${name}'`).join(', ')})
   and value is not null and $__timeFilter(period_start)
 order by 1, 2`;

/** Of the last period that has one, whatever the range. */
const last = (metric, divisor = 1) =>
  `select period_start as "time", (value / ${divisor})::float8 as "${metric}"
  from maintenance.statistics
 where period_kind = 'day' and metric = '${metric}' and value is not null
 order by period_start desc limit 1`;

const small = { width: 4, height: 4 };

export const business = () =>
  build({
    title: 'TalosPrimes Maintenance: business',
    uid: 'talos-business',
    from: 'now-90d',
    rows: [
      [
        'Today',
        [
          ofPostgres('stat', 'MRR', last('mrr', 100), { ...small, ...EURO }),
          ofPostgres('stat', 'Paying customers', last('customers'), small),
          ofPostgres('stat', 'Net revenue', last('revenue_net', 100), { ...small, ...EURO }),
          ofPostgres('stat', 'Sign-ups', last('signups'), small),
          ofPostgres('stat', 'Trial → customer, 30 days', last('trial_to_customer_rate'), {
            ...small,
            ...SHARE,
          }),
          ofPostgres('stat', 'Daily active users', last('dau'), small),
        ],
      ],
      [
        'Revenue',
        [
          ofPostgres('lines', 'MRR', over('day', ['mrr'], 100), EURO),
          ofPostgres(
            'lines',
            'Movements of the MRR, by month',
            over(
              'month',
              ['mrr_new', 'mrr_reactivation', 'mrr_expansion', 'mrr_contraction', 'mrr_churn', 'mrr_fx'],
              100,
            ),
            EURO,
          ),
          ofPostgres(
            'lines',
            'Revenue by day',
            over('day', ['revenue_gross', 'revenue_refunds', 'revenue_net'], 100),
            EURO,
          ),
          ofPostgres('lines', 'Per customer, by month', over('month', ['arpu', 'ltv', 'cac'], 100), EURO),
          ofPostgres(
            'lines',
            'Churn and retention, by month',
            over('month', [
              'customer_churn_rate',
              'gross_mrr_churn_rate',
              'net_mrr_churn_rate',
              'net_revenue_retention',
            ]),
            SHARE,
          ),
          ofPostgres('lines', 'Failed payments', over('day', ['payment_error_rate']), SHARE),
        ],
      ],
      [
        'Customers',
        [
          ofPostgres('lines', 'Paying customers', over('day', ['customers'])),
          ofPostgres(
            'lines',
            'Came and went, by week',
            over('week', ['customers_new', 'customers_reactivated', 'customers_churned']),
          ),
          ofPostgres('lines', 'Leads, trials, sign-ups', over('day', ['leads', 'trials', 'signups'])),
          ofPostgres(
            'lines',
            'Conversion, by week',
            over('week', ['lead_to_trial_rate', 'trial_to_customer_rate', 'trial_to_customer_cohort_rate']),
            SHARE,
          ),
          ofPostgres('lines', 'Active users', over('day', ['dau', 'mau'])),
          ofPostgres('lines', 'Stickiness (DAU ÷ MAU)', over('day', ['stickiness']), SHARE),
        ],
      ],
      [
        'Support and speed',
        [
          ofPostgres('lines', 'Tickets', over('day', ['tickets', 'tickets_answered'])),
          ofPostgres(
            'lines',
            'First reply',
            over('week', ['first_reply_minutes_mean', 'first_reply_minutes_median']),
            { unit: 'm' },
          ),
          ofPostgres(
            'lines',
            'Resolution and satisfaction, by week',
            over('week', ['resolution_rate', 'csat']),
            SHARE,
          ),
          ofPostgres('lines', 'API', over('hour', ['api_ms_mean', 'api_ms_p95']), { unit: 'ms' }),
          ofPostgres('lines', 'Page load, 75th percentile', over('day', ['page_load_ms_p75']), {
            unit: 'ms',
          }),
          ofPostgres(
            'lines',
            'Availability',
            `select period_start as "time", substr(metric, 14) as metric, value::float8 as value
  from maintenance.statistics
 where period_kind = 'day' and metric like 'availability:%' and value is not null and $__timeFilter(period_start)
 order by 1, 2`,
            SHARE,
          ),
        ],
      ],
      [
        'Months',
        [
          ofPostgres('table', 'Month by month', 'select * from maintenance.monthly_summary order by 1 desc', {
            width: 24,
            height: 10,
          }),
        ],
      ],
    ],
  });
