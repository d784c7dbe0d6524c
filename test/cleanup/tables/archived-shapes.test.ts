import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Archive } from '../../../src/cleanup/archive/index.ts';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import {
  archivedIds,
  contentOf,
  expectTidy,
  linesOf,
  objects,
  startWorld,
  type World,
} from './archive-support.ts';

let world: World;
beforeEach(async () => {
  world = await startWorld('shapes');
});
afterEach(() => world.close());

const [rule] = logRules({
  keepDays: 90,
  tables: [{ table: 'public.logs', timestamp: 'at', importantWhen: `level = 'error'` }],
});
const remove = (archive: Archive = world.archive) => {
  if (!rule) throw new Error('no rule');
  return createTableSource(world.app.db, rule, archive).remove({
    ...{ at: new Date(), signal: new AbortController().signal, progress: () => undefined },
    deadline: new Date(Date.now() + 60_000),
  });
};

test('a column of type json keeps what it says, on one line', async () => {
  const payload = '{"action": "login",\n\r\n "traits": {"a": 1, "a": 2},\t"text": "two\\nlines"}';
  await world.app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null, level text, payload json, body text)`,
  );
  await world.app.db.query(
    `insert into public.logs select n, now() - interval '91 days', 'error', $1, E'two\\nlines' from generate_series(1, 3) n`,
    [payload],
  );
  expect(await remove()).toMatchObject({ count: 3, archived: 3 });
  const [name] = (await objects(world)).filter((key) => !key.endsWith('.json'));
  const content = await contentOf(world, name ?? '');
  expect(linesOf(content).map((row) => ({ ...row, at: undefined }))).toEqual(
    [1, 2, 3].map((id) => ({
      ...{ id, level: 'error', body: 'two\nlines', at: undefined },
      payload: { action: 'login', traits: { a: 2 }, text: 'two\nlines' },
    })),
  );
  // Not through jsonb: what was written twice is there twice.
  expect(content).toContain('{"a": 1, "a": 2}');
});

const ROWS = 300;
const MARK = 'talos: detached because all of its rows had expired; to be dropped';

test.for([
  ['verified', { put: () => Promise.reject(new Error('killed')) }],
  [
    'not yet verified',
    { get: () => Promise.reject(new Error('killed')), remove: () => Promise.reject(new Error('killed')) },
  ],
] as const)('a detached partition whose object is %s: each row in one object', async ([, broken]) => {
  await world.app.db.query(
    `create table public.logs (id int8, at timestamptz not null, level text, primary key (id, at)) partition by range (at);
     create table public.logs_old partition of public.logs for values from (minvalue) to ('2024-01-01');
     create table public.logs_new partition of public.logs for values from ('2024-01-01') to (maxvalue);
     insert into public.logs select n, '2023-06-01', 'error' from generate_series(1, ${String(ROWS)}) n`,
  );
  await expect(remove({ ...world.archive, store: { ...world.archive.store, ...broken } })).rejects.toThrow(
    'killed',
  );
  expect(await world.app.db.query('select from public.logs')).toHaveLength(ROWS);
  await world.app.db.query(
    `comment on table public.logs_old is '${MARK}'; alter table public.logs detach partition public.logs_old`,
  );
  expect(await remove()).toMatchObject({ archived: ROWS, finished: true, warnings: [] });
  expect(await archivedIds(world)).toEqual(Array.from({ length: ROWS }, (_, index) => index + 1));
  const [gone] = await world.app.db.query(`select to_regclass('public.logs_old') is null as gone`);
  expect(gone).toEqual({ gone: true });
  await expectTidy(world);
});
