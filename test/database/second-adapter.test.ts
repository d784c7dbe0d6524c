/** A SaaS unlike ours, connected by one SQL file through the command, and used. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseCommand } from '../../src/commands/database.ts';
import { businessSamples } from '../../src/statistics/business-facts.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { settings, talos, useSettings } from '../commands/talos.ts';
import { asRole, cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const FOLDER = path.join(import.meta.dirname, 'second-saas');
const ADAPTER = path.join(FOLDER, 'adapter.sql');
const OPTIONAL = [
  ...['fx_rates', 'acquisition_costs', 'goals', 'tickets'],
  ...['api_calls', 'page_loads', 'contact_permissions'],
].map((view) => `saas.${view}`);
/** The midnight that ends March in Paris. */
const AT = new Date('2027-03-31T22:00:00Z');

let app: ClonedDatabase;
let ops: ClonedDatabase;
let folder: string;
beforeAll(async () => {
  [app, ops] = await Promise.all([cloneDatabase('empty'), cloneDatabase('ops')]);
  folder = await mkdtemp(path.join(tmpdir(), 'talos-second-'));
  await app.db.query(await readFile(path.join(FOLDER, 'tables.sql'), 'utf8'));
  useSettings(settings({ DATABASE_URL: app.url, OPS_DATABASE_URL: ops.url }));
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([app.drop(), ops.drop(), rm(folder, { recursive: true })]);
});

const apply = (adapter: string) => talos(databaseCommand(), 'apply', '--adapter', adapter, '--json');
const call = async (sql: string, ...values: unknown[]): Promise<unknown> =>
  (await app.db.query<{ done: unknown }>(`select ${sql} as done`, values))[0]?.done;

describe('an adapter that does not keep the contract', () => {
  const broken = async (from: string, to: string) => {
    const text = await readFile(ADAPTER, 'utf8');
    expect(text).toContain(from);
    const file = path.join(folder, 'broken.sql');
    await writeFile(file, text.replace(from, to));
    return apply(file);
  };

  it('is refused with the column and the mend, and changes nothing', async () => {
    const cases = [
      [
        "o.opened at time zone 'Europe/Paris' as created_at",
        'o.opened as created_at',
        /saas\.accounts\.created_at is timestamp\. Cast it to timestamptz: \(column at time zone 'UTC'\)/,
      ],
      [
        'round(abs(amount) * 100 / (1 + vat_rate / 100))::bigint as amount_cents',
        'abs(amount) as amount_cents',
        /saas\.payments\.amount_cents is numeric\. Cast it to a whole number \(integer or bigint\): round\(column\)::bigint, or round\(column \* 100\)::bigint for money/,
      ],
      [
        'id::text as lead_id',
        'id as lead_id',
        /saas\.leads\.lead_id is int4\. Cast it to text in the adapter\./,
      ],
      [
        ', bought as converted_at',
        '',
        /saas\.trials\.converted_at is missing\. Select it, as timestamptz, in the adapter\./,
      ],
    ] as const;
    for (const [from, to, message] of cases) {
      const { code, stderr } = await broken(from, to);
      expect(code, from).not.toBe(0);
      expect(stderr).toMatch(message);
      expect(stderr).toContain('nothing was changed');
    }
    expect(await app.db.query(`select from pg_class where relnamespace = to_regnamespace('saas')`)).toEqual(
      [],
    );
  });
});

