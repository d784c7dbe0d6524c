import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOwnSources } from '../../src/cleanup/own-tables.ts';
import type { Source } from '../../src/cleanup/source.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

let ops: ClonedDatabase;
let sources: Source[];
const at = new Date('2026-11-22T03:00:00Z');

beforeAll(async () => {
  ops = await cloneDatabase('ops');
  sources = createOwnSources(ops.db);
});
afterAll(() => ops.drop());

const named = (name: string): Source => {
  const source = sources.find((candidate) => candidate.name === name);
  if (source === undefined) throw new Error(`no source ${name}`);
  return source;
};
const remove = (source: Source) =>
  source.remove({
    at,
    signal: new AbortController().signal,
    progress: () => undefined,
    deadline: new Date(Date.now() + 60_000),
  });
const sample = (
  instant: string,
  value: number | null,
  count: number | null = null,
  sum: number | null = null,
) =>
  ops.db.query('insert into ops.samples values ($1, $2, $3, $4, $5, $6)', [
    ...['api_ms', 'app', instant],
    ...[value, count, sum],
  ]);

test('samples are raw for 35 days, then hourly with the same mean; a late one joins its hour', async () => {
  const source = named('ops.samples to hours');
  // One exactly at the hour, which the hourly row then takes the place of.
  await sample('2026-10-18T01:00:00Z', 10);
  await sample('2026-10-18T01:20:00Z', 20, 3, 60);
  await sample('2026-10-18T01:59:59Z', 30);
  await sample('2026-10-18T02:30:00Z', 7);
  await sample('2026-10-18T03:10:00Z', 1);
  await sample('2026-10-18T03:20:00Z', 2);
  expect(await source.find(at, new AbortController().signal)).toMatchObject({ count: 2 });
  expect(await remove(source)).toMatchObject({ count: 2, finished: true });
  const rows = () =>
    ops.db
      .query('select at, value, count, sum from ops.samples order by at')
      .then((found) =>
        found.map(({ at: instant, ...row }) => ({ at: (instant as Date).toISOString(), ...row })),
      );
  const hourly = { at: '2026-10-18T01:00:00.000Z', value: 20, count: 5, sum: 100 };
  const raw = [
    { at: '2026-10-18T02:30:00.000Z', value: 7, count: null, sum: null },
    { at: '2026-10-18T03:10:00.000Z', value: 1, count: null, sum: null },
    { at: '2026-10-18T03:20:00.000Z', value: 2, count: null, sum: null },
  ];
  expect(await rows()).toEqual([hourly, ...raw]);
  expect(await remove(source)).toMatchObject({ count: 0, finished: true });

  await sample('2026-10-18T01:30:00Z', 80);
  await remove(source);
  expect(await rows()).toEqual([{ ...hourly, value: 30, count: 6, sum: 180 }, ...raw]);
});

test('after 25 months everything goes that is over; what is open stays, however old', async () => {
  const run = (id: string, started: string, finished: string | null) =>
    ops.db.query(
      `insert into ops.runs (workflow_id, run_id, workflow_type, mode, started_at, finished_at, outcome)
       values ($1, $1, 'cleanLogs', 'armed', $2, $3, 'succeeded')`,
      [id, started, finished],
    );
  await run('old', '2024-10-01T00:00:00Z', '2024-10-01T00:01:00Z');
  await run('old-open', '2024-10-01T00:00:00Z', null);
  await run('young', '2024-10-23T00:00:00Z', '2024-10-23T00:01:00Z');
  const source = named('ops.runs');
  expect(await source.find(at, new AbortController().signal)).toMatchObject({ count: 1 });
  expect(await remove(source)).toMatchObject({ count: 1, finished: true });
  expect(await ops.db.query('select run_id from ops.runs order by 1')).toEqual([
    { run_id: 'old-open' },
    { run_id: 'young' },
  ]);
  for (const { name } of sources) expect(await remove(named(name))).toMatchObject({ finished: true });
});
