/** The week's logs, whole, beside the weekly backups (BS2). */
import { text } from 'node:stream/consumers';
import type { Postgres } from '../../clients/postgres.ts';
import { periodName, periodOf } from '../../shared/calendar.ts';
import {
  archiveRows,
  entryGone,
  entryPruned,
  lineOf,
  openEntries,
  safe,
  takeOver,
  abandon,
  writeManifest,
  type Archive,
  type Lines,
} from '../archive/index.ts';
import type { StoredWeek } from '../result.ts';
import { quoted } from '../tables/rule.ts';
import { inTransaction } from '../tables/session.ts';
import { weekBefore } from './figures.ts';
import { logTables, sqlName, type LogTable } from './tables.ts';

export const WEEKLY_PREFIX = 'logs/weekly';
/** What this program writes there, and nothing else: the only keys that are ever deleted. */
const OWN_KEY = new RegExp(String.raw`^${WEEKLY_PREFIX}/(\d{4}-W\d\d)/[\w.-]+\.ndjson\.zst\.age(?:\.json)?$`);
const FETCH = 2_000;
const STATEMENT_MS = 10 * 60_000;

export interface WeekDeps {
  app: Postgres;
  archive: Archive;
  tables: readonly LogTable[];
  timeZone: string;
}

interface Storing {
  /** Temporal's run id. */
  run: string;
  signal: AbortSignal;
  progress: (rows: number) => void;
}

/**
 * One object a table, read back before it counts. What has its manifest has been stored: a repetition goes on with the
 * next one.
 */
export async function storeWeekOf(deps: WeekDeps, at: Date, storing: Storing): Promise<StoredWeek> {
  const { from, to, lastDay } = weekBefore(at, deps.timeZone);
  const week = periodName('weekly', periodOf('weekly', lastDay));
  const stored: StoredWeek = { week, objects: 0, rows: 0, bytes: 0 };
  for (const log of await logTables(deps.app, deps.tables)) {
    storing.signal.throwIfAborted();
    const name = `${WEEKLY_PREFIX}/${week}/${safe(log.table)}`;
    const { rows, bytes } =
      (await manifestOf(deps.archive, name)) ?? (await storeTable(deps, { log, name, from, to }, storing));
    stored.objects += 1;
    stored.rows += rows;
    stored.bytes += bytes;
  }
  return stored;
}

async function storeTable(
  { app, archive }: WeekDeps,
  { log, name, from, to }: { log: LogTable; name: string; from: Date; to: Date },
  { run, signal, progress }: Storing,
): Promise<{ rows: number; bytes: number }> {
  // Each attempt writes a key of its own; whoever was succeeded comes to no manifest.
  const fence = await takeOver(archive.ops, name, run);
  for (const { objectKey, verified, ...entry } of await openEntries(fence)) {
    if (verified) {
      await writeManifest(archive.store, { objectKey, verified, ...entry }, log.table);
      await entryGone(fence, objectKey, []);
      return { rows: entry.rows, bytes: verified.bytes };
    }
    await abandon(archive.store, fence, objectKey);
  }
  const objectKey = `${name}-${String(fence.epoch)}.ndjson.zst.age`;
  const { rows, verified } = await inTransaction(
    app,
    { readOnly: true, statementMs: STATEMENT_MS },
    async (tx) => {
      await tx.query(
        `declare week no scroll cursor for
        select ${lineOf('log')} as line from ${sqlName(log.table)} log
         where ${quoted(log.timestamp)} >= ${instant(from)} and ${quoted(log.timestamp)} < ${instant(to)}
         order by ${quoted(log.timestamp)}`,
      );
      async function* lines(): AsyncGenerator<Lines> {
        for (let count = 0; ;) {
          signal.throwIfAborted();
          const fetched = await tx.query<{ line: string }>(`fetch ${String(FETCH)} from week`);
          if (fetched.length === 0) return;
          progress((count += fetched.length));
          yield { text: fetched.map(({ line }) => `${line}\n`).join(''), rows: fetched.length };
        }
      }
      const segment = {
        relation: log.table,
        rows: 0,
        lines: lines(),
        firstAt: from,
        lastAt: to,
        pending: () => '[]',
      };
      return archiveRows(archive, fence, segment, { objectKey, source: log.table, signal });
    },
  );
  await entryGone(fence, objectKey, []);
  return { rows, bytes: verified?.bytes ?? 0 };
}

/** A cursor takes no bound values; an ISO instant holds nothing to escape. */
const instant = (at: Date): string => `'${at.toISOString()}'::timestamptz`;

async function manifestOf(
  { store }: Archive,
  name: string,
): Promise<{ rows: number; bytes: number } | undefined> {
  for await (const { key } of store.list(`${name}-`)) {
    if (!/^-\d+\.ndjson\.zst\.age\.json$/.test(key.slice(name.length))) continue;
    const manifest = await store.get(key);
    if (!manifest) continue;
    const { rows, object } = JSON.parse(await text(manifest)) as { rows: number; object: { bytes: number } };
    return { rows, bytes: object.bytes };
  }
  return undefined;
}

/** Keeps the newest weeks, by number and not by age: after a pause nothing of what is there goes. */
export async function pruneWeeks(
  { store, ops }: Archive,
  keepWeeks: number,
  signal: AbortSignal,
): Promise<number> {
  const weeks = new Map<string, string[]>();
  for await (const { key } of store.list(`${WEEKLY_PREFIX}/`)) {
    const week = OWN_KEY.exec(key)?.[1];
    if (week !== undefined) weeks.set(week, [...(weeks.get(week) ?? []), key]);
  }
  const old = [...weeks.keys()].sort().slice(0, -Math.max(1, keepWeeks));
  let pruned = 0;
  for (const key of old
    .flatMap((week) => weeks.get(week) ?? [])
    .sort()
    .reverse()) {
    signal.throwIfAborted();
    // The manifest first (it sorts behind its object): an object without one counts as never stored.
    await store.remove(key);
    await entryPruned(ops, key);
    if (!key.endsWith('.json')) pruned += 1;
  }
  return pruned;
}
