/** The week's logs, whole, beside the weekly backups (BS2). */
import { text } from 'node:stream/consumers';
import type { Host } from '../../clients/host.ts';
import type { Postgres } from '../../clients/postgres.ts';
import { periodName, periodOf } from '../../shared/calendar.ts';
import {
  abandon,
  archiveRows,
  entryGone,
  entryPruned,
  lineOf,
  openEntries,
  safe,
  takeOver,
  writeManifest,
  type Archive,
  type Lines,
} from '../archive/index.ts';
import type { StoredWeek } from '../result.ts';
import { quoted } from '../tables/rule.ts';
import { inTransaction, tableFailure } from '../tables/session.ts';
import { weekBefore } from './figures.ts';
import { logTables, sqlName, type LogTable } from './tables.ts';
import { changedFiles } from './week-files.ts';

export const WEEKLY_PREFIX = 'logs/weekly';
/** What this program writes there, and nothing else: the only keys that are ever deleted. */
const OWN_KEY = new RegExp(
  String.raw`^${WEEKLY_PREFIX}/(\d{4}-W\d\d)/[\w.-]+\.(?:ndjson|tar)\.zst\.age(?:\.json)?$`,
);
const FETCH = 2_000;
const STATEMENT_MS = 10 * 60_000;

export interface WeekDeps {
  app: Postgres;
  archive: Archive;
  tables: readonly LogTable[];
  host: Host;
  /** Of log files, on the host. */
  folders: readonly string[];
  timeZone: string;
}

interface Storing {
  /** Temporal's run id. */
  run: string;
  signal: AbortSignal;
  progress: (rows: number) => void;
}

/** What becomes one object of the week. */
interface Part {
  /** The table or folder, as configured. */
  source: string;
  file: string;
  extension: 'ndjson' | 'tar';
  /** Opens what is to be stored for as long as it is read; undefined: there is nothing of that name. */
  read: <Result>(store: (lines: AsyncIterable<Lines>) => Promise<Result>) => Promise<Result | undefined>;
}

/**
 * One object a table and a folder, read back before it counts. What has its manifest has been stored: a repetition goes
 * on with the next one.
 */
export async function storeWeekOf(deps: WeekDeps, at: Date, storing: Storing): Promise<StoredWeek> {
  const { from, to, lastDay } = weekBefore(at, deps.timeZone);
  const week = periodName('weekly', periodOf('weekly', lastDay));
  const span = { name: `${WEEKLY_PREFIX}/${week}`, from, to };
  const stored: StoredWeek = { week, objects: 0, rows: 0, bytes: 0 };
  const tables = await logTables(deps.app, deps.tables);
  for (const part of [
    ...tables.map((log) => tablePart(deps.app, log, span, storing)),
    ...deps.folders.map((folder) => folderPart(deps.host, folder, from, storing)),
  ]) {
    storing.signal.throwIfAborted();
    const name = `${span.name}/${part.file}`;
    const done =
      (await manifestOf(deps.archive, name, part)) ?? (await store(deps.archive, part, span, storing));
    if (!done) continue;
    stored.objects += 1;
    // Those of a folder are files.
    if (part.extension === 'ndjson') stored.rows += done.rows;
    stored.bytes += done.bytes;
  }
  return stored;
}

async function store(
  archive: Archive,
  { source, file, extension, read }: Part,
  { name, from, to }: { name: string; from: Date; to: Date },
  { run, signal }: Storing,
): Promise<{ rows: number; bytes: number } | undefined> {
  // Each attempt writes a key of its own; whoever was succeeded comes to no manifest.
  const fence = await takeOver(archive.ops, `${name}/${file}`, run);
  for (const { objectKey, verified, ...entry } of await openEntries(fence)) {
    if (verified) {
      await writeManifest(archive.store, { objectKey, verified, ...entry }, source);
      await entryGone(fence, objectKey, []);
      return { rows: entry.rows, bytes: verified.bytes };
    }
    await abandon(archive.store, fence, objectKey);
  }
  const objectKey = `${name}/${file}-${String(fence.epoch)}.${extension}.zst.age`;
  const entry = await read((lines) =>
    archiveRows(
      archive,
      fence,
      { ...{ relation: source, rows: 0, lines, firstAt: from, lastAt: to }, pending: () => '[]' },
      { objectKey, source, signal },
    ),
  );
  if (!entry) return undefined;
  await entryGone(fence, objectKey, []);
  return { rows: entry.rows, bytes: entry.verified?.bytes ?? 0 };
}

const tablePart = (
  app: Postgres,
  { table, timestamp }: LogTable,
  { from, to }: { from: Date; to: Date },
  { signal, progress }: Storing,
): Part => ({
  ...{ source: table, file: safe(table), extension: 'ndjson' },
  read: (store) =>
    inTransaction(app, { readOnly: true, statementMs: STATEMENT_MS }, async (tx) => {
      await tx.query(
        `declare week no scroll cursor for
          select ${lineOf('log')} as line from ${sqlName(table)} log
           where ${quoted(timestamp)} >= ${instant(from)} and ${quoted(timestamp)} < ${instant(to)}
           order by ${quoted(timestamp)}`,
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
      return store(lines());
    }).catch((error: unknown) => {
      throw tableFailure(table, 'cleanup.logs.tables', error);
    }),
});

const folderPart = (host: Host, folder: string, from: Date, { signal, progress }: Storing): Part => ({
  ...{ source: `logs:${folder}`, file: `files${safe(folder.replaceAll('/', '_'))}`, extension: 'tar' },
  read: async (store) => {
    const files = await changedFiles(host, folder, from, signal);
    return files && store(files(progress));
  },
});

/** A cursor takes no bound values; an ISO instant holds nothing to escape. */
const instant = (at: Date): string => `'${at.toISOString()}'::timestamptz`;

async function manifestOf(
  { store }: Archive,
  name: string,
  { extension }: Part,
): Promise<{ rows: number; bytes: number } | undefined> {
  for await (const { key } of store.list(`${name}-`)) {
    if (!new RegExp(`^-\\d+\\.${extension}\\.zst\\.age\\.json$`).test(key.slice(name.length))) continue;
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
