import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RunningWorker } from '../../src/worker.ts';
import { runningJob } from '../../src/monitoring/own-job.ts';
import type { MonitorResult } from '../../src/monitoring/workflow.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { startFakeApp, workHere, writePolicy, type FakeApp } from './support.ts';

/** The figure is for 100 slots; a few show the same. */
const SLOTS = Number(process.env['TALOS_TEST_SLOTS'] ?? 6);
/** What a run left behind counts for two slots: the cadence of 5 s must fit into that. */
const SLOT_SECONDS = 3;

describe('runs of a watch', () => {
  let maintenance: Maintenance;
  let worker: RunningWorker;
  let app: FakeApp;

  beforeAll(async () => {
    app = await startFakeApp();
    maintenance = await startMaintenance({ APP_URL: app.url });
    await writePolicy(maintenance, { monitoring: { everySeconds: 5, inDoubtSeconds: 1, controls: [] } });
    worker = await workHere(maintenance);
  });
  afterAll(async () => {
    await worker.stop();
    await maintenance.close();
    await app.down();
  });

  const runs = () =>
    maintenance.ops.db.query<{
      workflow_id: string;
      run_id: string;
      from: string;
      until: string;
      looks: number;
    }>(
      `select workflow_id, run_id, result ->> 'from' as from, result ->> 'until' as until,
              (result ->> 'looks')::int as looks
         from ops.runs where schedule_id = 'monitoring-disponibilite' and outcome = 'succeeded'
        order by result ->> 'from'`,
    );

  it(
    'follow one another without a gap, with few events, and each knows what the last one knew',
    async () => {
      const { client } = maintenance;
      const handle = await client.schedule.create({
        scheduleId: 'slots',
        spec: { intervals: [{ every: SLOT_SECONDS * 1000 }] },
        policies: { overlap: 'BUFFER_ONE' },
        action: {
          type: 'startWorkflow',
          workflowType: 'monitorAvailability',
          workflowId: 'slots',
          taskQueue: TASK_QUEUE,
          args: [{ slotSeconds: SLOT_SECONDS }],
        },
      });
      const found = await waitFor(
        async () => {
          const rows = await runs();
          return rows.length >= SLOTS && rows;
        },
        { timeoutMs: (SLOTS * SLOT_SECONDS + 30) * 1000, what: `${String(SLOTS)} slots` },
      ).finally(() => handle.delete());
      const gaps = found
        .slice(1)
        .map(({ from }, index) => Date.parse(from) - Date.parse(found[index]?.until ?? ''));
      console.log(
        `gaps over ${String(found.length)} slots: max ${String(Math.max(...gaps))} ms, mean ${String(Math.round(gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length))} ms`,
      );
      expect(Math.max(...gaps)).toBeLessThanOrEqual(5_000);
      // The cadence of 5 s goes on across slots of 3 s: no slot begins it anew.
      const looks = found.reduce((sum, run) => sum + run.looks, 0);
      const seconds = (Date.parse(found.at(-1)?.until ?? '') - Date.parse(found[0]?.from ?? '')) / 1000;
      expect(looks).toBeLessThanOrEqual(Math.ceil(seconds / 5) + 1);
      for (const { workflow_id: id, run_id: run } of found.slice(-3)) {
        const events = (await client.workflow.getHandle(id, run).fetchHistory()).events ?? [];
        expect(events.length).toBeLessThanOrEqual(30);
        console.log(`${String(events.length)} events`);
      }
    },
    (SLOTS * SLOT_SECONDS + 60) * 1000,
  );

  it('say what they saw and what is not watched; a dry run leaves nothing behind', async () => {
    const { client, ops } = maintenance;
    await ops.db.query('truncate ops.samples');
    const run = (args: object[]) =>
      client.workflow.execute('monitorAvailability', {
        workflowId: `by-hand-${String(args.length)}-${JSON.stringify(args).length}`,
        taskQueue: TASK_QUEUE,
        args,
      }) as Promise<MonitorResult>;
    const dry = await run([{ dryRun: true }]);
    expect(dry).toMatchObject({ looks: 1, ok: 2, bad: 0, unknown: 0, watched: ['app', 'database'] });
    expect(dry.notWatched).toContain('n8n: N8N_URL or N8N_API_KEY is not set');
    expect(dry.state).toBeUndefined();
    expect(await ops.db.query('select from ops.samples')).toEqual([]);
    const single = await run([{ mode: 'single' }]);
    expect(single).toMatchObject({ looks: 1, samplesStored: 2 });
    expect(await ops.db.query('select metric, target, value from ops.samples order by 1')).toEqual([
      { metric: 'availability:app', target: 'app', value: 1 },
      { metric: 'availability:database', target: 'database', value: 1 },
    ]);
  });

  it('measure the server, the application and the database', async () => {
    const { client, ops } = maintenance;
    const result = (await client.workflow.execute('monitorPerformance', {
      workflowId: 'performance',
      taskQueue: TASK_QUEUE,
      args: [{ mode: 'single' }],
    })) as MonitorResult;
    expect(result).toMatchObject({ looks: 1, bad: 0, unknown: 0 });
    expect(result.watched).toEqual(['app', 'database', 'this machine (as vps)']);
    const rows = await ops.db.query<{
      metric: string;
      value: number;
      count: number | null;
      sum: number | null;
    }>('select metric, value, count, sum from ops.samples order by metric');
    const metrics = rows.map(({ metric }) => metric);
    expect(metrics).toEqual(
      expect.arrayContaining([
        ...['api_ms', 'db_bytes', 'db_connect_ms', 'db_connections_percent', 'db_ms', 'disk_percent'],
        ...['load_per_core', 'ram_percent', 'slow_query_seconds'],
      ]),
    );
    expect(rows.find(({ metric }) => metric === 'api_ms')).toMatchObject({ count: 1 });
  });

  it('know a job of ours that runs now, and neither one that only looks nor one whose end was lost', async () => {
    const { db } = maintenance.ops;
    const job = (id: string, schedule: string, mode: string, hours: number, outcome = 'running') =>
      db.query(
        `insert into ops.runs (workflow_id, run_id, schedule_id, workflow_type, mode, started_at, outcome)
         values ($1, $1, $2, 'x', $3, now() - make_interval(hours => $4), $5)`,
        [id, schedule, mode, hours, outcome],
      );
    await job('a', 'backup-database', 'dry-run', 0);
    await job('b', 'backup-database', 'armed', 7);
    await job('c', 'monitoring-performance', 'armed', 0);
    await job('d', 'backup-database', 'armed', 0, 'succeeded');
    expect(await runningJob(db)).toBeUndefined();
    await job('e', 'nettoyage-logs', 'observe', 1);
    expect(await runningJob(db)).toBe('nettoyage-logs');
  });
});
