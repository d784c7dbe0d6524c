import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Queryable } from '../../src/clients/postgres.ts';
import { arm, disarm, lastPreview, modeOf } from '../../src/schedules/arming.ts';
import { SCHEDULES } from '../../src/schedules/table.ts';
import { databaseId } from '../../src/database/index.ts';
import { cloneDatabase } from '../support/postgres.ts';
import type { ClonedDatabase } from '../support/postgres.ts';

const ID = 'nettoyage-logs';
let ops: ClonedDatabase;
let app: ClonedDatabase;
let databases: { ops: Queryable; app: Queryable };

beforeAll(async () => {
  [ops, app] = [await cloneDatabase('ops'), await cloneDatabase('empty')];
  databases = { ops: ops.db, app: app.db };
});
beforeEach(() => ops.db.query('truncate ops.arming, ops.runs'));
afterAll(async () => {
  await ops.drop();
  await app.drop();
});

const recordRun = async (
  mode: string,
  outcome: string,
  result: object,
  minutesAgo = 0,
  database?: string,
) => {
  database ??= await databaseId(app.db);
  await ops.db.query(
    `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, started_at, finished_at, outcome, result, database_id)
     values ($1, $2, $3, 'cleanLogs', $4, now() - make_interval(mins => $5), now(), $6, $7, $8)`,
    [`${ID}-run`, randomUUID(), ID, mode, minutesAgo, outcome, JSON.stringify(result), database],
  );
};

test('jobs that touch customers or delete observe until they are armed', async () => {
  expect(await modeOf(ID, databases)).toBe('observe');
  await arm(databases, { scheduleId: ID, by: 'anne@talos' });
  expect(await modeOf(ID, databases)).toBe('armed');
  expect(await modeOf('expiration-essais', databases)).toBe('observe');
  expect(await disarm(ops.db, ID)).toBe(true);
  expect(await modeOf(ID, databases)).toBe('observe');
  expect(await disarm(ops.db, ID)).toBe(false);
});

test('the other jobs are armed, even while no database answers', async () => {
  const down: Queryable = { query: () => Promise.reject(new Error('the server is down')) };
  for (const { scheduleId, observe } of SCHEDULES.filter((row) => !row.observe))
    expect([observe, await modeOf(scheduleId, { ops: down, app: down })]).toEqual([false, 'armed']);
  await expect(modeOf(ID, { ops: down, app: down })).rejects.toThrow('the server is down');
});

test('another database, re-pointed or a restored copy, puts a job back into observe mode', async () => {
  await arm(databases, { scheduleId: ID, by: 'anne@talos' });
  const copy = await cloneDatabase('empty');
  try {
    expect(await modeOf(ID, { ops: ops.db, app: copy.db })).toBe('observe');
    await arm({ ops: ops.db, app: copy.db }, { scheduleId: ID, by: 'anne@talos' });
    expect(await modeOf(ID, { ops: ops.db, app: copy.db })).toBe('armed');
    expect(await modeOf(ID, databases)).toBe('observe');
  } finally {
    await copy.drop();
  }
});

test('arming says who and after which preview', async () => {
  await recordRun('observe', 'succeeded', { deleted: 12 });
  const preview = await lastPreview(databases, ID);
  await arm(databases, { scheduleId: ID, by: 'anne@talos', preview });
  const [row] = await ops.db.query('select armed_by, preview_workflow_id, preview_run_id from ops.arming');
  expect(row).toEqual({
    armed_by: 'anne@talos',
    preview_workflow_id: `${ID}-run`,
    preview_run_id: preview?.runId,
  });
});

test('the preview is the last run that observed and ended well', async () => {
  expect(await lastPreview(databases, ID)).toBeUndefined();
  await recordRun('observe', 'succeeded', { deleted: 1 }, 60);
  await recordRun('observe', 'succeeded', { deleted: 2 }, 30);
  await recordRun('observe', 'failed', { deleted: 3 }, 20);
  await recordRun('armed', 'succeeded', { deleted: 4 }, 10);
  await recordRun('dry-run', 'succeeded', { deleted: 5 }, 5);
  // Another database's, as after a restore elsewhere.
  await recordRun('observe', 'succeeded', { deleted: 6 }, 1, 'another');
  expect((await lastPreview(databases, ID))?.result).toEqual({ deleted: 2 });
});
