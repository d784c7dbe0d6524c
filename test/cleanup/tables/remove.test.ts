import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

let app: ClonedDatabase;
const at = new Date();
const day = 86_400_000;
const signal = new AbortController().signal;

beforeAll(async () => {
  app = await cloneDatabase('empty');
});
afterAll(() => app.drop());
beforeEach(() => app.db.query('drop table if exists public.logs cascade'));

const [rule] = logRules({ keepDays: 90, tables: [{ table: 'public.logs', timestamp: 'at' }] });
const source = () => {
  if (!rule) throw new Error('no rule');
  return createTableSource(app.db, rule);
};
const remove = () =>
  source().remove({ at, signal, progress: () => undefined, deadline: new Date(Date.now() + 60_000) });
const left = async () =>
  (await app.db.query<{ id: number }>('select id from public.logs order by id')).map(({ id }) => id);

test('rows go once they are older than their days; one that somebody holds stays and stops nobody', async () => {
  await app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz, body text);
     insert into public.logs select n, now() - make_interval(days => n::int), repeat('x', 200) from generate_series(1, 5000) n`,
  );
  expect(await source().check(signal)).toEqual([]);
  expect(await source().find(at, signal)).toMatchObject({ count: 4_910 });
  const result = await app.db.transaction(async (tx) => {
    await tx.query('select from public.logs where id = 3000 for update');
    return remove();
  });
  expect(result).toMatchObject({ count: 4_909, finished: true });
  expect(await left()).toEqual([...Array.from({ length: 90 }, (_, index) => index + 1), 3_000]);
  expect(await remove()).toMatchObject({ count: 1, finished: true });
});

test('a partition that is past its time is dropped whole, also one that a killed run had only detached', async () => {
  const on = (days: number) => new Date(Date.now() - days * day).toISOString();
  await app.db.query(
    `create table public.logs (id int8, at timestamptz not null) partition by range (at);
     create table public.logs_a partition of public.logs for values from ('${on(400)}') to ('${on(300)}');
     create table public.logs_b partition of public.logs for values from ('${on(300)}') to ('${on(200)}');
     create table public.logs_c partition of public.logs for values from ('${on(200)}') to ('${on(0)}');
     insert into public.logs select n, now() - make_interval(days => n::int) from generate_series(1, 399) n;
     comment on table public.logs_a is 'talos: detached because all of its rows had expired; to be dropped';
     alter table public.logs detach partition public.logs_a`,
  );
  expect(await remove()).toMatchObject({ finished: true, warnings: [] });
  expect(await left()).toEqual(Array.from({ length: 90 }, (_, index) => index + 1));
  const tables = await app.db.query<{ name: string }>(
    `select relname as name from pg_class where relname like 'logs%' and relkind in ('r', 'p') order by 1`,
  );
  expect(tables.map(({ name }) => name)).toEqual(['logs', 'logs_c']);
});
