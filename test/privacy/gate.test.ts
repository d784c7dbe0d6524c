/** A restored database stays closed to the application until nobody is in it who was erased. */
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgres, openPostgresSession } from '../../src/clients/postgres.ts';
import { reapplyInto } from '../../src/commands/restore-gate.ts';
import { closeDatabase, createLedger, openDatabase } from '../../src/privacy/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { erasable, startPrivacy, type PrivacySite } from './support.ts';

let site: PrivacySite;
let restored: ClonedDatabase;
let erased: string;
const application = `application_${randomBytes(4).toString('hex')}`;

beforeAll(async () => {
  [site, restored] = await Promise.all([startPrivacy(), cloneDatabase('app')]);
  [erased = ''] = await erasable(site.app.db, 1);
  await site.privacy.anonymizeCustomer(erased);
  await site.app.db.query(`create role ${application} login password 'test' in role talos_app`);
});
afterAll(async () => {
  await restored.drop();
  await site.app.db.query(`drop role ${application}`);
  await site.close();
});

/** Whether the application gets in, with its own login. */
async function comesIn(): Promise<boolean> {
  const url = new URL(restored.url);
  Object.assign(url, { username: application, password: 'test' });
  const db = createPostgres({ url: url.href, applicationName: 'talos-test', max: 1 });
  try {
    await db.query('select 1');
    return true;
  } catch (error) {
    expect((error as Error).message).toMatch(/permission denied for database/);
    return false;
  } finally {
    await db.close();
  }
}

const isThere = async () =>
  (await restored.db.query('select from public.accounts where id = $1', [erased])).length === 1;

describe('a restored database', () => {
  it('is closed, and stays so when the erasures cannot be re-applied', async () => {
    const session = await openPostgresSession({ url: restored.url, applicationName: 'talos-restore' });
    expect(await closeDatabase(session)).toEqual({ closed: true });
    await session.close();
    expect(await comesIn()).toBe(false);
    const ledger = createLedger('another-ledger-key-0123456789abcdefghijkl');
    await expect(reapplyInto(restored.url, { ...site.deps, ledger })).rejects.toMatchObject({
      type: 'LedgerKeyChanged',
    });
    await restored.db.query('alter table public.accounts add iban text');
    await expect(reapplyInto(restored.url, site.deps)).rejects.toMatchObject({
      type: 'PrivacyMapIncomplete',
    });
    await restored.db.query('alter table public.accounts drop iban');
    expect(await isThere()).toBe(true);
    expect(await comesIn()).toBe(false);
  });

  it('opens once they are', async () => {
    expect(await reapplyInto(restored.url, site.deps)).toMatchObject({ reapplied: 1 });
    expect(await isThere()).toBe(false);
    expect(await comesIn()).toBe(true);
  });

  it('that somebody else closed is not ours to open', async () => {
    const [row] = await restored.db.query<{ name: string }>('select quote_ident(current_database()) as name');
    await restored.db.query(`revoke connect on database ${row?.name ?? ''} from public`);
    await openDatabase(restored.db);
    expect(await comesIn()).toBe(false);
  });

  it('of another owner is told to be open still', async () => {
    const session = await openPostgresSession({ url: site.app.url, applicationName: 'talos-test' });
    await session.query(`set role ${application}`);
    expect(await closeDatabase(session)).toMatchObject({ closed: false });
    await session.close();
  });
});
