import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../../src/clients/object-store.ts';
import { ARCHIVE_PREFIX, pruneArchives, type Archive } from '../../../src/cleanup/archive/index.ts';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import { createEphemeralKey, openSealed, type EphemeralKey } from '../../../src/vault/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

let app: ClonedDatabase;
let ops: ClonedDatabase;
let key: EphemeralKey;
let archive: Archive;

const ROWS = 20_000;
const at = new Date();
const [rule] = logRules({
  keepDays: 90,
  tables: [{ table: 'public.logs', timestamp: 'at', importantWhen: `level = 'error'` }],
});

beforeAll(async () => {
  [app, ops, key] = await Promise.all([cloneDatabase('empty'), cloneDatabase('ops'), createEphemeralKey()]);
  archive = {
    ops: ops.db,
    store: createObjectStore({
      ...inject('s3'),
      name: 'talos-backups',
      prefix: `archive-${String(process.pid)}-${String(Date.now())}`,
      region: 'us-east-1',
    }),
    recipients: [key.recipient],
    zstd: inject('tools').zstd,
  };
  await app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null, level text not null, body text);
     insert into public.logs select n, now() - interval '91 days' - make_interval(mins => n::int),
            case n % 10 when 0 then 'error' else 'info' end, 'line ' || n from generate_series(1, ${String(ROWS)}) n;
     insert into public.logs values (0, now(), 'error', 'young')`,
  );
});
afterAll(async () => {
  archive.store.close();
  await Promise.all([app.drop(), ops.drop()]);
});

const remove = (through: Archive, signal = new AbortController().signal) => {
  if (!rule) throw new Error('no rule');
  const source = createTableSource(app.db, rule, through);
  return source.remove({ at, signal, progress: () => undefined, deadline: new Date(Date.now() + 60_000) });
};

/** Every row of every object, by its id. */
async function archived(): Promise<number[]> {
  const ids: number[] = [];
  for await (const { key: name } of archive.store.list(`${ARCHIVE_PREFIX}/`)) {
    if (name.endsWith('.json')) continue;
    const options = { store: archive.store, key: name, identities: [key.identity], zstd: archive.zstd };
    const { stage, read } = await openSealed(options, 'pipe');
    const [content, { sha256 }] = await Promise.all([text(stage.child.stdout as Readable), read, stage.done]);
    const stream = await archive.store.get(`${name}.json`);
    // An object whose manifest is missing was never verified; the run that follows writes it again.
    if (stream) {
      const manifest = JSON.parse(await text(stream)) as Record<string, unknown>;
      expect(manifest).toMatchObject({
        rows: content.trimEnd().split('\n').length,
        contentSha256: createHash('sha256').update(content).digest('hex'),
        object: { sha256 },
      });
    }
    ids.push(
      ...content
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { id: number }).id),
    );
  }
  return ids.sort((a, b) => a - b);
}

/** Fails at the n-th call of the store or of the journal, as a killed worker would stop there. */
function breakingAt(point: number): Archive {
  let calls = 0;
  const step = (): void => {
    calls += 1;
    if (calls === point) throw new Error('killed');
  };
  const store: ObjectStore = {
    ...archive.store,
    beginUpload: (...given) => (step(), archive.store.beginUpload(...given)),
    completeUpload: async (...given) => {
      const result = await archive.store.completeUpload(...given);
      step();
      return result;
    },
    get: (...given) => (step(), archive.store.get(...given)),
    put: (...given) => (step(), archive.store.put(...given)),
  };
  const query: typeof ops.db.query = async (...given) => {
    step();
    const rows = await ops.db.query(...given);
    step();
    return rows as never;
  };
  return { ...archive, store, ops: { ...ops.db, query } };
}

test('stopped at every point, no important row goes before its object is proven, and none stands in two', async () => {
  const every = Array.from({ length: ROWS / 10 }, (_, index) => (index + 1) * 10);
  let stopped = 0;
  for (let point = 1; point <= 20; point += 1) {
    const failed = await remove(breakingAt(point)).then(
      () => false,
      (error: Error) => error.message === 'killed' || /killed/.test(String(error)),
    );
    const left = await app.db.query<{ id: number }>(
      `select id from public.logs where level = 'error' and id > 0 order by id`,
    );
    const there = new Set(left.map(({ id }) => id));
    const stored = new Set(await archived());
    expect(every.filter((id) => !there.has(id) && !stored.has(id))).toEqual([]);
    if (!failed) break;
    stopped += 1;
    await app.db.query(
      `insert into public.logs select n, now() - interval '91 days', 'info', '' from generate_series(100001, 100010) n
       on conflict do nothing`,
    );
  }
  expect(stopped).toBeGreaterThan(5);
  expect(await remove(archive)).toMatchObject({ finished: true });
  expect(await archived()).toEqual(every);
  const left = await app.db.query<{ id: number }>('select id from public.logs');
  expect(left).toEqual([{ id: 0 }]);
  const [journal] = await ops.db.query(
    `select sum(rows)::int as rows, bool_and(verified_at is not null and pending is null) as done from ops.log_archives`,
  );
  expect(journal).toEqual({ rows: every.length, done: true });
});

test('archives end after their months, and nothing else in the bucket does', async () => {
  await archive.store.put(`${ARCHIVE_PREFIX}/by-hand.txt`, 'ours is not this', 'text/plain');
  const signal = new AbortController().signal;
  expect(await pruneArchives(archive, { at, months: 12 }, signal)).toBe(0);
  await ops.db.query(`update ops.log_archives set verified_at = now() - interval '13 months'`);
  expect(await pruneArchives(archive, { at, months: 12 }, signal)).toBeGreaterThan(0);
  const keys: string[] = [];
  for await (const { key: name } of archive.store.list('')) keys.push(name);
  expect(keys).toEqual([`${ARCHIVE_PREFIX}/by-hand.txt`]);
});
