import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { backupCommand } from '../../src/commands/backup.ts';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { talos as run, settings, useSettings } from './talos.ts';

const ID = '2026-11-23T020000Z-00000000-00000000';
const UNREADABLE = '2026-11-22T020000Z-00000000-00000000';
let source: ClonedDatabase;
let target: ClonedDatabase;
let store: ObjectStore;
let workDir: string;
let key: string;

beforeAll(async () => {
  const ephemeral = await createEphemeralKey();
  [source, workDir] = await Promise.all([
    cloneDatabase('empty'),
    mkdtemp(path.join(tmpdir(), 'talos-verbs-')),
  ]);
  key = path.join(workDir, 'key.txt');
  await writeFile(key, `${ephemeral.identity}\n`, { mode: 0o600 });
  await source.db.query(`create table people (id int primary key); insert into people values (1), (2);
    create table notes (person int references people, body text); insert into notes values (1, 'é'), (2, null)`);
  store = createObjectStore({
    ...{ ...inject('s3'), name: 'talos-backups', prefix: path.basename(workDir), region: 'us-east-1' },
  });
  const nginx = path.join(workDir, 'nginx');
  await mkdir(nginx);
  await writeFile(path.join(nginx, 'app.conf'), 'server_name app;\n', { mode: 0o640 });
  const away = new URL(source.url);
  away.pathname = '/not_there';
  const manifest = await takeBackup({
    ...{ store, folder: `daily/${ID}`, databaseUrl: source.url, recipients: [ephemeral.recipient] },
    ...{ compressionLevel: 1, prove: true, tools: inject('tools'), workDir },
    databases: [{ part: 'operations', url: away.href, setting: 'OPS_DATABASE_URL' }],
    service: {
      ...{ vps: undefined, n8nApi: undefined, encryptionKey: undefined, n8n: {} },
      files: { paths: [nginx], environment: [] },
    },
    run: { workflowId: 'w', runId: 'r' },
    progress: createProgress(),
    signal: new AbortController().signal,
  });
  // Its copy of the month, and one of the day before that was damaged.
  for (const [folder, text] of [
    [`monthly/${ID}`, JSON.stringify(manifest)],
    [`weekly/${UNREADABLE}`, 'nonsense'],
  ]) {
    await store.put(`${folder}/db.dump.zst.age`, 'sealed', 'application/octet-stream');
    await store.put(`${folder}/manifest.json`, text ?? '', 'application/json');
  }
});
afterAll(async () => {
  store.close();
  await source.drop();
  await rm(workDir, { recursive: true, force: true });
});
beforeEach(async () => {
  target = await cloneDatabase('empty');
  const { endpoint, accessKeyId, secretAccessKey } = inject('s3');
  useSettings(
    settings({
      ...{ BACKUP_BUCKET: `s3://talos-backups/${path.basename(workDir)}`, S3_ENDPOINT: endpoint },
      ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, TALOS_WORK_DIR: workDir },
      ...{ PG_BIN: path.dirname(inject('tools').postgres), RESTORE_URL: target.url },
    }),
  );
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await target.drop();
});

const talos = (...args: string[]) => run(backupCommand(), ...args);
const restore = (...args: string[]) =>
  talos('restore', ...args, '--identity', key, '--into-env', 'RESTORE_URL');
const rows = () => target.db.query('select count(*)::int as notes from notes');

it('lists each backup once, with its tiers, what could not be read of it and what it lacks', async () => {
  const { code, stdout, stderr } = await talos('list');
  expect(code).toBe(0);
  expect(stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 4))).toEqual([
    ['id', 'tiers', 'proof', 'rows'],
    [ID, 'dm', 'proven', '4'],
    [UNREADABLE, 'w', 'unreadable'],
    [''],
  ]);
  expect(Math.max(...stdout.split('\n').map(({ length }) => length))).toBeLessThanOrEqual(80);
  expect(stderr).toContain(`warning: ${UNREADABLE}:`);
  expect(stderr).toContain(`warning: operations could not be taken in 1 of them, the newest is\n  ${ID}`);
});

describe('restore', () => {
  it('names in its help all that it takes', () => {
    const help = backupCommand()
      .commands.find((verb) => verb.name() === 'restore')
      ?.helpInformation();
    const options = ['--at', '--into', '--into-env', '--identity', '--table', '--database', '--no-owner'];
    for (const option of [...options, '--dry-run', '--json', 'latest']) expect(help).toContain(option);
  });

  it('first says what it would do, then does it, and never into what is there', async () => {
    const planned = await restore('latest', '--dry-run');
    expect(planned).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('2 tables, 4 rows') as unknown,
    });
    expect(planned.stdout).toContain('nothing was changed');
    await expect(rows()).rejects.toThrow(/does not exist/);

    const done = await restore('latest');
    expect(done).toMatchObject({ code: 0, stdout: expect.stringContaining('restored and equal') as unknown });
    expect(await rows()).toEqual([{ notes: 2 }]);

    await target.db.query('delete from notes');
    const again = await restore('latest', '--dry-run');
    expect(again).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('already holds 2 table(s)') as unknown,
    });
    expect(await restore('latest')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('new, empty database') as unknown,
    });
    expect(await rows()).toEqual([{ notes: 0 }]);
  });

  it('takes one table, and says what does not come with it', async () => {
    const { code, stdout } = await restore(ID.slice(0, 12), '--table', 'public.notes');
    expect(code).toBe(0);
    expect(stdout).toContain('foreign key public.notes notes_person_fkey (needs table public.people)');
    expect(await rows()).toEqual([{ notes: 2 }]);
  });

  it('takes the newest of a day, and says how much older it is', async () => {
    const { code, stderr } = await restore('--at', new Date(Date.now() + 3_600_000).toISOString());
    expect({ code, stderr }).toMatchObject({
      code: 0,
      stderr: expect.stringMatching(/0 min before|1 min before/) as unknown,
    });
    const early = await restore('--at', '2020-01-01');
    expect(early).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`the oldest is ${ID}`) as unknown,
    });
    expect(await restore('--at', 'yesterday')).toMatchObject({ code: 2 });
    expect(await restore('latest', '--at', '2026-11-23')).toMatchObject({ code: 2 });
  });

  it('says of a part that it could not be taken, and why', async () => {
    const { code, stderr } = await restore('latest', '--database', 'operations');
    expect({ code, stderr }).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/operations could not be taken .*OPS_DATABASE_URL/) as unknown,
    });
  });
});

it('files are unpacked into a new folder that nobody else may open, and never over another one', async () => {
  const folder = path.join(workDir, 'unpacked');
  const files = () => talos('files', 'latest', '--identity', key, '--to', folder);
  expect(await files()).toMatchObject({ code: 0 });
  const file = path.join(folder, 'files', workDir, 'nginx/app.conf');
  expect(await readFile(file, 'utf8')).toBe('server_name app;\n');
  expect((await stat(file)).mode & 0o777).toBe(0o640);
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  await writeFile(file, 'changed since');
  expect(await files()).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('is not empty: nothing is ever written over') as unknown,
  });
  expect(await readFile(file, 'utf8')).toBe('changed since');
});
