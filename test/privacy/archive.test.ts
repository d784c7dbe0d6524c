import { randomUUID } from 'node:crypto';
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { identityText } from './support-archive.ts';
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

/** Every row of the account as text, by table, without what says when it was touched. */
async function rowsOf(accountId: string): Promise<Record<string, unknown>> {
  const { readCatalogue } = await import('../../src/database/index.ts');
  const { readContent } = await import('../../src/privacy/content.ts');
  const { map } = site.deps;
  const catalogue = await readCatalogue(site.app.db, map.schemas, [...map.tables.keys()]);
  const { tables } = await readContent(site.app.db, { map, catalogue }, accountId);
  return Object.fromEntries(
    tables
      .filter(({ name }) => name !== 'public.account_status_history')
      .map(({ name, rows }) => [name, rows.map((row) => JSON.parse(row) as unknown)]),
  );
}

const keys = async (): Promise<string[]> => {
  const found: string[] = [];
  for await (const { key } of site.store.list('customers/')) found.push(key);
  return found;
};

async function fullAccount(at = 0): Promise<string> {
  const accountId = (await erasable(site.app.db, at + 1))[at] ?? '';
  await giveEverything(site.app.db, accountId);
  await fillWithCanaries(site, accountId);
  return accountId;
}

describe('archive and return', () => {
  let accountId: string;
  let before: Record<string, unknown>;
  let status: string;

  it('leaves the active base without what the archive holds', async () => {
    accountId = await fullAccount();
    before = await rowsOf(accountId);
    [{ status = '' } = {}] = await site.app.db.query<{ status?: string }>(
      'select status from saas.accounts where account_id = $1',
      [accountId],
    );
    site.files.set((await filesOf(accountId))[0] ?? '', Buffer.from('photo'));
    const archived = await site.privacy.archiveCustomer(accountId);
    expect(archived.counts).toMatchObject({
      'public.accounts': 1,
      'public.ticket_messages': expect.any(Number) as number,
    });
    expect(archived.bytes).toBeGreaterThan(500);
    // What stays: the account's language; sign-in, accounting and contract, until anonymisation.
    expect(
      Object.keys(await tablesWith(site.app.db, CANARY))
        .filter((name) => name.startsWith('public.'))
        .sort(),
    ).toEqual(
      [
        'accounts',
        'api_request_logs',
        'contact_permissions',
        'invoices',
        'legal_holds',
        'payments',
        'subscriptions',
      ].map((name) => `public.${name}`),
    );
    expect(
      await site.app.db.query('select name, email, status::text from public.accounts where id = $1', [
        accountId,
      ]),
    ).toEqual([{ name: 'Compte anonymisé', email: null, status: 'archived' }]);
    expect(
      await site.app.db.query('select 1 from public.api_tokens where account_id = $1', [accountId]),
    ).toEqual([]);
  });

  it('is done once', async () => {
    const found = await keys();
    expect(found).toHaveLength(2);
    expect(found.join(' ')).not.toContain(accountId);
    await site.privacy.archiveCustomer(accountId);
    expect(await keys()).toEqual(found);
  });

  it('is exported from the archive', async () => {
    const chunks: Buffer[] = [];
    const to = new Writable({ write: (chunk: Buffer, _encoding, done) => (chunks.push(chunk), done()) });
    const exported = await site.privacy.exportCustomer(accountId, to);
    expect(exported.files).toBe(1);
    const text = Buffer.concat(chunks).toString('utf8');
    expect(text).toContain(`${CANARY} tickets.subject`);
    expect(text).toContain("DONNÉES D'UN CLIENT");
    // Of keys and passwords nothing travels.
    expect(text).not.toContain('encrypted_password');
    expect(text).not.toContain('token_hash');
  });

  it('returns as it was, every row of every table', async () => {
    const restored = await site.privacy.restoreCustomer(accountId);
    expect(restored.status).toBe(status);
    const now = await rowsOf(accountId);
    expect(now).toEqual(before);
    expect(await site.privacy.restoreCustomer(accountId)).toEqual({ counts: {}, status });
    expect(
      await site.ops.db.query('select released_at is not null as released from ops.customer_archives'),
    ).toEqual([{ released: true }]);
  });

  it('goes for good with anonymisation: neither key nor archive is left', async () => {
    await site.privacy.archiveCustomer(accountId);
    expect(await keys()).toHaveLength(4);
    await site.privacy.anonymizeCustomer(accountId, { reason: 'request' });
    await site.privacy.eraseElsewhere(accountId);
    expect(await keys()).toEqual([]);
    await expect(site.privacy.restoreCustomer(accountId)).rejects.toMatchObject({
      type: 'CustomerAnonymized',
      nonRetryable: true,
    });
  });
});

