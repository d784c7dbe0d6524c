import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, inject, test, vi } from 'vitest';
import { readLastKeyCheck, writeKeyCheck } from '../../src/backup/journal.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore } from '../../src/clients/object-store.ts';
import { backupCommand } from '../../src/commands/backup.ts';
import { applyDatabase } from '../../src/database/index.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';
import { settings, talos, useSettings } from '../commands/talos.ts';
import { asRole, cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const ID = '2026-11-23T020000Z-00000000-00000000';
let ops: ClonedDatabase;
let workDir: string;
let key: EphemeralKey;
let stranger: EphemeralKey;
const file = (name: string): string => path.join(workDir, name);

beforeAll(async () => {
  const source = await cloneDatabase('empty');
  [ops, key, stranger] = [await cloneDatabase('ops'), await createEphemeralKey(), await createEphemeralKey()];
  workDir = await mkdtemp(path.join(tmpdir(), 'talos-key-checks-'));
  await writeFile(file('key.txt'), key.identity);
  await writeFile(file('stranger.txt'), stranger.identity);
  await source.db.query('create table plain (id int primary key)');
  const prefix = path.basename(workDir);
  const store = createObjectStore({ ...inject('s3'), name: 'talos-backups', prefix, region: 'us-east-1' });
  await takeBackup({
    store,
    folder: `daily/${ID}`,
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
  store.close();
  await source.drop();
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await ops.drop();
  await rm(workDir, { recursive: true, force: true });
});
beforeEach(async () => {
  const { endpoint, accessKeyId, secretAccessKey } = inject('s3');
  useSettings(
    settings({
      OPS_DATABASE_URL: ops.url,
      BACKUP_BUCKET: `s3://talos-backups/${path.basename(workDir)}`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      S3_ENDPOINT: endpoint,
    }),
  );
  await ops.db.query('delete from ops.key_checks');
});

const check = (name: string, ...more: string[]) =>
  talos(backupCommand(), 'check-key', '--identity', file(name), ...more);

test('a key that fits leaves its date, its public key and the backup', async () => {
  expect(await readLastKeyCheck(ops.db)).toBeNull();
  const before = Date.now();
  expect(await check('key.txt')).toMatchObject({ code: 0, stderr: '' });
  expect(Date.parse((await readLastKeyCheck(ops.db)) ?? '')).toBeGreaterThan(before - 1000);
  expect(await ops.db.query('select recipient, backup_id from ops.key_checks')).toEqual([
    { recipient: key.recipient, backup_id: ID },
  ]);
  expect(JSON.parse((await check('key.txt', '--json')).stdout)).toMatchObject({
    opens: true,
    recorded: true,
  });
});

test('a key that does not fit leaves none', async () => {
  const { code, stdout } = await check('stranger.txt', '--json');
  expect({ code, ...(JSON.parse(stdout) as object) }).toMatchObject({
    code: 1,
    opens: false,
    recorded: false,
  });
  expect(await readLastKeyCheck(ops.db)).toBeNull();
});

test('the last check can be asked for of the keys in use', async () => {
  await writeKeyCheck(ops.db, { recipient: key.recipient, backupId: ID });
  const at = await readLastKeyCheck(ops.db);
  expect(at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  expect(await readLastKeyCheck(ops.db, [stranger.recipient, key.recipient])).toBe(at);
  expect(await readLastKeyCheck(ops.db, [stranger.recipient])).toBeNull();
});

test('without its database the check still succeeds, and says in one line why no date was kept', async () => {
  useSettings({ OPS_DATABASE_URL: 'postgresql://talos:secret-of-ops@127.0.0.1:1/ops' });
  const { code, stdout, stderr } = await check('key.txt');
  expect(code).toBe(0);
  expect(stdout).toContain(`the key opens ${ID}`);
  expect(stderr).toMatch(
    /^the date of this check could not be recorded \(the operations database: ECONNREFUSED\).*\n$/,
  );
});

test('an operations database of before gets the table by `talos database apply`, and keeps its rows', async () => {
  const [app, old] = [await cloneDatabase('app'), await cloneDatabase('ops')];
  try {
    const first = readFileSync(new URL('../../database/migrations/ops/0001_operations.sql', import.meta.url));
    await old.db.query(`alter table ops.migrations set schema public;
      drop schema ops cascade; create schema ops authorization talos_owner;
      alter table public.migrations set schema ops; set role talos_owner; ${first.toString()}; reset role;
      delete from ops.migrations where name >= '0002';
      insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at)
      values ('kept', 'w', 'r', 'app', 'proven', now())`);
    useSettings({ OPS_DATABASE_URL: old.url });
    const early = await check('key.txt');
    expect(early.code).toBe(0);
    expect(early.stderr).toContain('older than this program: talos database apply');

    const report = await applyDatabase({ appUrl: app.url, opsUrl: old.url });
    expect(report.migrations.app).toEqual([]);
    expect(report.migrations.ops[0]).toBe('0002_key_checks');
    expect(await old.db.query('select backup_id from ops.proofs')).toEqual([{ backup_id: 'kept' }]);
    // Rights on later tables come from the default privileges of the first migration.
    await asRole(old.db, 'talos_app', async (tx) => {
      await tx.query(`insert into ops.key_checks values ('age1', 'kept', now())`);
    });
    expect((await check('key.txt')).stderr).toBe('');
    expect(await readLastKeyCheck(old.db)).not.toBeNull();
  } finally {
    await Promise.all([app.drop(), old.drop()]);
  }
});
