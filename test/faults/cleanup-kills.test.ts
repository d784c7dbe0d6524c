import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { describe, expect, inject, it } from 'vitest';
import type { CleanResult } from '../../src/cleanup/result.ts';
import { arm } from '../../src/schedules/index.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { openSealed } from '../../src/vault/index.ts';
import { writePolicy } from '../monitoring/support.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { randoms } from '../support/randoms.ts';
import { waitFor } from '../support/wait.ts';

const KILLS = 20;
/** A quick machine ends a run before its moment comes: that run proves nothing, and another one begins. */
const RUNS = 5 * KILLS;
const OLD = 200_000;
const YOUNG = 5_000;
/** PENDING_ACTIVITY_STATE_STARTED. */
const STARTED = 2;
/** Every so many rows one is important. */
const IMPORTANT = 10;
/** The same moments again: `TALOS_TEST_SEED=<seed>`. */
const SEED = Number(process.env['TALOS_TEST_SEED'] ?? randomInt(2 ** 31));

const JOBS = [
  {
    scheduleId: 'nettoyage-donnees-temporaires',
    type: 'cleanTemporaryData',
    withinMs: 350,
    cleanup: {
      expired: {
        auth: false,
        tables: [{ table: 'public.victims', expiredWhen: "at < :now - interval '90 days'" }],
      },
    },
  },
  {
    scheduleId: 'nettoyage-logs',
    type: 'cleanLogs',
    withinMs: 700,
    cleanup: {
      logs: { tables: [{ table: 'public.victims', timestamp: 'at', importantWhen: `level = 'error'` }] },
    },
  },
] as const;

async function fill({ app }: Maintenance): Promise<void> {
  await app.db.query(
    `drop table if exists public.victims;
     create table public.victims (id int primary key, at timestamptz not null, level text not null, body text not null);
     insert into public.victims
     select n, now() - case when n > ${String(OLD)} then interval '1 day' else interval '91 days' end - make_interval(secs => n),
            case when n % ${String(IMPORTANT)} = 0 then 'error' else 'info' end, repeat(md5(n::text), 6)
       from generate_series(1, ${String(OLD + YOUNG)}) n order by md5(n::text);
     analyze public.victims`,
  );
}

const range = (from: number, to: number, step = 1): number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => from + at * step);

/** Of the table of this test; `auth.audit_log_entries` has its own. */
const ARCHIVES = 'logs/important/public.victims/';

/** Every row of every object that has its manifest, by its id; and that no manifest is missing. */
async function archived({ store, key, ops }: Maintenance): Promise<number[]> {
  const ids: number[] = [];
  const keys: string[] = [];
  for await (const object of store.list(ARCHIVES)) keys.push(object.key);
  const objects = keys.filter((name) => !name.endsWith('.json'));
  expect(keys.filter((name) => name.endsWith('.json')).sort()).toEqual(
    objects.map((name) => `${name}.json`).sort(),
  );
  const journal = await ops.db.query<{ key: string }>(
    `select object_key as key from ops.log_archives
      where object_key like $1 || '%' and verified_at is not null and pending is null and gone = rows`,
    [ARCHIVES],
  );
  expect(journal.map((entry) => entry.key).sort()).toEqual(objects.sort());
  for (const name of objects) {
    const { stage, read } = await openSealed(
      { store, key: name, identities: [key.identity], zstd: inject('tools').zstd },
      'pipe',
    );
    const [lines] = await Promise.all([text(stage.child.stdout as NodeJS.ReadableStream), read, stage.done]);
    for (const line of lines.trim().split('\n')) ids.push((JSON.parse(line) as { id: number }).id);
  }
  return ids;
}

async function empty({ store, ops }: Maintenance): Promise<void> {
  const keys: string[] = [];
  for await (const { key } of store.list('logs/')) keys.push(key);
  for (const key of keys) await store.remove(key);
  await ops.db.query('truncate ops.log_archives');
}

/** Runs the job once; each attempt to delete is killed at its moment, for as long as there are moments. */
async function killOften(maintenance: Maintenance, type: string, id: string, moments: readonly number[]) {
  const handle = await maintenance.client.workflow.start(type, {
    ...{ taskQueue: TASK_QUEUE, workflowId: id },
    args: [{ brakeMinimum: 10 * OLD }],
  });
  const attempt = async (): Promise<string | undefined> => {
    const { raw, status } = await handle.describe();
    if (status.name !== 'RUNNING') return 'over';
    const deleting = (raw.pendingActivities ?? []).find(
      ({ activityType, lastStartedTime, state }) =>
        activityType?.name === 'removeExpired' && lastStartedTime && Number(state) === STARTED,
    );
    return deleting && `${String(deleting.activityId)}/${String(deleting.attempt)}`;
  };
  let worker = await maintenance.startWorker();
  let [last, kills] = ['', 0];
  for (const moment of moments) {
    const current = await waitFor(
      async () => {
        const now = await attempt();
        return now !== undefined && now !== last && now;
      },
      { timeoutMs: 120_000, what: `attempt ${String(kills + 1)}` },
    );
    if (current === 'over') break;
    last = current;
    await delay(moment);
    if ((await attempt()) !== current) continue;
    await end(worker, 'SIGKILL');
    kills += 1;
    worker = await maintenance.startWorker();
  }
  const result = (await handle.result()) as CleanResult;
  await end(worker);
  return { kills, result };
}

describe.concurrent(`a worker killed with -9 at ${String(KILLS)} random moments of a clean-up`, () => {
  it.for(JOBS)(
    '$type: what is deleted and what is kept are all rows, and what was important stands in one object',
    { timeout: 30 * 60_000 },
    async ({ scheduleId, type, cleanup, withinMs }, { expect: expecting }) => {
      const maintenance = await startMaintenance();
      const random = randoms(SEED);
      try {
        await writePolicy(maintenance, { cleanup });
        await arm({ app: maintenance.app.db, ops: maintenance.ops.db }, { scheduleId, by: 'test' });
        let kills = 0;
        let runs = 0;
        for (; kills < KILLS && runs < RUNS; runs += 1) {
          await fill(maintenance);
          await empty(maintenance);
          const moments = Array.from({ length: KILLS - kills }, () => Math.round(random() * withinMs));
          const done = await killOften(maintenance, type, `killed-${String(runs)}`, moments);
          kills += done.kills;
          expecting(done.result.sources.flatMap(({ failure }) => failure ?? [])).toEqual([]);
          const kept = await maintenance.app.db.query<{ id: number }>(
            'select id from public.victims order by id',
          );
          expecting(kept.map(({ id }) => id)).toEqual(range(OLD + 1, OLD + YOUNG));
          if (type !== 'cleanLogs') continue;
          const ids = (await archived(maintenance)).sort((a, b) => a - b);
          expecting(ids).toEqual(range(IMPORTANT, OLD, IMPORTANT));
          // Counted by the journal, whatever the killed attempts had not come to say.
          const [source] = done.result.sources.filter(({ name }) => name === 'public.victims');
          expecting(source?.removed?.archived).toBe(OLD / IMPORTANT);
        }
        console.log(`${type}, seed ${String(SEED)}: ${String(kills)} kills in ${String(runs)} runs`);
        expecting(kills).toBeGreaterThanOrEqual(KILLS);
      } finally {
        await maintenance.close();
      }
    },
  );
});