const filesOf = async (accountId: string): Promise<string[]> =>
  (
    await site.app.db.query<{ name: string }>(
      `select bucket_id || '/' || name as name from storage.objects
        where owner_id in (select user_id::text from public.account_members where account_id = $1) order by 1`,
      [accountId],
    )
  ).map(({ name }) => name);

describe('when something is wrong', () => {
  it('nothing leaves while rows change under it', async () => {
    const accountId = await fullAccount();
    const changing = {
      ...site.deps,
      zstd: async () => {
        await site.app.db.query(`update public.tickets set subject = 'changed' where account_id = $1`, [
          accountId,
        ]);
        return site.deps.zstd();
      },
    };
    const { createPrivacy } = await import('../../src/privacy/index.ts');
    await expect(createPrivacy(changing).archiveCustomer(accountId)).rejects.toMatchObject({
      type: 'CustomerChanged',
      nonRetryable: false,
    });
    expect(
      await site.app.db.query('select count(*) > 0 as there from public.tickets where account_id = $1', [
        accountId,
      ]),
    ).toEqual([{ there: true }]);
    // The next attempt destroys what that one left.
    await site.privacy.archiveCustomer(accountId);
    expect(
      await site.ops.db.query('select count(*) from ops.customer_archives where account_id = $1', [
        accountId,
      ]),
    ).toEqual([{ count: 1 }]);
  });

  it('nothing leaves when the bucket does not give back what was written', async () => {
    const accountId = await fullAccount(1);
    const { createPrivacy } = await import('../../src/privacy/index.ts');
    const store = {
      ...site.store,
      get: async (key: string) => (key.endsWith('.age') ? undefined : site.store.get(key)),
    };
    await expect(createPrivacy({ ...site.deps, store }).archiveCustomer(accountId)).rejects.toMatchObject({
      type: 'ObjectMissing',
    });
    expect(
      await site.app.db.query('select 1 from maintenance.customer_archives where account_id = $1', [
        accountId,
      ]),
    ).toEqual([]);
    expect(
      await site.app.db.query('select count(*) > 0 as there from public.tickets where account_id = $1', [
        accountId,
      ]),
    ).toEqual([{ there: true }]);
  });

  it('an archive without its key, or with another master key, is opened by nobody', async () => {
    const accountId = await fullAccount(1);
    const { objectKey } = await site.privacy.archiveCustomer(accountId);
    const { createPrivacy } = await import('../../src/privacy/index.ts');
    const other = createPrivacy({ ...site.deps, masterKey: 'another-master-key-0123456789abcdefghij' });
    await expect(other.restoreCustomer(accountId)).rejects.toMatchObject({
      type: 'WrongKey',
      nonRetryable: true,
    });
    const identity = objectKey.replace('archive.tar.zst.age', 'identity.json');
    expect(await identityText(site.store, identity)).not.toContain('AGE-SECRET-KEY');
    await site.store.remove(identity);
    await expect(site.privacy.restoreCustomer(accountId)).rejects.toMatchObject({
      type: 'ArchiveDestroyed',
      nonRetryable: true,
    });
  });

  it('somebody else has the address meanwhile', async () => {
    const accountId = await fullAccount(2);
    const [{ email } = { email: '' }] = await site.app.db.query<{ email: string }>(
      'select email from public.accounts where id = $1',
      [accountId],
    );
    await site.privacy.archiveCustomer(accountId);
    await site.app.db.query(`insert into public.accounts (name, kind, email) values ('x', 'b2c', $1)`, [
      email,
    ]);
    await expect(site.privacy.restoreCustomer(accountId)).rejects.toMatchObject({
      type: 'RestoreConflict',
      nonRetryable: true,
    });
    await site.app.db.query(`delete from public.accounts where name = 'x'`);
    expect((await site.privacy.restoreCustomer(accountId)).counts['public.accounts']).toBe(1);
  });

  it('a column that the archive holds is gone', async () => {
    const accountId = await fullAccount(3);
    await site.privacy.archiveCustomer(accountId);
    await site.app.db.query('alter table public.tickets rename csat_comment to remark');
    await expect(site.privacy.restoreCustomer(accountId)).rejects.toMatchObject({
      type: 'PrivacyMapIncomplete',
    });
    await site.app.db.query('alter table public.tickets rename remark to csat_comment');
  });

  it('an account that nobody knows, or that may not be archived', async () => {
    await expect(site.privacy.archiveCustomer(randomUUID())).rejects.toMatchObject({
      type: 'AccountUnknown',
    });
    const [blocked] = await site.app.db.query<{ id: string }>(
      `select account_id as id from saas.archive_blockers where reason = 'subscription' limit 1`,
    );
    await expect(site.privacy.archiveCustomer(blocked?.id ?? '')).rejects.toMatchObject({
      type: 'CustomerBlocked',
      nonRetryable: true,
    });
  });
});
