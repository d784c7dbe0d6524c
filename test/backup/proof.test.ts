import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable, Transform } from 'node:stream';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { compareWithManifest } from '../../src/backup/compare.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { readFacts, readRestored } from '../../src/backup/restore.ts';
import { restoreInto } from '../../src/backup/restore-into.ts';
import { checkSource, openSource } from '../../src/backup/source.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';
import { startPooler } from '../support/pooler.ts';
import { cloneDatabase } from '../support/postgres.ts';

const shell = promisify(execFile);
/** Rows, names and sums stay the same: only a digest over whole rows sees it. */
const SWAP = `update plain p set t = q.t from plain q where (p.id, q.id) in ((5, 6), (6, 5))`;
const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000000';

let source: Awaited<ReturnType<typeof cloneDatabase>>;
let store: ObjectStore;
let key: EphemeralKey;
let workDir: string;

beforeAll(async () => {
  [source, key, workDir] = await Promise.all([
    cloneDatabase('empty'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-proof-')),
  ]);
  await source.db.query('drop role if exists variety_reader; drop role if exists "Variety ""Writer"""');
  await source.db.query(await readFile(path.join(import.meta.dirname, 'variety.sql'), 'utf8'));
  store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
});
afterAll(async () => {
  store.close();
  await source.drop();
  await rm(workDir, { recursive: true, force: true });
});

interface Changes {
  store?: ObjectStore;
  url?: string;
  signal?: AbortSignal;
  pgDump?: string;
}

const take = ({ store: other, url, signal, pgDump }: Changes = {}): Promise<Manifest> => {
  const tools = inject('tools');
  return takeBackup({
    store: other ?? store,
    folder: FOLDER,
    databaseUrl: url ?? source.url,
    recipients: [key.recipient],
    compressionLevel: 1,
    prove: true,
    tools: { ...tools, pg_dump: pgDump ?? tools.pg_dump },
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: signal ?? new AbortController().signal,
  });
};

const objects = async (): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key: name } of store.list(FOLDER)) keys.push(name.slice(FOLDER.length + 1));
  return keys.sort();
};

describe('a database with a bit of everything', () => {
  let manifest: Manifest;
  let copy: Awaited<ReturnType<typeof cloneDatabase>>;
  beforeAll(async () => {
    manifest = await take();
    copy = await cloneDatabase('empty');
  });
  afterAll(() => copy.drop());

  it('is proven', () => {
    expect(manifest.proof).toMatchObject({ result: 'proven', differences: [] });
    expect(manifest.proof.checkedWith).toContain('pg_amcheck');
  });

  it('is restored equal, also in its schema', async () => {
    const report = await restoreInto({
      store,
      folder: FOLDER,
      manifest,
      identities: [key.identity],
      url: copy.url,
      owners: true,
      tools: { pgBin: path.dirname(inject('tools').postgres) },
      onProgress: () => undefined,
    });
    expect(report.differences).toEqual([]);
    const schema = async (url: string) =>
      (await shell(inject('tools').pg_dump, ['--schema-only', url])).stdout.replace(
        /^\\(un)?restrict .*$/gm,
        '',
      );
    expect(await schema(copy.url)).toBe(await schema(source.url));
  });

  it.each([
    ['a table', 'drop table no_key', 'table public.no_key is missing'],
    ['one row', 'delete from plain where id = 77', 'table public.plain has 2999 rows instead of 3000'],
    [
      'one value',
      'update identities set v = v + 1000 where v = 9',
      'table public.identities: the content differs',
    ],
    ['the place of two values', SWAP, 'table public.plain: the content differs'],
    ['an index', 'drop index plain_trgm', 'valid indexes missing: public.plain_trgm'],
    ['a policy', 'drop policy readers on plain', 'policies missing: readers on public.plain'],
    [
      'row security',
      'alter table plain disable row level security',
      'tables with row security missing: public.plain',
    ],
    ['a trigger', 'drop trigger touching on plain', 'triggers missing: touching on public.plain'],
    ['a function', 'drop function adds', 'routines missing: public.adds(a integer, b integer)'],
    ['a constraint', 'alter table refs drop constraint refs_parent_fkey', 'valid constraints missing'],
    [
      'a grant',
      'revoke select on plain from variety_reader',
      'grants missing: SELECT on public.plain to variety_reader',
    ],
    [
      'a default',
      'alter table empty_table alter v drop default',
      'public.empty_table.v text not null default',
    ],
    ['an enum label', `alter type mood rename value 'ok' to 'fine'`, 'enum labels missing'],
    ['a sequence’s place', `select setval('plain_id_seq', 5)`, 'sequence public.plain_id_seq stands at 5'],
  ])('would notice the loss of %s', async (_what, damage, words) => {
    const session = await openPostgresSession({ url: copy.url, applicationName: 'talos-test' });
    try {
      await session.query('begin');
      await session.query(damage);
      const differences = compareWithManifest(manifest, await readFacts(session));
      expect(differences.join('\n')).toContain(words);
    } finally {
      await session.query('rollback');
      await session.query(`select setval('public.plain_id_seq', 3000)`);
      await session.close();
    }
    expect(compareWithManifest(manifest, await readRestored(copy.url))).toEqual([]);
  });
});

