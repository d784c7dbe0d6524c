import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createPostgres } from '../../../src/clients/postgres.ts';
import { blocksOf } from '../../../src/cleanup/tables/blocks.ts';
import { createTableSource, logRules } from '../../../src/cleanup/tables/index.ts';
import type { Relation } from '../../../src/cleanup/tables/relation.ts';
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

test('a table in the order of its time is swept between the ends that its index knows; what stands elsewhere goes too', async () => {
  await app.db.query(
    `create table public.logs (id int8 primary key, at timestamptz not null);
     insert into public.logs select n, now() - interval '100 days' * (n <= 30000)::int + make_interval(secs => n)
       from generate_series(1, 60000) n;
     insert into public.logs values (60001, now() - interval '99 days 20 hours');
     create index on public.logs (at)`,
  );
  await app.db.query('vacuum (analyze) public.logs');
  // A table that is worth it would take minutes to fill: here the planner would rather read all of it.
  const url = new URL(app.url);
  url.searchParams.set('options', '-c enable_seqscan=off -c enable_bitmapscan=off');
  const db = createPostgres({ url: url.href, applicationName: 'talos-test' });
  try {
    const place = { leaf: 'public.logs', alias: '"logs"', time: '"at"', relation: {} as Relation };
    const wanted = { expired: `"at" < $1::timestamptz - interval '90 days'`, at, blocks: 1_000_000 };
    const [likely, exact] = [
      await blocksOf(db, place, wanted, false),
      await blocksOf(db, place, wanted, true),
    ];
    expect(likely).toMatchObject({ from: 0, likely: true });
    expect(exact).toMatchObject({ from: 0, likely: false });
    expect(likely.to).toBeLessThan(exact.to);
    if (!rule) throw new Error('no rule');
    const context = { at, signal, progress: () => undefined, deadline: new Date(Date.now() + 60_000) };
    expect(await createTableSource(db, rule).remove(context)).toMatchObject({
      count: 30_001,
      finished: true,
    });
    expect(await left()).toEqual(Array.from({ length: 30_000 }, (_, index) => 30_001 + index));
  } finally {
    await db.close();
  }
});
