import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { planRestore, restoreInto, type RestoreIntoOptions } from '../../src/backup/index.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { resolveTables } from '../../src/backup/restore-source.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000000';
const STRANGE = `Ünïcode "schéma".Tàble 'é'`;
let source: ClonedDatabase;
let store: ObjectStore;
let key: EphemeralKey;
let workDir: string;
let manifest: Manifest;

beforeAll(async () => {
  [source, key, workDir] = await Promise.all([
    cloneDatabase('empty'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-tables-')),
  ]);
  const variety = await readFile(path.join(import.meta.dirname, 'variety.sql'), 'utf8');
  // Roles belong to the server that the test files share.
  const roles = `do $$ begin create role variety_reader; exception when others then end $$;
    do $$ begin create role "Variety ""Writer"""; exception when others then end $$;`;
  await source.db.query(roles + variety.replace(/^create role .*$/m, ''));
  // More than pipes hold, after all the others: who wants no row of it ends long before the object does.
  await source.db.query(
    `create table zzz_large as select n, md5(random()::text) || md5(random()::text) as t from generate_series(1, 100000) n`,
  );
  store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
  manifest = await takeBackup({
    store,
    folder: FOLDER,
    databaseUrl: source.url,
    recipients: [key.recipient],
    compressionLevel: 1,
    prove: false,
    tools: inject('tools'),
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });
});
afterAll(async () => {
  store.close();
  await source.drop();
  await rm(workDir, { recursive: true, force: true });
});

const request = (url: string, changes: Partial<RestoreIntoOptions> = {}): RestoreIntoOptions => ({
  ...{ store, folder: FOLDER, manifest, identities: [key.identity], url, owners: true },
  tools: { pgBin: path.dirname(inject('tools').postgres) },
  onProgress: () => undefined,
  ...changes,
});

/** A target of one's own, with what is there already. */
async function target(sql = 'select 1', work: (copy: ClonedDatabase) => Promise<void>): Promise<void> {
  const copy = await cloneDatabase('empty');
  try {
    await copy.db.query(sql);
    await work(copy);
  } finally {
    await copy.drop();
  }
}

const definition = async (url: string, table: string): Promise<string> =>
  (
    await promisify(execFile)(inject('tools').pg_dump, ['--schema-only', `--table=${table}`, url])
  ).stdout.replace(/^\\(un)?restrict .*$/gm, '');
const names = async ({ db }: ClonedDatabase): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      `select relname as name from pg_class where relkind in ('r', 'p') and relnamespace::regnamespace::text !~ '^(pg_|information)' order by 1`,
    )
  ).map(({ name }) => name);

