/** What is asked of the watched PostgreSQL. One round trip each; no text of a query or of the log leaves the server. Pure. */

export interface Activity {
  /** What ordinary clients may use of max_connections. */
  limit: number;
  clients: number;
  /** Without pg_read_all_stats other users' sessions cannot be told apart. */
  seesAll: boolean;
  backends: number;
  /** Seconds that the longest active query runs; of other clients, and of ourselves. */
  slowest: number;
  slowestPid: number | null;
  slow: number;
  ownSlowest: number;
  ownSlow: number;
  /** Transactions that were left open: how many, and for how many seconds the oldest. */
  idleInTransaction: number;
  oldestIdle: number;
  rollbacks: number;
  deadlocks: number;
  conflicts: number;
  /** Changes when the counters are set back. */
  resetAt: string | null;
  /** Whether the server log may be read; asking without the right would be an error in it. */
  readsLog: boolean;
}

/** Jobs of this project run for long on purpose. */
const OWN = `(application_name like 'talos-%' or application_name = 'pg_dump')`;

/** Numbers as numbers: the driver gives bigint and numeric as text. */
export const activityQuery = (slowSeconds: number): string => `
with client as (
  select pid, state, ${OWN} as own, extract(epoch from clock_timestamp() - query_start)::float8 as running,
         extract(epoch from clock_timestamp() - xact_start)::float8 as open
    from pg_stat_activity
   where backend_type = 'client backend'
), foreign_query as (
  select pid, running from client where state = 'active' and not own and pid <> pg_backend_pid()
), total as (
  select sum(numbackends)::int as backends, sum(xact_rollback)::float8 as rollbacks,
         sum(deadlocks)::float8 as deadlocks, sum(conflicts)::float8 as conflicts, max(stats_reset)::text as reset
    from pg_stat_database
)
select current_setting('max_connections')::int
         - current_setting('superuser_reserved_connections')::int
         - coalesce(nullif(current_setting('reserved_connections', true), '')::int, 0) as "limit",
       (select count(*)::int from client) as clients,
       pg_has_role(current_user, 'pg_read_all_stats', 'usage') as "seesAll",
       backends,
       coalesce((select max(running) from foreign_query), 0) as slowest,
       (select pid from foreign_query order by running desc nulls last limit 1) as "slowestPid",
       (select count(*)::int from foreign_query where running > ${String(Number(slowSeconds))}) as slow,
       coalesce((select max(running) from client where state = 'active' and own and pid <> pg_backend_pid()), 0)
         as "ownSlowest",
       (select count(*)::int from client where state = 'active' and own and pid <> pg_backend_pid()
           and running > ${String(Number(slowSeconds))}) as "ownSlow",
       (select count(*)::int from client where state like 'idle in transaction%') as "idleInTransaction",
       coalesce((select max(open) from client where state like 'idle in transaction%'), 0) as "oldestIdle",
       rollbacks, deadlocks, conflicts, reset as "resetAt",
       has_function_privilege('pg_current_logfile(text)', 'execute')
         and has_function_privilege('pg_read_binary_file(text,bigint,bigint,boolean)', 'execute')
         and has_function_privilege('pg_stat_file(text,boolean)', 'execute') as "readsLog"
  from total`;

/** Null where the server writes neither. */
export const logFileQuery =
  "select coalesce(pg_current_logfile('jsonlog'), pg_current_logfile('csvlog')) as file";

export const sizeQuery = 'select pg_database_size(current_database())::float8 as bytes';

export interface LogPart {
  /** Of the whole file; undefined when it is gone. */
  size: number | null;
  /** Of whole lines that were read. */
  bytes: number;
  errors: number;
}

const LOG_BYTES = 4 * 1024 * 1024;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A line of the log that stands for a failed statement or login. */
const ERROR = {
  json: '"error_severity":"(?:ERROR|FATAL|PANIC)"',
  csv: String.raw`^\d{4}-[^\n]*?,(?:ERROR|FATAL|PANIC),[0-9A-Z]{5},`,
};

/**
 * Counts errors in whole lines from a byte on, 4 MiB at the most. `encode` keeps newlines and quotes as they are and
 * makes text of any bytes, so that a character that is cut in two is no error.
 */
export function logQuery(file: string, offset: number): string {
  const pattern = file.endsWith('.json') ? ERROR.json : ERROR.csv;
  const from = String(Math.trunc(Number(offset)));
  return `
with size as (select (pg_stat_file(${literal(file)}, true)).size::float8 as size),
     part as (
  select encode(pg_read_binary_file(${literal(file)}, ${from}, ${String(LOG_BYTES)}, true), 'escape') as text from size
   where size > ${from}
), whole as (
  select left(text, length(text) - (position(E'\\n' in reverse(text)) - 1)) as text
    from part where position(E'\\n' in text) > 0
)
select size,
       coalesce((select octet_length(decode(text, 'escape')) from whole), 0)::float8 as bytes,
       coalesce((select count(*) from whole, regexp_matches(text, ${literal(pattern)}, 'gn')), 0)::int as errors
  from size`;
}
