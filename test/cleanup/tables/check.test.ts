import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createPostgres, type Postgres } from '../../../src/clients/postgres.ts';
import {
  authRules,
  createTableSource,
  expiredRules,
  logRules,
  type TableRule,
} from '../../../src/cleanup/tables/index.ts';
import { readDatabaseFile } from '../../../src/database/files.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

/** Everything that is refused before the first deletion, as the role that deletes, on Supabase's tables as they are. */

const role = `clean_${randomBytes(4).toString('hex')}`;
const never = new AbortController().signal;
let app: ClonedDatabase;
let cleaner: Postgres;

beforeAll(async () => {
  app = await cloneDatabase('app');
  await app.db.query(`create role ${role} login password 'test' in role talos_app`);
  await app.db.query(await readDatabaseFile('grants/supabase-cleanup.sql'));
  const url = Object.assign(new URL(app.url), { username: role, password: 'test' }).href;
  cleaner = createPostgres({ url, applicationName: 'talos-test' });
});
afterAll(async () => {
  await cleaner.close();
  await app.db.query(`drop owned by ${role}; drop role ${role}`);
  await app.drop();
});

const check = (rule: TableRule | undefined, db = cleaner) => {
  if (!rule) throw new Error('no rule');
  return createTableSource(db, rule).check(never);
};
const authRule = (table: string) => authRules(30).find((rule) => rule.table === table);
const expired = (table: string, expiredWhen: string) =>
  expiredRules({ auth: false, sessionIdleDays: 0, tables: [{ table, expiredWhen }] })[0];

test('with the grants that we ship, every rule of auth finds what the owner finds', async () => {
  const at = new Date();
  const rules = [...authRules(30), ...logRules({ keepDays: 90, tables: [] })];
  expect(rules.length).toBeGreaterThan(8);
  for (const rule of rules) {
    if (!rule.important) expect(await check(rule), rule.table).toEqual([]);
    const [ours, owners] = await Promise.all(
      [cleaner, app.db].map((db) => createTableSource(db, rule).find(at, never)),
    );
    expect(ours?.count, rule.table).toBe(owners?.count);
  }
});

test('rows that are hidden from the role do not count as gone', async () => {
  await app.db.query('drop policy talos_cleanup on auth.users');
  await expect(check(authRule('refresh_tokens'))).rejects.toMatchObject({
    type: 'RowSecurityHides',
    message: expect.stringContaining('auth.users') as string,
  });
  await expect(check(authRule('sessions'))).resolves.toEqual([]);
  await app.db.query('drop policy talos_cleanup on auth.sessions');
  await expect(check(authRule('sessions'))).rejects.toMatchObject({ type: 'RowSecurityHides' });
  await app.db.query(await readDatabaseFile('grants/supabase-cleanup.sql'));
  await expect(check(authRule('refresh_tokens'))).resolves.toEqual([]);
});

describe('a rule of maintenance.yaml is refused', () => {
  test.each([
    ['public.nowhere', 'true', 'TableMissing'],
    ['pg_catalog.pg_class', 'true', 'TableNotPlain'],
    ['storage.objects', 'true', 'TableNotPlain'],
    ['public.api_tokens', 'expires_at < :now', 'TablePermissionMissing'],
    ['auth.sessions', 'not_after < :now; drop table auth.sessions', undefined],
    ['auth.sessions', 'no_such_column < :now', undefined],
    ['auth.sessions', `not_after < :now) or (true`, undefined],
    ['auth.sessions', `not_after < :now -- `, undefined],
  ])('%s where %s', async (table, when, type) => {
    const refusal = await check(expired(table, when)).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(Error);
    expect(refusal).toMatchObject({
      ...(type && { type }),
      message: expect.stringContaining('cleanup.expired.tables') as string,
    });
  });

  test('and the text of a missing right is the statement that mends it', async () => {
    const refusal = (await check(expired('public.api_tokens', 'expires_at < :now')).catch(
      (error: unknown) => error,
    )) as Error;
    const [grant = ''] = /grant select, update, delete on [^;]+/.exec(refusal.message) ?? [];
    await app.db.query(grant);
    await expect(check(expired('public.api_tokens', 'expires_at < :now'))).rejects.toMatchObject({
      type: 'RowSecurityHides',
    });
  });
});
