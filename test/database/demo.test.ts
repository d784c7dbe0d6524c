import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Postgres } from '../../src/clients/postgres.ts';
import { seedDemo } from '../../src/dev/demo-database.ts';
import { DEMO_NOW, cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';

let app: ClonedDatabase;
beforeAll(async () => {
  app = await cloneDatabase('app');
});
afterAll(() => app.drop());

/** Every row of the demo's own tables, in the order it was written. */
async function digest(db: Postgres): Promise<Record<string, string>> {
  const tables = await db.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class where relkind in ('r', 'm') and not relispartition
     and relnamespace::regnamespace::text in ('auth', 'storage', 'public') order by 1`,
  );
  const entries: [string, string][] = [];
  for (const { name } of tables) {
    const [row] = await db.query<{ md5: string }>(
      `select md5(coalesce(string_agg(md5(t::text), '' order by ctid), '')) as md5 from ${name} t`,
    );
    entries.push([name, row?.md5 ?? '']);
  }
  return Object.fromEntries(entries);
}

describe('the demo', () => {
  it('is the same for the same instant', async () => {
    const second = await cloneDatabase('empty');
    await seedDemo({ url: second.url, now: DEMO_NOW });
    expect(await digest(second.db)).toEqual(await digest(app.db));
    await expect(seedDemo({ url: second.url, now: DEMO_NOW })).rejects.toThrow(
      /only loaded into an empty database/,
    );
    await second.drop();
  });

  it('loads on any day: a leap day that is the last of a month, a clock change', async () => {
    for (const now of ['2028-02-29T23:59:00Z', '2027-10-31T00:30:00Z']) {
      const other = await cloneDatabase('empty');
      await seedDemo({ url: other.url, now: new Date(now) });
      const [row] = await other.db.query<{ late: number }>(
        `select (select count(*) from public.activity_events where at > $1) + (select count(*) from public.payments where at > $1)
           + (select count(*) from public.accounts where created_at > $1) + (select count(*) from public.tickets where resolved_at > $1) as late`,
        [now],
      );
      expect(row?.late, `rows after ${now}`).toBe(0);
      await other.drop();
    }
  });

  it('has a believable year: growth, working days, churn, failures, and work for every job', async () => {
    const [facts] = await app.db.query<Record<string, number>>(
      `with at(now) as (values ($1::timestamptz)), mrr as (
         select t, sum(amount_cents / interval_months) as cents from at, unnest(array[now - interval '11 months', now]) as t
         join saas.subscription_terms on status in ('active', 'past_due') and valid_from <= t and (valid_to is null or valid_to > t)
         where currency = 'EUR' group by t)
       select (select max(cents) / min(cents) from mrr)::float as growth,
         (select count(*) filter (where extract(isodow from created_at) > 5)::float / count(*) from saas.accounts) as weekend,
         (select count(*) filter (where status = 'failed')::float / count(*) from saas.payments) as failed,
         (select count(*) from saas.payments where kind = 'refund') as refunds,
         (select count(distinct currency) from saas.payments) as currencies,
         (select count(*) from saas.subscription_terms where interval_months = 12) as annual,
         (select count(*) from at, saas.trials where expired_at is null and converted_at is null and ends_at < now) as to_expire,
         (select count(*) from at, saas.trials t join saas.accounts a using (account_id) where expired_at is null
            and converted_at is null and ends_at > now and a.last_activity_at < now - interval '3 days') as to_nudge,
         (select count(*) from saas.accounts where status = 'trial' and last_login_at is null) as never_logged_in,
         (select count(*) from at, saas.accounts where status in ('expired', 'inactive') and last_activity_at < now - interval '6 months'
            and account_id not in (select account_id from saas.archive_blockers)) as to_archive,
         (select count(distinct reason) from saas.archive_blockers) as blockers,
         (select count(*) from at, auth.sessions where not_after < now) as dead_sessions,
         (select count(*) from at, public.app_logs where at < now - interval '90 days') as old_logs,
         (select count(distinct csat) from saas.tickets) as ratings,
         (pg_database_size(current_database()) / 1e6)::float as megabytes from at`,
      [DEMO_NOW],
    );
    expect(facts?.growth).toBeGreaterThan(3);
    expect(facts?.weekend).toBeLessThan(0.12);
    expect(facts?.failed).toBeGreaterThan(0.02);
    expect(facts?.failed).toBeLessThan(0.08);
    expect(facts).toMatchObject({ currencies: 4, blockers: 4, ratings: 5 });
    for (const some of [
      'refunds',
      'annual',
      'to_expire',
      'to_nudge',
      'never_logged_in',
      'to_archive',
      'dead_sessions',
      'old_logs',
    ])
      expect(facts?.[some], some).toBeGreaterThan(5);
    // Few enough that the first real run does not stop at the brake (5 % of the accounts).
    expect(facts?.to_archive).toBeLessThan(76);
    expect(facts?.megabytes).toBeLessThan(80);
  });

  it('keeps what figures rest on: terms that never overlap, tax taken out to the cent', async () => {
    expect(
      await app.db.query(
        `select a.subscription_id from saas.subscription_terms a join saas.subscription_terms b using (subscription_id)
         where a.valid_from < b.valid_from and coalesce(a.valid_to, 'infinity') > b.valid_from`,
      ),
    ).toEqual([]);
    const [row] = await app.db.query(
      `select sum(p.amount_cents - i.amount_excl_tax_cents) as difference from saas.payments p
       join public.payments raw on raw.id::text = p.payment_id join public.invoices i on i.id = raw.invoice_id`,
    );
    expect(row).toEqual({ difference: '0' });
  });

  it('writes to nobody: reserved domains, fictional numbers', async () => {
    const [row] = await app.db.query(
      `select (select count(*) from saas.accounts where email !~ '@(example|exemple)\\.test$')
         + (select count(*) from auth.users where email !~ '@(example|exemple)\\.test$')
         + (select count(*) from saas.accounts where phone !~ '^\\+3363998\\d{4}$')
         + (select count(*) from auth.users where phone !~ '^3363998') as real`,
    );
    expect(row).toEqual({ real: 0 });
  });
});
