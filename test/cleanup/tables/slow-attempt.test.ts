import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ObjectStore } from '../../../src/clients/object-store.ts';
import type { Postgres } from '../../../src/clients/postgres.ts';
import { pruneArchives, type Archive } from '../../../src/cleanup/archive/index.ts';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import { archivedIds, expectTidy, objects, startWorld, type World } from './archive-support.ts';

/** A worker that is slow, not dead: it was given up, a successor goes on, and then it wakes. */

const OLD = 3_000;
const at = new Date();
const RUN = 'the-run';
const important = Array.from({ length: OLD / 10 }, (_, index) => (index + 1) * 10);
const [rule] = logRules({
  keepDays: 90,
  tables: [{ table: 'public.logs', timestamp: 'at', importantWhen: `level = 'error'` }],
});

let world: World;
beforeEach(async () => {
  world = await startWorld('slow');
  await world.app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null, level text not null, body text);
     insert into public.logs select n, now() - interval '91 days' - make_interval(mins => n::int),
            case n % 10 when 0 then 'error' else 'info' end, 'line ' || n from generate_series(1, ${String(OLD)}) n`,
  );
});
afterEach(() => world.close());

const remove = (archive: Archive = world.archive, db: Postgres = world.app.db) => {
  if (!rule) throw new Error('no rule');
  return createTableSource(db, rule, archive).remove({
    ...{ at, run: RUN, signal: new AbortController().signal, progress: () => undefined },
    deadline: new Date(Date.now() + 60_000),
  });
};

/** Stops the first who comes by, until it is let go. */
function gate() {
  let [arrive, open] = [() => {}, () => {}];
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const free = new Promise<void>((resolve) => (open = resolve));
  let first = true;
  return {
    arrived,
    open: () => open(),
    async pass() {
      if (!first) return;
      first = false;
      arrive();
      await free;
    },
  };
}

type Gate = ReturnType<typeof gate>;
const through = (wrapped: (store: ObjectStore) => Partial<ObjectStore>): [Archive, Postgres] => [
  { ...world.archive, store: { ...world.archive.store, ...wrapped(world.archive.store) } },
  world.app.db,
];

const MOMENTS: [name: string, held: (held: Gate) => [Archive, Postgres]][] = [
  [
    'before its upload begins',
    (held) =>
      through((store) => ({ beginUpload: async (key) => (await held.pass(), store.beginUpload(key)) })),
  ],
  [
    'while it uploads',
    (held) =>
      through((store) => ({
        uploadPart: async (...given) => (await held.pass(), store.uploadPart(...given)),
      })),
  ],
  [
    'after its last look, before its object comes into being',
    (held) =>
      through((store) => ({
        completeUpload: async (...given) => (await held.pass(), store.completeUpload(...given)),
      })),
  ],
  [
    'before it reads its object back',
    (held) => through((store) => ({ get: async (...given) => (await held.pass(), store.get(...given)) })),
  ],
  [
    'before it writes its manifest',
    (held) => through((store) => ({ put: async (...given) => (await held.pass(), store.put(...given)) })),
  ],
  [
    'before it deletes',
    (held) => [
      world.archive,
      {
        ...world.app.db,
        transaction: (work) =>
          world.app.db.transaction((tx) =>
            work({
              ...tx,
              execute: async (sql, values) => {
                if (/delete .*::tid\[\]/s.test(sql)) await held.pass();
                return tx.execute(sql, values);
              },
            }),
          ),
      },
    ],
  ],
];

test.for(MOMENTS)('a slow attempt, held %s, spoils nothing of its successor', async ([, hold]) => {
  const held = gate();
  const slow = remove(...hold(held)).catch((error: unknown) => error);
  await held.arrived;
  const result = await remove();
  expect(await archivedIds(world)).toEqual(important);
  held.open();
  expect(await slow).toMatchObject({ type: 'ArchiveTakenOver', nonRetryable: true });
  expect(result).toMatchObject({ archived: important.length, finished: true });
  expect(await world.app.db.query('select from public.logs')).toEqual([]);
  expect(await archivedIds(world)).toEqual(important);
  await expectTidy(world);
});

test('held within the deletion, it gives its rows back: the next run deletes what is archived already', async () => {
  const held = gate();
  const ops: Postgres = {
    ...world.ops.db,
    query: async (sql, values) => {
      // The last look of all, with the rows already deleted and not yet committed.
      const [entry] = await world.ops.db.query('select from ops.log_archives where verified_at is not null');
      if (entry && /^select from ops\.archive_sources/.test(sql)) await held.pass();
      return world.ops.db.query(sql, values);
    },
  };
  const slow = remove({ ...world.archive, ops }).catch((error: unknown) => error);
  await held.arrived;
  expect(await remove()).toMatchObject({ archived: 0, finished: true });
  held.open();
  expect(await slow).toMatchObject({ type: 'ArchiveTakenOver' });
  expect(await world.app.db.query('select from public.logs')).toHaveLength(important.length);
  expect(await remove()).toMatchObject({ archived: important.length });
  expect(await world.app.db.query('select from public.logs')).toEqual([]);
  expect(await archivedIds(world)).toEqual(important);
  await expectTidy(world);
});

test('rows that changed, and a table that was rewritten, while their object was proven: nothing goes that no object has', async () => {
  const { db } = world.app;
  // One statement: all rows have the same xmin, so that only the table's file tells a moved row from the one that was there.
  await db.query(
    `truncate public.logs;
     insert into public.logs select n, now() - interval '91 days' * (n <= ${String(OLD)})::int - make_interval(mins => n::int),
            case n % 10 when 0 then 'error' else 'info' end, 'line ' || n from generate_series(1, ${String(OLD + 300)}) n`,
  );
  const held = gate();
  const running = remove(
    ...through((store) => ({ get: async (...given) => (await held.pass(), store.get(...given)) })),
  );
  await held.arrived;
  await db.query(`update public.logs set body = 'changed' where id = 20`);
  await db.query('vacuum full public.logs');
  held.open();
  await running;
  const left = await db.query<{ id: number; body: string }>('select id, body from public.logs order by id');
  expect(left.slice(0, -300)).toEqual([{ id: 20, body: 'changed' }]);
  expect(left.slice(-300).map(({ id }) => id)).toEqual(Array.from({ length: 300 }, (_, n) => OLD + 1 + n));
  expect((await archivedIds(world)).sort((a, b) => a - b)).toEqual(important);
});

test('an object that a slow attempt left behind after all goes a day later, and no other', async () => {
  const held = gate();
  const { store } = world.archive;
  const [archive, db] = through(() => ({
    completeUpload: async (...given) => (await held.pass(), store.completeUpload(...given)),
    get: () => Promise.reject(new Error('killed')),
    remove: () => Promise.reject(new Error('killed')),
  }));
  const slow = remove(archive, db).catch((error: unknown) => error);
  await held.arrived;
  await remove();
  // A store whose abort comes too late: the object comes into being after all.
  held.open();
  await slow;
  const [abandoned] = await world.ops.db.query<{ key: string }>(
    "update ops.log_archives set abandoned_at = now() - interval '2 days' where abandoned_at is not null returning object_key as key",
  );
  if (!abandoned) throw new Error('nothing was abandoned');
  await store.put(abandoned.key, 'late', 'application/octet-stream');
  const before = await objects(world);
  await pruneArchives(world.archive, { at, months: 12 }, new AbortController().signal);
  expect(await objects(world)).toEqual(before.filter((key) => key !== abandoned.key));
  await expectTidy(world);
});
