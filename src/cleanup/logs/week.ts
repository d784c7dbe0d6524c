/** The week's logs, whole, beside the weekly backups (BS2). */
import { text } from 'node:stream/consumers';
import type { Postgres } from '../../clients/postgres.ts';
import { periodName, periodOf } from '../../shared/calendar.ts';
import { storeVerified, type ArchiveTarget } from '../archive/index.ts';
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

const keyOf = (week: string, table: string): string =>
  `${WEEKLY_PREFIX}/${week}/${table.replace(/[^\w.-]+/g, '_')}.ndjson.zst.age`;

export interface WeekDeps {
  app: Postgres;
  target: ArchiveTarget;
  tables: readonly LogTable[];
  timeZone: string;
}

/**
 * One object a table, read back before it counts. A table whose manifest is there has been stored: a repetition goes on
 * with the next one.
 */
export async function storeWeekOf(
  { app, target, tables, timeZone }: WeekDeps,
  at: Date,
  { signal, progress }: { signal: AbortSignal; progress: (rows: number) => void },
): Promise<StoredWeek> {
  const { from, to, lastDay } = weekBefore(at, timeZone);
  const week = periodName('weekly', periodOf('weekly', lastDay));
  const stored: StoredWeek = { week, objects: 0, rows: 0, bytes: 0 };
  for (const log of await logTables(app, tables)) {
    signal.throwIfAborted();
    const key = keyOf(week, log.table);
    const { rows, bytes } =
      (await readManifest(target, key)) ??
      (await inTransaction(app, { readOnly: true, statementMs: STATEMENT_MS }, async (tx) => {
        await tx.query(
          `declare week no scroll cursor for
            select row_to_json(log)::text as line from ${sqlName(log.table)} log
             where ${quoted(log.timestamp)} >= ${instant(from)} and ${quoted(log.timestamp)} < ${instant(to)}
             order by ${quoted(log.timestamp)}`,
        );
        async function* lines() {
          for (let count = 0; ;) {
            signal.throwIfAborted();
            const fetched = await tx.query<{ line: string }>(`fetch ${String(FETCH)} from week`);
            if (fetched.length === 0) return;
            progress((count += fetched.length));
            for (const { line } of fetched) yield line;
          }
        }
        return storeVerified(
          target,
          { key, source: log.table, lines: lines(), firstAt: from, lastAt: to },
          signal,
        );
      }));
    stored.objects += 1;
    stored.rows += rows;
    stored.bytes += bytes;
  }
  return stored;
}

/** A cursor takes no bound values; an ISO instant holds nothing to escape. */
const instant = (at: Date): string => `'${at.toISOString()}'::timestamptz`;

async function readManifest(
  { store }: ArchiveTarget,
  key: string,
): Promise<{ rows: number; bytes: number } | undefined> {
  const manifest = await store.get(`${key}.json`);
  if (manifest === undefined) return undefined;
  const { rows, object } = JSON.parse(await text(manifest)) as { rows: number; object: { bytes: number } };
  return { rows, bytes: object.bytes };
}

/** Keeps the newest weeks, by number and not by age: after a pause nothing of what is there goes. */
export async function pruneWeeks(
  { store }: ArchiveTarget,
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
    if (!key.endsWith('.json')) pruned += 1;
  }
  return pruned;
}