describe('some tables of a backup', () => {
  it('come with all that makes them up and all that they need, and nothing else', () =>
    target(undefined, async (copy) => {
      const report = await restoreInto(
        request(copy.url, { tables: ['plain', 'public.empty_table', 'identities'] }),
      );
      expect(report).toMatchObject({ equal: true, differences: [], leftOut: [], tables: 3 });
      expect(await names(copy)).toEqual(['empty_table', 'identities', 'plain']);
      for (const table of ['plain', 'empty_table', 'identities'])
        expect(await definition(copy.url, table)).toBe(await definition(source.url, table));
      // The sequence goes on where it stood.
      expect(await copy.db.query(`insert into empty_table (v) values ('y') returning id`)).toEqual([
        { id: 1 },
      ]);
      expect(await copy.db.query(`insert into plain (t) values ('y') returning id`)).toEqual([{ id: 3001 }]);
    }));

  it('may have names in quotes, upper case and other scripts', () =>
    target(undefined, async (copy) => {
      const report = await restoreInto(request(copy.url, { tables: [STRANGE] }));
      expect(report).toMatchObject({ equal: true, tables: 1 });
      expect(await names(copy)).toEqual([`Tàble 'é'`]);
    }));

  it('come without foreign keys to tables that do not come, which is said', () =>
    target(undefined, async (copy) => {
      const report = await restoreInto(request(copy.url, { tables: ['refs'] }));
      expect(report).toMatchObject({
        equal: true,
        leftOut: ['foreign key public.refs refs_plain_id_fkey (needs table public.plain)'],
      });
      const keys = await copy.db.query(`select conname from pg_constraint where contype = 'f'`);
      expect(keys).toEqual([{ conname: 'refs_parent_fkey' }]);
    }));

  it('come with their foreign keys when both come', () =>
    target(undefined, async (copy) => {
      expect(await restoreInto(request(copy.url, { tables: ['refs', 'plain'] }))).toMatchObject({
        equal: true,
        leftOut: [],
      });
    }));

  it('come with all partitions, or one partition by itself', async () => {
    await target(undefined, async (copy) => {
      expect(await restoreInto(request(copy.url, { tables: ['parts'] }))).toMatchObject({
        equal: true,
        tables: 3,
      });
      expect(await copy.db.query('select count(*) from parts')).toEqual([{ count: 400 }]);
    });
    await target(undefined, async (copy) => {
      const report = await restoreInto(request(copy.url, { tables: ['parts_2026_1'] }));
      expect(report).toMatchObject({ equal: true, tables: 1 });
      expect(report.leftOut.join()).toContain('table attach public.parts_2026_1');
      expect(await names(copy)).toEqual(['parts_2026_1']);
    });
  });

  it('can all be named by their schema', () =>
    target(undefined, async (copy) => {
      const report = await restoreInto(request(copy.url, { tables: ['public.*'] }));
      expect(report).toMatchObject({ equal: true, differences: [], leftOut: [] });
      expect(report.tables).toBe(manifest.tables.length - 1);
    }));

  it('are put beside other tables, but never over one of the same name', () =>
    target(
      `create table other (id int); insert into other values (1); create type mood as enum ('sad', 'ok', 'très content');
       create table empty_table (mine int)`,
      async (copy) => {
        const before = await names(copy);
        await expect(restoreInto(request(copy.url, { tables: ['plain', 'empty_table'] }))).rejects.toThrow(
          'already holds public.empty_table: nothing is ever written over',
        );
        expect(await names(copy)).toEqual(before);
        expect(await restoreInto(request(copy.url, { tables: ['plain'] }))).toMatchObject({ equal: true });
        expect(await names(copy)).toEqual([...before, 'plain'].sort());
      },
    ));

  it('are refused in words when one cannot be without another', () =>
    target(undefined, async (copy) => {
      await expect(restoreInto(request(copy.url, { tables: ['child_table'] }))).rejects.toThrow(
        'table public.child_table cannot be without table public.parent_table: name it too (--table public.parent_table)',
      );
      expect(await names(copy)).toEqual([]);
      const both = { tables: ['child_table', 'parent_table'] };
      expect(await restoreInto(request(copy.url, both))).toMatchObject({ equal: true, tables: 2 });
    }));

  it('are refused where those who were erased would come back with them', () =>
    target(undefined, async (copy) => {
      const forbids = (tables: readonly string[]) =>
        Promise.resolve(tables.includes('public.plain') ? 'somebody would come back' : undefined);
      const never = () => Promise.reject(new Error('a table alone closes and opens nothing'));
      const gate = { forbids, close: never, open: never };
      const plain = request(copy.url, { tables: ['plain'], gate });
      expect((await planRestore(plain)).problems).toEqual(['somebody would come back']);
      await expect(restoreInto(plain)).rejects.toThrow('somebody would come back');
      expect(await names(copy)).toEqual([]);
      const other = request(copy.url, { tables: ['empty_table'], gate });
      expect(await restoreInto(other)).toMatchObject({ equal: true });
    }));

  it('are found by any spelling that names only one', () => {
    const found = (...wanted: string[]) => resolveTables(wanted, manifest).map(({ name }) => name);
    expect(found('PUBLIC.Plain', '"public"."no_key"', 'public."refs"')).toEqual(['plain', 'no_key', 'refs']);
    expect(found(`"Ünïcode ""schéma"""."Tàble 'é'"`)).toEqual([`Tàble 'é'`]);
    expect(() => found('public.plian')).toThrow(/no table 'public.plian'. Near to it: public.plain/);
  });
});

describe('a dry run', () => {
  it('says what would be done and changes nothing', () =>
    target('drop schema public cascade; create schema public', async (copy) => {
      const plan = await planRestore(request(copy.url, { tables: ['refs'] }));
      expect(plan).toMatchObject({
        names: ['public.refs'],
        rows: 2,
        leftOut: [expect.stringContaining('refs_plain_id_fkey') as unknown],
        problems: [],
      });
      expect(await planRestore(request(copy.url))).toMatchObject({
        tables: manifest.tables.length,
        exceptions: [],
        problems: [],
      });
      expect(await names(copy)).toEqual([]);
      expect(await copy.db.query(`select extname from pg_extension where extname <> 'plpgsql'`)).toEqual([]);
    }));

  it('names every problem at once, with its mend', () =>
    target('create table there (id int)', async (copy) => {
      const older = {
        ...manifest,
        source: { ...manifest.source, serverVersion: '99.1', encoding: 'LATIN1' },
      };
      const tools = { paths: {} };
      const plan = planRestore(request(copy.url, { manifest: older, tools }));
      await expect(plan).rejects.toThrow(/99/);
      const { problems } = await planRestore(
        request(copy.url, { manifest: { ...manifest, source: { ...manifest.source, encoding: 'LATIN1' } } }),
      );
      expect(problems).toEqual([
        expect.stringContaining(
          'already holds 1 table(s) (public.there): restore into a new, empty database',
        ),
        expect.stringContaining(`encoding is UTF8, the backup's LATIN1: createdb -T template0 -E LATIN1`),
      ]);
    }));

  it('says how to make a database that is not there, and when the key does not fit', async () => {
    const url = new URL(source.url);
    url.pathname = '/not_there';
    await expect(planRestore(request(url.href))).rejects.toThrow(/Create it first, empty: createdb/);
    const { identity } = await createEphemeralKey();
    await target(undefined, async (copy) => {
      await expect(planRestore(request(copy.url, { identities: [identity] }))).rejects.toThrow(
        'the key does not fit',
      );
    });
  });
});

describe('a restore that is stopped', () => {
  it('says that the target is half restored, and how to be rid of it', () =>
    target(undefined, async (copy) => {
      const controller = new AbortController();
      const stopped = restoreInto(
        request(copy.url, {
          signal: controller.signal,
          onProgress: () => controller.abort(new Error('stop')),
        }),
      );
      await expect(stopped).rejects.toThrow(
        /^stopped before the end; .*half restored.* drop database "test_empty/,
      );
    }));
});
