/** 90 days of operation, for pages, metrics and dashboards. */
import { readFile } from 'node:fs/promises';
import type { Postgres, Queryable } from '../../src/clients/postgres.ts';
import { computeStatistics } from '../../src/statistics/compute.ts';
import { cloneDatabase, DEMO_NOW, type ClonedDatabase } from './postgres.ts';

export const TARGETS = ['app', 'database', 'n8n', 'supabase', 'vps'];

/** One of the two files beside this one. */
export async function runFile(
  db: Postgres,
  file: 'operations.sql' | 'availability.sql',
  { everySeconds = 300, now = DEMO_NOW } = {},
): Promise<void> {
  const sql = await readFile(new URL(file, import.meta.url), 'utf8');
  await db.transaction(async (tx) => {
    await tx.query(`select set_config('talos.now', $1, true), set_config('talos.every', $2, true)`, [
      ...[now.toISOString(), String(everySeconds)],
    ]);
    await tx.query(sql);
  });
}

export interface Filled {
  app: ClonedDatabase;
  ops: ClonedDatabase;
  drop(): Promise<void>;
}

/** The demo's year with its figures, and 90 days of operation, as of DEMO_NOW. */
export async function fillBoth({ everySeconds = 300 } = {}): Promise<Filled> {
  const [app, ops] = await Promise.all([cloneDatabase('app'), cloneDatabase('ops')]);
  await Promise.all([
    computeStatistics(app.db, { at: DEMO_NOW, timeZone: 'Europe/Paris', grossMargin: 1 }),
    runFile(ops.db, 'operations.sql', { everySeconds }),
  ]);
  await runFile(app.db, 'availability.sql');
  return { app, ops, drop: async () => void (await Promise.all([app.drop(), ops.drop()])) };
}

/** One critical alert rings (A1: the application is down), one important too, and somebody sees to the third. */
export async function fillAlerts(ops: Queryable): Promise<void> {
  const open = (
    ...[rule, target, level, minutes, data, acknowledged = false]: [
      ...[rule: string, target: string, level: string],
      ...[minutes: number, data: object, acknowledged?: boolean],
    ]
  ): Promise<object[]> =>
    ops.query(
      `insert into ops.alerts (workflow_id, run_id, episode, rule, target, level, since, opened_at, acknowledged_at,
                               acknowledged_by, data)
       values ('alert/' || $1 || '/' || $2, md5($1 || $2), 1, $1, $2, $3, $4, $4, $5, $6, $7)`,
      [
        ...[rule, target, level, new Date(DEMO_NOW.getTime() - minutes * 60_000)],
        ...(acknowledged ? [new Date(DEMO_NOW.getTime() - 240_000), 'link'] : [null, null]),
        JSON.stringify({ event: 'firing', rule, target, level, at: DEMO_NOW.toISOString(), ...data }),
      ],
    );
  await ops.query(
    `update ops.samples set value = 0 where metric = 'availability:app' and at > $1::timestamptz - interval '12 minutes' and at <= $1`,
    [DEMO_NOW],
  );
  await open('AL4', 'app', 'critical', 12, { reason: 'status 503' });
  await open('AL3', 'vps:/var', 'important', 190, { value: 91, threshold: 90, unit: '%' });
  await open('AL1', 'vps', 'important', 34, { value: 97, threshold: 90, unit: '%' }, true);
}
