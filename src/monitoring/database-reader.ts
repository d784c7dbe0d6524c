/** Reads the watched PostgreSQL, and makes samples of it. */
import { TOO_MANY_CLIENTS, type PostgresMonitor } from '../clients/postgres-monitor.ts';
import type { Evidence, Sample } from '../alerts/index.ts';
import {
  activityQuery,
  logFileQuery,
  logQuery,
  sizeQuery,
  type Activity,
  type LogPart,
} from './database-queries.ts';

export const DATABASE = 'database';

/** What the next reading is compared with; travels in heartbeats. */
export interface DatabaseMemory {
  at: number;
  rollbacks: number;
  deadlocks: number;
  conflicts: number;
  resetAt: string | null;
  log?: { file: string; offset: number };
  sizeAt?: number;
}

export interface DatabaseReading {
  samples: Sample[];
  memory?: DatabaseMemory;
}

const SIZE_EVERY_MS = 15 * 60_000;
const MINUTE = 60_000;
const rounded = (value: number): number => Math.round(value * 100) / 100;

/** Response times: of a query on a connection that is there, and of a new connection. */
export async function databaseTimes(database: PostgresMonitor, at: number): Promise<Sample[]> {
  const target = DATABASE;
  const ping = await database.ping();
  const fresh = await database.connect();
  const ms = (metric: string, value: number): Sample => ({
    metric,
    target,
    at,
    value: rounded(value),
    count: 1,
  });
  const samples: Sample[] = [];
  if (ping.state === 'up') samples.push(ms('db_ms', ping.phases.total));
  // Too slow to be measured is slow all the same.
  else if (ping.reason === 'timeout') samples.push({ ...ms('db_ms', ping.phases.total), reason: 'timeout' });
  else samples.push({ metric: 'db_ms', target, at, unknown: ping.reason });
  if (fresh.state === 'up') samples.push(ms('db_connect_ms', fresh.phases.total));
  if (fresh.reason === TOO_MANY_CLIENTS)
    samples.push({ metric: 'db_connections_percent', target, at, value: 100, reason: TOO_MANY_CLIENTS });
  return samples;
}

function connections(now: Activity, at: number): Sample {
  const used = now.seesAll ? now.clients : now.backends;
  return {
    ...{ metric: 'db_connections_percent', target: DATABASE, at },
    value: rounded((used / Math.max(1, now.limit)) * 100),
    evidence: [
      { name: 'connections', value: `${String(used)} / ${String(now.limit)}` },
      { name: 'idle in transaction', value: String(now.idleInTransaction) },
    ],
  };
}

function slowQueries(now: Activity, at: number): Sample[] {
  const evidence: Evidence[] = [
    ...(now.slowestPid !== null && now.slow > 0 ? [{ name: 'pid', value: String(now.slowestPid) }] : []),
    { name: 'slow queries', value: String(now.slow) },
    ...(now.ownSlow > 0 ? [{ name: 'own queries', value: String(now.ownSlow) }] : []),
    ...(now.idleInTransaction > 0
      ? [{ name: 'idle in transaction', value: `${now.oldestIdle.toFixed(0)} s` }]
      : []),
  ];
  const sample = (metric: string, value: number): Sample => ({ metric, target: DATABASE, at, value });
  return [
    now.seesAll
      ? { ...sample('slow_query_seconds', rounded(now.slowest)), evidence }
      : { metric: 'slow_query_seconds', target: DATABASE, at, unknown: 'pg_monitor is not granted' },
    sample('own_query_seconds', rounded(now.ownSlowest)),
    sample('db_idle_in_transaction', now.idleInTransaction),
  ];
}

interface LogSight {
  /** Undefined at the first sight, and where the file was cut. */
  errors?: number;
  log: DatabaseMemory['log'];
}

/** Errors since the last reading, from the server log. Undefined: the server writes none that can be counted. */
async function readLog(
  database: PostgresMonitor,
  before: DatabaseMemory['log'],
): Promise<LogSight | undefined> {
  const [{ file } = { file: null }] = await database.query<{ file: string | null }>(logFileQuery);
  if (file === null) return undefined;
  const part = async (of: string, offset: number): Promise<LogPart> =>
    (await database.query<LogPart>(logQuery(of, offset)))[0] ?? { size: null, bytes: 0, errors: 0 };
  const old = before && (await part(before.file, before.offset));
  if (before?.file === file && old && (old.size ?? 0) >= before.offset)
    return { errors: old.errors, log: { file, offset: before.offset + old.bytes } };
  if (before && old && before.file !== file) {
    // A new file was begun: the rest of the old one, and the new one from its start.
    const begun = await part(file, 0);
    return { errors: old.errors + begun.errors, log: { file, offset: begun.bytes } };
  }
  // What stands there already is not of this minute.
  const { size } = await part(file, Number.MAX_SAFE_INTEGER);
  return { log: { file, offset: size ?? 0 } };
}

function rate(count: number, before: DatabaseMemory, at: number, source: string): Sample {
  const perMinute = (count / Math.max(1, at - before.at)) * MINUTE;
  return {
    ...{ metric: 'db_errors_per_minute', target: DATABASE, at, value: rounded(perMinute) },
    ...{ count, evidence: [{ name: 'source', value: source }] },
  };
}

/** Counters since the last reading; nothing where they were set back. */
function counters(now: Activity, before: DatabaseMemory, at: number): Sample[] {
  return (['deadlocks', 'conflicts'] as const).map((name) => {
    const value = now[name] - before[name];
    return { metric: `db_${name}`, target: DATABASE, at, value, count: value };
  });
}

/**
 * One reading. `hostErrors`: what the server log on the host said since the last one, where our helper reads it.
 * Rejects when the database gives no answer: the caller says why.
 */
export async function readDatabase(
  database: PostgresMonitor,
  before: DatabaseMemory | undefined,
  at: number,
  { slowSeconds, hostErrors }: { slowSeconds: number; hostErrors?: number },
): Promise<DatabaseReading> {
  const [now] = await database.query<Activity>(activityQuery(slowSeconds));
  if (now === undefined) throw new Error('no row');
  const samples: Sample[] = [connections(now, at), ...slowQueries(now, at)];
  const wasReset = before === undefined || before.resetAt !== now.resetAt || now.rollbacks < before.rollbacks;

  const read = now.readsLog ? await readLog(database, before?.log).catch(() => undefined) : undefined;
  const errors = read ? read.errors : hostErrors;
  if (before && errors !== undefined) samples.push(rate(errors, before, at, 'server log'));
  else if (before && !read && !wasReset)
    samples.push(rate(now.rollbacks - before.rollbacks, before, at, 'rollbacks'));
  if (before && !wasReset) samples.push(...counters(now, before, at));

  let { sizeAt } = before ?? {};
  if (sizeAt === undefined || at - sizeAt >= SIZE_EVERY_MS) {
    const [size] = await database.query<{ bytes: number }>(sizeQuery).catch(() => []);
    if (size) samples.push({ metric: 'db_bytes', target: DATABASE, at, value: size.bytes });
    sizeAt = at;
  }
  const { rollbacks, deadlocks, conflicts, resetAt } = now;
  return { samples, memory: { at, rollbacks, deadlocks, conflicts, resetAt, log: read?.log, sizeAt } };
}
