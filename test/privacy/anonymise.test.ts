import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import {
  CANARY,
  erasable,
  fillWithCanaries,
  giveEverything,
  startPrivacy,
  tablesWith,
  type PrivacySite,
} from './support.ts';

let site: PrivacySite;
beforeAll(async () => (site = await startPrivacy()));
afterAll(() => site.close());

const money = async () =>
  (
    await site.app.db.query(
      `select count(*) as invoices, sum(amount_incl_tax_cents) as cents, sum(tax_cents) as tax,
              (select count(*) from public.payments) as payments,
              (select sum(amount_incl_tax_cents) from public.payments) as paid from public.invoices`,
    )
  )[0];

describe('a customer with a canary in every column', () => {
  let accountId: string;
  let filled: string[];
  beforeAll(async () => {
    [accountId = ''] = await erasable(site.app.db, 1);
    await giveEverything(site.app.db, accountId);
    filled = await fillWithCanaries(site, accountId);
  });

  it('has rows in every table that the map gives to customers', () => {
    const tables = new Set(filled.map((column) => column.split('.').slice(0, 2).join('.')));
    // Keys, dates and words of lists only, or none in this version of Supabase.
    const textless = [
      'account_members',
      'account_status_history',
      'trials',
      'subscription_history',
      'contact_permissions',
    ];
    const expected = [...site.deps.map.tables.values()]
      .filter(
        ({ name, rows }) =>
          rows !== 'nobody' && !name.startsWith('auth.oauth_') && name !== 'maintenance.customer_archives',
      )
      .map(({ name }) => name);
    expect(
      expected.filter((name) => !tables.has(name) && !textless.includes(name.split('.')[1] ?? '')),
    ).toEqual([]);
  });

  it('leaves none outside the legal store, and the money as it was', async () => {
    const before = await money();
    const seen = await tablesWith(site.app.db, CANARY);
    expect(Object.keys(seen).length).toBeGreaterThan(15);
    const { proof, pending } = await site.privacy.anonymizeCustomer(accountId);
    expect(proof).toMatchObject({ reason: 'inactive', mapVersion: site.deps.map.version });
    expect(pending).toBeGreaterThanOrEqual(2);
    expect(await site.privacy.eraseElsewhere(accountId)).toBe(pending);
    expect(Object.keys(await tablesWith(site.app.db, CANARY))).toEqual(['maintenance.legal_store']);
    // Its id is nowhere either, nor in what we keep ourselves.
    expect(await tablesWith(site.app.db, accountId)).toEqual({});
    expect(await tablesWith(site.ops.db, accountId)).toEqual({});
    expect(await tablesWith(site.ops.db, CANARY)).toEqual({});
    expect(await money()).toEqual(before);
    expect(site.gone.messages.some((sid) => sid.startsWith(CANARY))).toBe(true);
  });

  it('is done once: again gives the same proof and changes nothing', async () => {
    const digest = async () =>
      (
        await site.app.db.query(
          `select md5(string_agg(a::text, '' order by id)) as sum from public.accounts a`,
        )
      )[0];
    const before = await digest();
    const again = await site.privacy.anonymizeCustomer(accountId);
    expect(again).toEqual(await site.privacy.anonymizeCustomer(accountId));
    expect(again.pending).toBe(0);
    expect(await digest()).toEqual(before);
    expect(await site.ops.db.query('select count(*) from ops.erasure_proofs')).toEqual([{ count: 1 }]);
  });

  it('keeps what the law wants, and lets go of none of it before its time', async () => {
    const [kept] = await site.app.db.query<{ late: boolean; names: number }>(
      `select bool_and(keep_until = make_date(extract(year from i.issued_on)::int + 10, 12, 31)) as late, count(*) as names
         from maintenance.legal_store s join public.invoices i on i.id::text = s.row_key where s.table_name = 'public.invoices'`,
    );
    expect(kept?.late).toBe(true);
    expect(kept?.names).toBeGreaterThan(0);
    await expect(site.app.db.query('delete from maintenance.legal_store')).rejects.toThrow(/keeps this row/);
    await expect(site.app.db.query(`update maintenance.legal_store set data = '{}'`)).rejects.toThrow(
      /keeps this row/,
    );
    // Neither the worker's ordinary role …
    await expect(site.deps.app.query('select * from maintenance.legal_store')).rejects.toThrow(
      /permission denied/,
    );
    expect(await site.privacy.purge({ at: new Date(), backupMonths: 12 })).toEqual({
      ledger: 0,
      legalStore: 0,
      archives: 0,
    });
  });
});

describe('what forbids it', () => {
  it.each([
    [
      'legal_hold',
      (id: string) => [
        `insert into public.legal_holds (account_id, reason, opened_at) values ($1, 'x', now())`,
        id,
      ],
    ],
    [
      'unpaid_invoice',
      (id: string) => [`update public.invoices set status = 'open' where account_id = $1`, id],
    ],
  ])('%s: nothing is changed, nor entered in the ledger', async (reason, block) => {
    const [accountId = ''] = await erasable(site.app.db, 1);
    const [sql = '', id] = block(accountId);
    await site.app.db.query(sql, [id]);
    await expect(site.privacy.anonymizeCustomer(accountId)).rejects.toMatchObject({
      type: 'CustomerBlocked',
      nonRetryable: true,
      details: [[reason]],
    });
    expect(
      await site.app.db.query(`select status::text from public.accounts where id = $1`, [accountId]),
    ).not.toEqual([{ status: 'anonymized' }]);
    expect(
      await site.ops.db.query('select * from ops.erasures where subject = $1', [
        site.deps.ledger.subjectOf(accountId),
      ]),
    ).toEqual([]);
  });

  it('an account that nobody knows', async () => {
    for (const id of [randomUUID(), 'not-a-uuid'])
      await expect(site.privacy.anonymizeCustomer(id)).rejects.toMatchObject({
        type: 'AccountUnknown',
        nonRetryable: true,
      });
  });

  it('a map with a hole', async () => {
    const [accountId = ''] = await erasable(site.app.db, 1);
    await site.app.db.query('alter table public.accounts add iban text');
    await expect(site.privacy.anonymizeCustomer(accountId)).rejects.toMatchObject({
      type: 'PrivacyMapIncomplete',
    });
    expect(await site.privacy.checkMap()).toMatchObject([
      { object: 'public.accounts.iban', problem: 'unmapped' },
    ]);
    await site.app.db.query('alter table public.accounts drop iban');
  });

  it('a role without the rights', async () => {
    const [accountId = ''] = await erasable(site.app.db, 1);
    await site.app.db.query('revoke delete on public.tickets from talos_privacy');
    await expect(site.privacy.anonymizeCustomer(accountId)).rejects.toMatchObject({
      type: 'PrivacyRightsMissing',
    });
    await site.app.db.query('grant delete on public.tickets to talos_privacy');
  });
});

it('leaves a person who belongs to another customer too', async () => {
  const [accountId = '', other = ''] = await erasable(site.app.db, 2);
  const [shared] = await site.app.db.query<{ user_id: string }>(
    'select user_id::text from public.account_members where account_id = $1',
    [accountId],
  );
  await site.app.db.query(`insert into public.account_members values ($1, $2, 'member', now())`, [
    other,
    shared?.user_id,
  ]);
  await site.privacy.anonymizeCustomer(accountId);
  expect(await site.app.db.query('select id::text from auth.users where id = $1', [shared?.user_id])).toEqual(
    [{ id: shared?.user_id }],
  );
});
