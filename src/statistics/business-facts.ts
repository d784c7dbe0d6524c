/** What the rules of the business are judged on, counted in the application's database as of one instant. */
import { USUAL_DAYS, type Sample } from '../alerts/index.ts';
import type { Queryable } from '../clients/postgres.ts';

export interface FactsOptions {
  at: Date;
  timeZone: string;
  /** A lack of leads is judged after so long: what is usual is counted before it. */
  leadHours: number;
}

const HOUR_MS = 3_600_000;
const PAYMENT_HOURS = 24;
const WEEK_DAYS = 7;

const LEADS = `
  select (select max(created_at) from saas.leads where created_at <= $1) as last,
         (select count(*) from saas.leads
           where created_at > $1::timestamptz - make_interval(hours => $2) - make_interval(hours => 24 * ${String(USUAL_DAYS)})
             and created_at <= $1::timestamptz - make_interval(hours => $2)) as usual`;

/** Refunds are no attempts: they seldom fail, and would hide those that do. */
const PAYMENTS = `
  select count(*) as attempts, count(*) filter (where status = 'failed') as failed
    from saas.payments
   where kind <> 'refund' and at > $1::timestamptz - make_interval(hours => ${String(PAYMENT_HOURS)}) and at <= $1`;

/** As the figures count customers: who pays, was past due for less than 30 days, or has paused for less than 90. */
const customerAt = (instant: string): string => `coalesce(bool_or(
    valid_from <= ${instant} and (valid_to is null or valid_to > ${instant})
    and case status when 'active' then true when 'past_due' then ${instant} < valid_from + interval '30 days'
                    when 'paused' then ${instant} < valid_from + interval '90 days' else false end
    and (status = 'paused' or amount_cents > 0 and (coalesce(discount_pct, 0) < 100 or ${instant} >= discount_until))), false)`;

const CUSTOMERS = `
  with week as (select ($1::timestamptz at time zone $2 - interval '${String(WEEK_DAYS)} days') at time zone $2 as start),
  accounts as (
    select ${customerAt('week.start')} as at_start, ${customerAt('$1::timestamptz')} as now
      from saas.subscription_terms cross join week
     where valid_from <= $1 and (valid_to is null or valid_to > week.start)
     group by account_id)
  select count(*) filter (where at_start) as customers, count(*) filter (where at_start and not now) as lost
    from accounts`;

async function row<Row extends object>(db: Queryable, text: string, values: unknown[]): Promise<Row> {
  const [first] = await db.query<Row>(text, values);
  if (first === undefined) throw new Error('a count gave no row');
  return first;
}

const share = (part: number, whole: number): number => Math.round((part / whole) * 10_000) / 100;

/** One sample a rule; none where there is nothing to judge: never a lead, no payment, no customer. */
export async function businessSamples(
  db: Queryable,
  { at, timeZone, leadHours }: FactsOptions,
): Promise<Sample[]> {
  const [leads, payments, customers] = await Promise.all([
    row<{ last: Date | null; usual: number }>(db, LEADS, [at, leadHours]),
    row<{ attempts: number; failed: number }>(db, PAYMENTS, [at]),
    row<{ customers: number; lost: number }>(db, CUSTOMERS, [at, timeZone]),
  ]);
  const now = at.getTime();
  const samples: Sample[] = [];
  if (leads.last) {
    const last = leads.last.getTime();
    const perDay = Math.round((leads.usual / USUAL_DAYS) * 10) / 10;
    samples.push({
      ...{ metric: 'hours_without_lead', target: 'leads', at: now, since: last, count: leads.usual },
      value: Math.round(((now - last) / HOUR_MS) * 100) / 100,
      evidence: [{ name: 'usual leads', value: String(perDay) }],
    });
  }
  if (payments.attempts > 0) {
    const { attempts, failed } = payments;
    samples.push({
      ...{ metric: 'payment_errors_percent', target: 'payments', at: now, count: attempts },
      value: share(failed, attempts),
      evidence: [{ name: 'failed payments', value: `${String(failed)} / ${String(attempts)}` }],
    });
  }
  if (customers.customers > 0) {
    const { customers: start, lost } = customers;
    samples.push({
      ...{ metric: 'customers_lost_percent', target: 'customers', at: now, count: start },
      value: share(lost, start),
      evidence: [{ name: 'customers lost', value: `${String(lost)} / ${String(start)}` }],
    });
  }
  return samples;
}