/** A store that fails or lies at one point. */
const storeWith = (changes: Partial<ObjectStore>): ObjectStore => ({ ...store, ...changes });

describe('an attempt that goes wrong', () => {
  beforeAll(async () => {
    for await (const { key: name } of store.list('')) await store.remove(name);
  });
  afterEach(async () => {
    expect(await store.openUploads('')).toEqual([]);
    expect(await objects()).not.toContain('manifest.json');
    for await (const { key: name } of store.list('')) await store.remove(name);
  });

  it('is no backup when a byte in the bucket is not the one that was written', async () => {
    const lying = storeWith({
      get: async (name, signal) => {
        const body = await store.get(name, signal);
        let at = 0;
        return body?.pipe(
          new Transform({
            transform(chunk: Buffer, _encoding, next) {
              if (at === 0) chunk[chunk.length - 1] = (chunk[chunk.length - 1] ?? 0) ^ 1;
              at += chunk.length;
              next(null, chunk);
            },
          }),
        );
      },
    });
    await expect(take({ store: lying })).rejects.toMatchObject({ type: 'ObjectDamaged' });
  });

  it('is no backup when the object in the bucket is cut', async () => {
    const cutting = storeWith({
      get: async (name, signal) => {
        const chunks: Buffer[] = [];
        for await (const chunk of (await store.get(name, signal)) ?? []) chunks.push(chunk as Buffer);
        const whole = Buffer.concat(chunks);
        return Readable.from([whole.subarray(0, Math.floor(whole.length * 0.99))]);
      },
    });
    await expect(take({ store: cutting })).rejects.toMatchObject({ type: 'ObjectDamaged' });
  });

  it('leaves no object when pg_dump dies halfway', async () => {
    const script = path.join(workDir, 'pg_dump');
    const real = inject('tools').pg_dump;
    await writeFile(
      script,
      `#!/bin/sh\n[ "$1" = --version ] && exec ${real} --version\n${real} "$@" | head -c 60000\necho 'pg_dump: error: server closed the connection' >&2; exit 1\n`,
      { mode: 0o755 },
    );
    await expect(take({ pgDump: script })).rejects.toMatchObject({
      type: 'DumpFailed',
      message: expect.stringContaining('server closed the connection') as unknown,
    });
    expect(await objects()).toEqual([]);
  });

  it('leaves no part when the store refuses one', async () => {
    const refusing = storeWith({
      uploadPart: () => Promise.reject(ApplicationFailure.retryable('slow down', 'ObjectStoreUnavailable')),
    });
    await expect(take({ store: refusing })).rejects.toMatchObject({ type: 'ObjectStoreUnavailable' });
    expect(await objects()).toEqual([]);
  });

  it('ends at once when it is cancelled', async () => {
    const controller = new AbortController();
    const slow = storeWith({
      uploadPart: (...args) => {
        controller.abort(new Error('cancelled'));
        return store.uploadPart(...args);
      },
    });
    await expect(take({ store: slow, signal: controller.signal })).rejects.toThrow();
    expect(await objects()).toEqual([]);
  });
});

describe('a source that could only give a bad backup', () => {
  it('is refused when row security hides rows from its role', async () => {
    const role = `seeing_${path.basename(workDir).replaceAll('-', '_').toLowerCase()}`;
    await source.db.query(
      `create role ${role} login password 'secret-of-test'; grant pg_read_all_data to ${role}`,
    );
    const url = new URL(source.url);
    url.username = role;
    url.password = 'secret-of-test';
    try {
      await expect(take({ url: url.href })).rejects.toMatchObject({
        type: 'MissingBypassRls',
        nonRetryable: true,
      });
      // No role of PostgreSQL may read all large objects: each is granted.
      await source.db.query(`alter role ${role} bypassrls; do $$ declare o oid; begin
        for o in select oid from pg_largeobject_metadata loop execute format('grant select on large object %s to ${role}', o); end loop; end $$`);
      expect((await take({ url: url.href })).proof.result).toBe('proven');
    } finally {
      await source.db.query(`drop owned by ${role}; drop role ${role}`);
    }
  });

  it('is refused when it is reached through a transaction pooler', async () => {
    const pooler = await startPooler(source.url, workDir);
    try {
      await expect(take({ url: pooler.url('transaction') })).rejects.toMatchObject({
        type: 'TransactionPooler',
      });
      expect((await take({ url: pooler.url('session') })).proof.result).toBe('proven');
    } finally {
      await pooler.stop();
    }
  });

  it('is refused when pg_dump is older than the server', async () => {
    const session = await openSource(source.url);
    await expect(checkSource(session, source.url, '12.9')).rejects.toMatchObject({
      type: 'DumpToolOlderThanServer',
    });
    await session.close();
  });

  it('says in words that it cannot be reached, without its password', async () => {
    const failure: unknown = await take({ url: 'postgresql://talos:hidden-password@127.0.0.1:1/app' }).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ type: 'DatabaseUnreachable' });
    expect(String(failure)).not.toContain('hidden-password');
  });
});
