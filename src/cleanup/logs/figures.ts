/** The logs of a week in figures (LG3): volume, growth, what is said most. Reads only. */
import type { Postgres, Queryable } from '../../clients/postgres.ts';
import { DAY_MS, isoDay, localDays, startOfDay } from '../../shared/calendar.ts';
import { quoted } from '../tables/rule.ts';
import { inTransaction, tableFailure } from '../tables/session.ts';
import { keepMessages, normalised } from './messages.ts';
import { logTables, sqlName, type LogTable } from './tables.ts';

/** Names and numbers only: it stands in histories. */
export interface LogFigures {
  /** ISO instants: seven local days, up to the day of the run. */
  from: string;
  to: string;
  tables: LogTableFigures[];
}

export interface LogTableFigures {
  table: string;
  /** Rows of the week, and of the week before. */
  rows: number;
  before: number;
  /** On disk, with indexes. */
  bytes: number;
  /** ISO days of the week, each with its rows by level (`''`: without one). */
  days: { day: string; levels: Record<string, number> }[];
  /** The most frequent first. */
  sources: Count[];
  /** MD5 of the normalised text, which `ops.log_messages` holds. */
  messages: Count[];
  /** Rows, the newest, that the messages were counted in; absent: all. */
  messagesOf?: number;
  /** Why there are no figures. */
  failure?: string;
}

export interface Count {
  name: string;
  count: number;
}

const WEEK = 7;
const TOP = 10;
/** Normalising takes about 10 µs a row. */
const MESSAGES_AT_MOST = 200_000;
const STATEMENT_MS = 10 * 60_000;

export interface Week {
  from: Date;
  to: Date;
  /** Of its last day; whole days since 1970-01-01. */
  lastDay: number;
}

/** The seven local days before the day of an instant: a run on Sunday morning covers Sunday to Saturday. */
export function weekBefore(at: Date, timeZone: string): Week {
  const today = localDays(timeZone)(at);
  return { from: startOfDay(timeZone, today - WEEK), to: startOfDay(timeZone, today), lastDay: today - 1 };
}

export async function readFigures(
  { app, ops }: { app: Postgres; ops: Postgres },
  { tables, timeZone, at }: { tables: readonly LogTable[]; timeZone: string; at: Date },
): Promise<LogFigures> {
  const week = weekBefore(at, timeZone);
  const { from, to } = week;
  const figures: LogTableFigures[] = [];
  for (const table of await logTables(app, tables)) {
    try {
      figures.push(
        await inTransaction(app, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
          figuresOf(tx, ops, table, week, timeZone),
        ),
      );
    } catch (error) {
      // One table that is away or wrongly named does not take the others' figures with it.
      const failure = tableFailure(table.table, 'cleanup.logs.tables', error);
      const message = failure instanceof Error ? failure.message : String(failure);
      figures.push({ ...nothing(table.table), failure: message });
    }
  }
  return { from: from.toISOString(), to: to.toISOString(), tables: figures };
}

const nothing = (table: string): LogTableFigures => ({
  ...{ table, rows: 0, before: 0, bytes: 0 },
  ...{ days: [], sources: [], messages: [] },
});

async function figuresOf(
  tx: Queryable,
  ops: Postgres,
  { table, timestamp, level, source, message }: LogTable,
  { from, to, lastDay }: Week,
  timeZone: string,
): Promise<LogTableFigures> {
  const relation = sqlName(table);
  const time = quoted(timestamp);
  const within = `${time} >= $1::timestamptz and ${time} < $2::timestamptz`;
  const groups = await tx.query<{
    day: string | null;
    level: string | null;
    source: string | null;
    count: number;
  }>(
    `select day::text, level, source, count(*) as count
       from (select (${time}::timestamptz at time zone $3)::date as day,
                    left(coalesce((${level ?? 'null'})::text, ''), 32) as level,
                    left(coalesce((${source ?? 'null'})::text, ''), 60) as source
               from ${relation} where ${within}) rows
      group by grouping sets ((day, level), (source))`,
    [from, to, timeZone],
  );
  const [size] = await tx.query<{ before: number; bytes: number }>(
    `select (select count(*) from ${relation} where ${within}) as before,
            (select coalesce(sum(pg_total_relation_size(relid)), 0)::bigint from pg_partition_tree($3::regclass)) as bytes`,
    [new Date(from.getTime() - WEEK * DAY_MS), from, relation],
  );
  const days = Array.from({ length: WEEK }, (_, at) => isoDay(lastDay - WEEK + 1 + at)).map((day) => ({
    day,
    levels: Object.fromEntries(
      groups.flatMap((group) => (group.day === day ? [[group.level ?? '', group.count] as const] : [])),
    ),
  }));
  const top =
    message === undefined ? [] : await messagesOf(tx, { relation, time, within, message }, from, to);
  await keepMessages(ops, top, to);
  const rows = groups.reduce((sum, { day, count }) => sum + (day === null ? 0 : count), 0);
  return {
    ...{ table, rows, before: size?.before ?? 0, bytes: size?.bytes ?? 0, days },
    sources: source === undefined ? [] : sourcesOf(groups),
    messages: top.map(({ hash, count }) => ({ name: hash, count })),
    ...(message !== undefined && rows > MESSAGES_AT_MOST && { messagesOf: MESSAGES_AT_MOST }),
  };
}

const sourcesOf = (
  groups: readonly { day: string | null; source: string | null; count: number }[],
): Count[] =>
  groups
    .flatMap(({ day, source, count }) => (day === null ? [{ name: source ?? '', count }] : []))
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, TOP);

const messagesOf = (
  tx: Queryable,
  { relation, time, within, message }: { relation: string; time: string; within: string; message: string },
  from: Date,
  to: Date,
): Promise<{ hash: string; message: string; count: number }[]> =>
  tx.query(
    `select md5(message) as hash, message, count(*) as count
       from (select ${normalised('text')} as message
               from (select (${message})::text as text from ${relation} where ${within}
                      order by ${time} desc limit ${String(MESSAGES_AT_MOST)}) newest) normal
      where message <> ''
      group by message order by 3 desc, 2 limit ${String(TOP)}`,
    [from, to],
  );
