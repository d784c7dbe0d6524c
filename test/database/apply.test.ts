import { writeFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyDatabase, checkContract, databaseId } from '../../src/database/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';

let app: ClonedDatabase;
let ops: ClonedDatabase;
let empty: ClonedDatabase;
let folder: string;
beforeAll(async () => {
  [app, ops, empty] = [await cloneDatabase('app'), await cloneDatabase('ops'), await cloneDatabase('empty')];
  folder = await mkdtemp(join(tmpdir(), 'talos-adapter-'));
});
afterAll(async () => {
  await Promise.all([app.drop(), ops.drop(), empty.drop(), rm(folder, { recursive: true })]);
});

const adapter = async (sql: string): Promise<string> => {
  const file = join(folder, 'adapter.sql');
  await writeFile(file, sql);
  return file;
};

describe('applyDatabase', () => {
  it('changes nothing the second time, and says so', async () => {
    const written = 'select sum(xmin::text::bigint) as written from pg_class';
    const before = await app.db.query(written);
    const report = await applyDatabase({ appUrl: app.url, opsUrl: ops.url });
    expect(report).toEqual({
      changed: false,
      statements: [],
      migrations: { app: [], ops: [] },
      adapter: 'unchanged',
      contract: [],
      warnings: [],
      withoutPassword: [],
    });
    expect(await app.db.query(written)).toEqual(before);
  });

  it('mends what somebody has broken: a dropped view, a schema opened to everyone', async () => {
    await app.db.query('drop view saas.trials; grant usage on schema saas to anon, public');
    const report = await applyDatabase({ appUrl: app.url, opsUrl: ops.url });
    expect(report.adapter).toBe('applied');
    expect(report.statements.toSorted()).toEqual([
      'revoke all on schema saas from anon',
      'revoke all on schema saas from public',
    ]);
    expect(await checkContract(app.db)).toEqual([]);
  });

  it('serves two databases in one, applied twice at the same time, by an adapter that gives one view', async () => {
    const options = {
      appUrl: empty.url,
      opsUrl: empty.url,
      adapterFile: await adapter(
        `create view saas.payments as select '1' as payment_id, 'a' as account_id, now() as at, 'one_off' as kind,
         'succeeded' as status, 1200 as amount_cents, 'EUR' as currency`,
      ),
    };
    const reports = await Promise.all([applyDatabase(options), applyDatabase(options)]);
    expect(reports.map(({ changed }) => changed).toSorted()).toEqual([false, true]);
    const missing = reports[0].contract
      .filter(({ problem }) => problem === 'missing')
      .map(({ object }) => object);
    expect(missing).toContain('saas.accounts');
    expect(missing).toContain('saas.expire_trial(text,timestamptz)');
    expect(missing).not.toContain('saas.payments');
    expect(reports[0].contract.filter(({ problem }) => problem === 'optional')).toHaveLength(7);
    // What is built on the contract still compiles, and a missing function says what it is.
    expect(await empty.db.query('select * from saas.tickets')).toEqual([]);
    await expect(empty.db.query(`select saas.expire_trial('1', now())`)).rejects.toThrow(
      /adapter missing: saas.expire_trial/,
    );
  });

  it('documents in contract.sql the same views, columns and functions as the program checks', async () => {
    // Without the comment that marks it as empty, a view of contract.sql counts like an adapter's.
    await empty.db.query(
      `do $$ declare o text; begin
         for o in select 'view ' || oid::regclass from pg_class where relnamespace = 'saas'::regnamespace
                  union all select 'function ' || oid::regprocedure from pg_proc where pronamespace = 'saas'::regnamespace
         loop execute format('comment on %s is null', o); end loop; end $$`,
    );
    expect(await checkContract(empty.db)).toEqual([]);
  });

  it('refuses an adapter with a wrong type or a missing column, names both, and keeps the last one', async () => {
    const adapterFile = await adapter(
      `create view saas.payments as select '1' as payment_id, 'a' as account_id, 12.5 as amount_cents, 'EUR' as currency,
       'one_off' as kind, 'succeeded' as status`,
    );
    const refused = applyDatabase({ appUrl: app.url, opsUrl: ops.url, adapterFile });
    await expect(refused).rejects.toThrow(
      /saas\.payments\.at is missing[^]*saas\.payments\.amount_cents is numeric\. Cast it to a whole number/,
    );
    expect(await checkContract(app.db)).toEqual([]);
  });
});

describe('databaseId', () => {
  it('is another for a copy, and the same for the same database', async () => {
    const copy = await cloneDatabase('app');
    expect(await databaseId(copy.db)).not.toBe(await databaseId(app.db));
    expect(await databaseId(app.db)).toBe(await databaseId(app.db));
    await copy.drop();
  });
});
