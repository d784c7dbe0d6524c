import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createHost } from '../../src/clients/host.ts';
import { createPostgres } from '../../src/clients/postgres.ts';
import type { Archive } from '../../src/cleanup/archive/index.ts';
import { readFigures } from '../../src/cleanup/logs/figures.ts';
import { pruneWeeks, storeWeekOf } from '../../src/cleanup/logs/week.ts';
import { openSealed } from '../../src/vault/index.ts';
import { withLogin } from '../support/postgres.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';
import { startWorld, type World } from './tables/archive-support.ts';

const at = new Date();
const DAY_MS = 86_400_000;
let world: World;
let sshd: Sshd;
let base: string;
beforeAll(async () => {
  [world, sshd] = await Promise.all([startWorld('week'), startSshd()]);
  base = realpathSync(mkdtempSync(path.join(tmpdir(), 'talos-week-')));
  chmodSync(base, 0o755);
  await world.app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null, body text);
     insert into public.logs select n, now() - make_interval(days => n::int), 'line ' || n from generate_series(1, 30) n`,
  );
});
afterAll(async () => {
  await Promise.all([world.close(), sshd.stop()]);
  rmSync(base, { recursive: true, force: true });
});

const store = async (folders: string[], over = false, archive: Archive = world.archive) => {
  const host = createHost(over ? sshd.options : undefined);
  try {
    return await storeWeekOf(
      {
        ...{ app: world.app.db, archive, host, folders, timeZone: 'Europe/Paris' },
        tables: [{ table: 'public.logs', timestamp: 'at' }],
      },
      at,
      { run: 'run', signal: new AbortController().signal, progress: () => undefined },
    );
  } finally {
    await host.close();
  }
};

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of world.archive.store.list('logs/weekly/')) found.push(key);
  return found.sort();
}

/** Names and contents of a stored tar. */
async function filesIn(key: string): Promise<string[]> {
  const { archive } = world;
  const options = { store: archive.store, key, identities: [world.key.identity], zstd: archive.zstd };
  const { stage, read } = await openSealed(options, 'pipe');
  const [tar] = await Promise.all([buffer(stage.child.stdout as Readable), read, stage.done]);
  const folder = mkdtempSync(path.join(base, 'read-'));
  execFileSync('tar', ['-xf', '-', '-C', folder], { input: tar });
  return execFileSync('find', ['.', '!', '-type', 'd', '-print0'], { cwd: folder })
    .toString()
    .split('\0')
    .filter(Boolean)
    .sort();
}

test.for([
  ['this machine', false],
  ['a server over SSH', true],
] as const)('log files of the week are stored with it: %s', async ([, over]) => {
  const folder = path.join(base, over ? 'ssh' : 'local');
  mkdirSync(path.join(folder, 'deep'), { recursive: true });
  for (const name of ['app.log', 'app.log.1', 'deep/a b\nc.log', '-rf', 'old.log.9'])
    writeFileSync(path.join(folder, name), `content of ${name}`);
  const old = new Date(at.getTime() - 30 * DAY_MS);
  utimesSync(path.join(folder, 'old.log.9'), old, old);
  symlinkSync('/etc/passwd', path.join(folder, 'passwd.log'));
  const result = await store([folder, path.join(base, 'missing')], over);
  expect(result).toMatchObject({ objects: 2, rows: 7 });
  const key = (await keys()).find(
    (name) => name.includes(over ? '_ssh-' : '_local-') && name.endsWith('.age'),
  );
  expect(await filesIn(key ?? '')).toEqual(['./-rf', './app.log', './app.log.1', './deep/a b\nc.log']);
  const before = await keys();
  expect(await store([folder], over)).toEqual(result);
  expect(await keys()).toEqual(before);
});

test('without rights nothing is tried again: figures and week say which table may not be read', async () => {
  await world.app.db.query(
    'create schema auth; create table auth.audit_log_entries (id uuid primary key, payload json, created_at timestamptz)',
  );
  await withLogin(world.app, '', async (url) => {
    const app = createPostgres({ url, applicationName: 'talos-test', max: 1 });
    const asStranger = { app, archive: world.archive, folders: [], timeZone: 'Europe/Paris', tables: [] };
    try {
      const { tables } = await readFigures({ app, ops: world.archive.ops }, { ...asStranger, at });
      expect(tables).toMatchObject([
        { table: 'auth.audit_log_entries', failure: expect.stringContaining('may not read') as string },
      ]);
      const storing = { run: 'run', signal: new AbortController().signal, progress: () => undefined };
      await expect(
        storeWeekOf({ ...asStranger, host: createHost(undefined) }, at, storing),
      ).rejects.toMatchObject({ type: 'TablePermissionMissing', nonRetryable: true });
    } finally {
      await app.close();
    }
  });
  await world.app.db.query('drop schema auth cascade');
});

test('a slow attempt writes no second object of the week, and ends', async () => {
  const week = await keys();
  for (const key of week) await world.archive.store.remove(key);
  let [arrive, open] = [() => {}, () => {}];
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const free = new Promise<void>((resolve) => (open = resolve));
  const slowStore = {
    ...world.archive.store,
    put: async (...given: Parameters<typeof world.archive.store.put>) => {
      arrive();
      await free;
      return world.archive.store.put(...given);
    },
  };
  const slow = store([], false, { ...world.archive, store: slowStore }).catch((error: unknown) => error);
  await arrived;
  const result = await store([]);
  const stored = await keys();
  open();
  expect(await slow).toMatchObject({ type: 'ArchiveTakenOver' });
  expect(result).toMatchObject({ objects: 1, rows: 7 });
  expect(await keys()).toEqual(stored);
  expect(stored).toHaveLength(2);
  expect(await pruneWeeks(world.archive, 4, new AbortController().signal)).toBe(0);
});