describe('another SaaS', () => {
  beforeAll(async () => {
    const { code, stdout, stderr } = await apply(ADAPTER);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ adapter: 'applied', changed: true });
  }, 60_000);

  it('keeps the contract, and the views it has nothing for are named', async () => {
    const { code, stdout } = await talos(databaseCommand(), 'check', '--json');
    const { mistakes } = JSON.parse(stdout) as { mistakes: { object: string; problem: string }[] };
    expect(code).toBe(0);
    expect(mistakes.map(({ object }) => object)).toEqual(OPTIONAL);
    expect(new Set(mistakes.map(({ problem }) => problem))).toEqual(new Set(['optional']));
    const readable = await talos(databaseCommand(), 'check');
    expect(readable.stdout).toContain(
      'saas.tickets is not there: figures that need it are null. Create it in the adapter with the columns ticket_id,',
    );
  });

  it('changes nothing when it is applied again', async () => {
    expect(JSON.parse((await apply(ADAPTER)).stdout)).toMatchObject({ changed: false, adapter: 'unchanged' });
  });

  it('has accounts in our words, and terms of its events', async () => {
    await asRole(app.db, 'talos_app', async (tx) => {
      expect(
        await tx.query(
          `select account_id, kind, status, created_at, last_login_at, phone from saas.accounts order by 1 limit 1`,
        ),
      ).toEqual([
        {
          ...{ account_id: '1', kind: 'b2b', status: 'active', phone: '+33639980011' },
          created_at: new Date('2026-12-31T22:30:00Z'),
          // Without staff.
          last_login_at: new Date('2027-03-30T09:00:00Z'),
        },
      ]);
      expect(
        await tx.query(
          `select subscription_id as id, status, interval_months as months, amount_cents as cents, valid_to is null as lasts
             from saas.subscription_terms order by 1, valid_from`,
        ),
      ).toEqual([
        { id: '1', status: 'active', months: 1, cents: 2900, lasts: false },
        { id: '1', status: 'active', months: 12, cents: 34800, lasts: true },
        { id: '2', status: 'active', months: 1, cents: 1000, lasts: false },
        { id: '2', status: 'past_due', months: 1, cents: 1000, lasts: false },
        { id: '2', status: 'active', months: 1, cents: 1000, lasts: true },
        { id: '3', status: 'active', months: 1, cents: 2000, lasts: false },
      ]);
      expect(await tx.query('select account_id, reason from saas.archive_blockers order by 1, 2')).toEqual([
        { account_id: '1', reason: 'subscription' },
        { account_id: '2', reason: 'subscription' },
        { account_id: '2', reason: 'unpaid_invoice' },
      ]);
    });
  });

  it('has its figures, to the cent and without tax; what it cannot know is null', async () => {
    await computeStatistics(app.db, { at: AT, timeZone: 'Europe/Paris', grossMargin: 1 });
    const rows = await app.db.query<{ metric: string; value: number | null }>(
      `select metric, round(value, 4)::float8 as value from maintenance.statistics
        where period_kind = 'month' and period_start = '2027-02-28T23:00:00Z'`,
    );
    expect(Object.fromEntries(rows.map(({ metric, value }) => [metric, value]))).toMatchObject({
      // 29.00 and 10.00; 20.00 went on the 15th; a year of 348.00 is no change.
      ...{
        mrr: 3900,
        mrr_churn: -2000,
        mrr_expansion: 0,
        mrr_contraction: 0,
        customers: 2,
        customers_churned: 1,
      },
      customer_churn_rate: 0.3333,
      // 348.00 + 10.00 + 8.33 (9.99 ÷ 1.2 = 8.325, half up), and 20.00 given back.
      ...{ revenue_gross: 36633, revenue_refunds: 2000, revenue_net: 34633 },
      payment_error_rate: 0.25,
      ...{ leads: 2, trials: 1, signups: 1, lead_to_trial_rate: 0.5 },
      // User 1 alone: the colleague is staff, and 22:30 UTC is April.
      mau: 1,
      ...{ tickets: null, csat: null, cac: null },
    });
    const samples = await businessSamples(app.db, { at: AT, timeZone: 'Europe/Paris', leadHours: 24 });
    expect(samples.map(({ metric, value }) => [metric, value])).toEqual([
      ['hours_without_lead', 278],
      ['customers_lost_percent', 0],
    ]);
  });

  it('is written to by the functions, once each', async () => {
    const trial = (at: string) => call('saas.expire_trial($1, $2)', '4', at);
    // The 14th day ends with 15 March in Paris.
    expect([
      await trial('2027-03-15T22:59:59Z'),
      await trial('2027-03-15T23:00:00Z'),
      await trial('2027-03-16T00:00:00Z'),
    ]).toEqual([false, true, false]);
    const set = (status: string) => call('saas.set_account_status($1, $2)', '3', status);
    expect([
      await set('archived'),
      await set('archived'),
      await set('anonymized'),
      await set('active'),
    ]).toEqual([true, false, true, false]);
    await expect(set('gone')).rejects.toThrow(/no status "gone"/);
    const stop = () => call(`saas.withdraw_permission('2', 'email', now())`);
    expect([await stop(), await stop()]).toEqual([true, false]);
    const notify = () => call(`saas.insert_notification('info', 'T', 'B', 'key')`);
    expect([await notify(), await notify()]).toEqual([true, false]);
    expect(
      await app.db.query(
        `select account_id, status from saas.accounts where account_id in ('3', '4') order by 1`,
      ),
    ).toEqual([
      { account_id: '3', status: 'anonymized' },
      { account_id: '4', status: 'expired' },
    ]);
  });
});
