import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey, openSealed, type EphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase } from '../support/postgres.ts';

const FOLDER = 'daily/2026-11-23T020000Z-00000000-00000001';

let source: Awaited<ReturnType<typeof cloneDatabase>>;
let operations: Awaited<ReturnType<typeof cloneDatabase>>;
let store: ObjectStore;
let key: EphemeralKey;
let workDir: string;

beforeAll(async () => {
  [source, operations, key, workDir] = await Promise.all([
    cloneDatabase('empty'),
    cloneDatabase('ops'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-parts-')),
  ]);
  store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
});
afterAll(async () => {
  store.close();
  await Promise.all([source.drop(), operations.drop()]);
  await rm(workDir, { recursive: true, force: true });
});

const take = (operationsUrl = operations.url): Promise<Manifest> =>
  takeBackup({
    store,
    folder: FOLDER,
    databaseUrl: source.url,
    recipients: [key.recipient],
    compressionLevel: 1,
    prove: true,
    databases: [{ part: 'operations', url: operationsUrl, setting: 'OPS_DATABASE_URL' }],
    tools: inject('tools'),
    workDir,
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });

async function readText(name: string): Promise<string> {
  const opened = await openSealed(
    { store, key: `${FOLDER}/${name}`, identities: [key.identity], zstd: inject('tools').zstd },
    'pipe',
  );
  const chunks = (await opened.stage.child.stdout?.toArray()) as Buffer[];
  await opened.read;
  return Buffer.concat(chunks).toString('utf8');
}

describe('what stands beside the application’s database', () => {
  it('is stored with it: roles and settings, and our own database, which is proven too', async () => {
    const name = new URL(source.url).pathname.slice(1);
    await source.db.query(`alter database "${name}" set app.greeting = 'it''s me'`);
    const manifest = await take();
    expect(manifest.proof).toMatchObject({ result: 'proven', differences: [] });
    expect(manifest.parts).toMatchObject([
      { part: 'globals', object: 'globals.sql.zst.age', result: 'read back', warnings: [] },
      { part: 'operations', object: 'operations.dump.zst.age', result: 'proven', warnings: [] },
    ]);
    const globals = await readText('globals.sql.zst.age');
    expect(globals).toContain('CREATE ROLE talos_backup');
    expect(globals).toContain(`alter database :"database" set app.greeting to 'it''s me';`);
    const held = manifest.parts?.[1]?.database;
    expect(held?.tables.map((table) => table.name)).toContain('notifications');
    expect(manifest.objects.map((object) => object.name)).toEqual([
      'db.dump.zst.age',
      'globals.sql.zst.age',
      'operations.dump.zst.age',
    ]);
  });

  it('may be read whole by the role that the program connects as: its own database is dumped with that', async () => {
    const hidden = await operations.db.query(
      `select relname from pg_class where relnamespace = 'ops'::regnamespace and relkind in ('r', 'p', 'S')
         and not has_table_privilege('talos_app', oid, 'select')`,
    );
    expect(hidden).toEqual([]);
  });

  it('costs the backup nothing when it cannot be reached, and is named with the setting', async () => {
    const away = new URL(operations.url);
    away.pathname = '/not_there';
    const manifest = await take(away.toString());
    expect(manifest.proof.result).toBe('proven');
    const part = manifest.parts?.find((one) => one.part === 'operations');
    expect(part).toMatchObject({ result: 'failed' });
    expect(part?.object).toBeUndefined();
    expect(part?.warnings[0]).toMatch(/OPS_DATABASE_URL.*not_there/);
    expect(manifest.objects.map((object) => object.name)).not.toContain('operations.dump.zst.age');
  });
});
