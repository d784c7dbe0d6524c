import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import { ARCHIVE_PREFIX, pruneArchives, type Archive } from '../../../src/cleanup/archive/index.ts';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import type { ClonedDatabase } from '../../support/postgres.ts';
import { archivedIds, expectTidy, startWorld, type World } from './archive-support.ts';

let world: World;
let app: ClonedDatabase;
let ops: ClonedDatabase;
let archive: Archive;

const ROWS = 20_000;
const at = new Date();
const [rule] = logRules({
  keepDays: 90,
  tables: [{ table: 'public.logs', timestamp: 'at', importantWhen: `level = 'error'` }],
});

beforeAll(async () => {
  world = await startWorld('archive');
  ({ app, ops, archive } = world);
  await app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null, level text not null, body text);
     insert into public.logs select n, now() - interval '91 days' - make_interval(mins => n::int),
            case n % 10 when 0 then 'error' else 'info' end, 'line ' || n from generate_series(1, ${String(ROWS)}) n;
     insert into public.logs values (0, now(), 'error', 'young')`,
  );
});
afterAll(() => world.close());

const remove = (through: Archive, signal = new AbortController().signal) => {
  if (!rule) throw new Error('no rule');
  const source = createTableSource(app.db, rule, through);
  return source.remove({ at, signal, progress: () => undefined, deadline: new Date(Date.now() + 60_000) });
};

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
  for (let point = 1; point <= 40; point += 1) {
    const failed = await remove(breakingAt(point)).then(
      () => false,
      (error: Error) => error.message === 'killed' || /killed/.test(String(error)),
    );
    const left = await app.db.query<{ id: number }>(
      `select id from public.logs where level = 'error' and id > 0 order by id`,
    );
    const there = new Set(left.map(({ id }) => id));
    const stored = new Set(await archivedIds(world));
    expect(every.filter((id) => !there.has(id) && !stored.has(id))).toEqual([]);
    if (!failed) break;
    stopped += 1;
    await app.db.query(
      `insert into public.logs select n, now() - interval '91 days', 'info', '' from generate_series(100001, 100010) n
       on conflict do nothing`,
    );
  }
  expect(stopped).toBeGreaterThan(15);
  expect(await remove(archive)).toMatchObject({ finished: true });
  expect(await archivedIds(world)).toEqual(every);
  const left = await app.db.query<{ id: number }>('select id from public.logs');
  expect(left).toEqual([{ id: 0 }]);
  const [journal] = await ops.db.query(
    `select sum(rows)::int as rows, sum(gone)::int as gone from ops.log_archives where verified_at is not null`,
  );
  expect(journal).toEqual({ rows: every.length, gone: every.length });
  await expectTidy(world);
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
