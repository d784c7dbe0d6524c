import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createExecutionTableSource } from '../../../src/cleanup/executions/index.ts';
import type { Progress } from '../../../src/cleanup/source.ts';
import { createPostgres } from '../../../src/clients/postgres.ts';
import { cloneDatabase, type ClonedDatabase } from '../../support/postgres.ts';

let n8n: ClonedDatabase;
beforeEach(async () => {
  n8n = await cloneDatabase('empty');
});
afterEach(() => n8n.drop());

const DAY = 86_400_000;
const at = new Date();
const ago = (days: number, ms = 0) => new Date(at.getTime() - days * DAY + ms).toISOString();
const signal = new AbortController().signal;
const settings = { keepDays: 30, setting: 'N8N_DATABASE_URL' };

const install = (schema: string, prefix: string) =>
  n8n.db.query(
    `create schema if not exists ${schema}; set search_path = ${schema};
     ${readFileSync(path.join(import.meta.dirname, 'n8n.sql'), 'utf8').replaceAll('"p_', `"${prefix}`)};
     reset search_path`,
  );

const source = () => createExecutionTableSource(n8n.db, settings);
const remove = (more: { signal?: AbortSignal; before?: Progress; deadline?: Date } = {}) => {
  const said: Progress[] = [];
  const done = source().remove({
    at,
    signal,
    deadline: new Date(Date.now() + 60_000),
    progress: (progress) => said.push(progress),
    ...more,
  });
  return { done, said };
};
const left = async (table = 'execution_entity', column = 'id') =>
  (await n8n.db.query<{ id: number }>(`select ${column} as id from ${table} order by 1`)).map(({ id }) => id);

/** With data and metadata; columns that are not named are those of a plain success. */
async function add(executions: Record<string, unknown>[], table = 'execution_entity'): Promise<void> {
  for (const execution of executions) {
    const row = {
      finished: true,
      mode: 'trigger',
      workflowId: 'fwXjcUJ2mJTEhUVK',
      status: 'success',
      ...execution,
    };
    const columns = Object.keys(row);
    await n8n.db.query(
      `insert into ${table} (${columns.map((name) => `"${name}"`).join(', ')})
       values (${columns.map((_, index) => `$${String(index + 1)}`).join(', ')})`,
      Object.values(row),
    );
  }
}

test('what ended long ago goes with its data; all else stays, also what only the tables tell', async () => {
  await install('public', '');
  await add([
    ...['success', 'error', 'canceled', 'crashed'].map((status, index) => ({
      id: index + 1,
      status,
      finished: status === 'success',
      stoppedAt: ago(31 + index),
    })),
    ...['new', 'running', 'waiting', 'unknown'].map((status, index) => ({
      id: index + 11,
      status,
      stoppedAt: ago(31),
    })),
    { id: 21, status: 'waiting', stoppedAt: ago(60), waitTill: '3000-01-01T00:00:00Z' },
    { id: 22, status: 'crashed', stoppedAt: null },
    { id: 23, status: 'error', stoppedAt: ago(60), waitTill: ago(-1) },
    { id: 31, stoppedAt: ago(30) },
    { id: 32, stoppedAt: ago(30, -1) },
    { id: 33, stoppedAt: ago(40), waitTill: ago(41) },
    // n8n is about to remove it, with its files.
    { id: 41, stoppedAt: ago(60), deletedAt: ago(1) },
    // Its data lies in a file.
    { id: 42, stoppedAt: ago(60), storedAt: 'fs' },
    // Somebody rated it.
    { id: 43, stoppedAt: ago(60) },
  ]);
  await n8n.db.query(
    `insert into execution_data select id, '{}', repeat('x', 900) from execution_entity;
     insert into execution_metadata ("executionId", key, value) select id, 'customer', 'x' from execution_entity;
     insert into execution_annotations ("executionId", vote) values (43, 'up');
     insert into test_case_execution values ('a', 1);
     analyze`,
  );
  expect(await source().check(signal)).toEqual([
    { code: 'BinaryDataStays' },
    { code: 'ExecutionDataElsewhere' },
  ]);
  const found = await source().find(at, signal);
  expect(found).toMatchObject({
    count: 6,
    oldest: ago(40),
    newest: ago(30, -1),
    samples: ['33', '4', '3', '2', '1'],
  });
  // With their data, of a kilobyte each.
  expect(found.bytes).toBeGreaterThan(6_000);
  expect(await left()).toHaveLength(17);
  expect(await remove().done).toMatchObject({ count: 6, bytes: found.bytes, finished: true });
  const stay = [11, 12, 13, 14, 21, 22, 23, 31, 41, 42, 43];
  expect(await left()).toEqual(stay);
  expect(await left('execution_data', '"executionId"')).toEqual(stay);
  expect(await left('execution_metadata', '"executionId"')).toEqual(stay);
  expect(await left('test_case_execution', '"executionId"')).toEqual([null]);
  expect(await remove().done).toMatchObject({ count: 0, finished: true });
});

test('one that changes state while it is deleted stays, and stops nobody', async () => {
  await install('public', '');
  await add([1, 2, 3].map((id) => ({ id, stoppedAt: ago(40) })));
  const result = await n8n.db.transaction(async (tx) => {
    await tx.query(`update execution_entity set status = 'waiting', "waitTill" = now() where id = 2`);
    return remove().done;
  });
  expect(result).toMatchObject({ count: 2, finished: true });
  expect(await remove().done).toMatchObject({ count: 0 });
  expect(await left()).toEqual([2]);
});

test('n8n is found in its own schema and behind its prefix, and never guessed', async () => {
  await expect(source().check(signal)).rejects.toMatchObject({
    type: 'TableMissing',
    message: expect.stringContaining('N8N_DATABASE_URL') as string,
  });
  // A copy that somebody put aside is none of n8n's: it has no workflows beside it.
  await n8n.db.query(
    'create table public.old_execution_entity (id int, status text, "stoppedAt" timestamptz)',
  );
  await install('automation', 'n8n_');
  await add(
    [
      { id: 1, stoppedAt: ago(40) },
      { id: 2, stoppedAt: ago(4) },
    ],
    'automation.n8n_execution_entity',
  );
  expect(await source().check(signal)).toEqual([{ code: 'BinaryDataStays' }]);
  expect(await remove().done).toMatchObject({ count: 1, finished: true });
  expect(await left('automation.n8n_execution_entity')).toEqual([2]);

  await install('second', '');
  await expect(source().find(at, signal)).rejects.toMatchObject({
    type: 'TableAmbiguous',
    message: expect.stringMatching(/automation\.n8n_execution_entity, second\.execution_entity/) as string,
  });
  const chosen = createPostgres({
    url: `${n8n.url}?options=-csearch_path%3Dautomation`,
    applicationName: 'talos-test',
  });
  expect(await createExecutionTableSource(chosen, settings).find(at, signal)).toMatchObject({ count: 0 });
  await chosen.close();
});

test('an n8n from before `status` is refused, with what mends it', async () => {
  await install('public', '');
  await n8n.db.query('alter table execution_entity drop column status');
  await expect(source().check(signal)).rejects.toMatchObject({
    type: 'ColumnMissing',
    message: expect.stringMatching(/N8N_DATABASE_URL.*no column status; upgrade n8n/) as string,
  });
});

test('killed again and again, or out of time, it goes on until all are gone', async () => {
  await install('public', '');
  await n8n.db.query(
    `insert into execution_entity (finished, mode, "workflowId", status, "stoppedAt")
       select true, 'trigger', 'fwXjcUJ2mJTEhUVK', case n % 4 when 0 then 'waiting' else 'success' end,
              now() - interval '31 days' from generate_series(1, 40000) n;
     insert into execution_data select id, '{}', repeat('x', 100) from execution_entity`,
  );
  let before: Progress | undefined;
  for (let kills = 0; kills < 3; kills += 1) {
    const kill = new AbortController();
    const done = source().remove({
      at,
      signal: kill.signal,
      deadline: new Date(Date.now() + 60_000),
      before,
      progress: (progress) => {
        before = progress;
        kill.abort(new Error('killed'));
      },
    });
    await expect(done).rejects.toThrow('killed');
  }
  expect(await remove({ before, deadline: new Date(Date.now() - 1) }).done).toMatchObject({
    finished: false,
  });
  const { count, finished } = await remove({ before }).done;
  expect({ count, finished }).toEqual({ count: 30_000, finished: true });
  expect(await left('execution_data', '"executionId"')).toEqual(
    Array.from({ length: 10_000 }, (_, index) => 4 * (index + 1)),
  );
});
