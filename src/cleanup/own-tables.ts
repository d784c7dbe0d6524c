/** Our own tables in schema `ops`: samples become hourly after 35 days, and everything ends after 25 months. */
import type { Postgres } from '../clients/postgres.ts';
import type { Found, RemoveContext, Removed, Source } from './source.ts';

const RAW_DAYS = 35;
/** Two whole years stay comparable, month by month; monthly backups, kept for 12 months, keep their proofs. */
const KEEP_MONTHS = 25;
const BATCH = 5_000;

/** What is over and old. Open alerts, claims that nobody closed and runs under way stay, however old. */
const TABLES = [
  { table: 'ops.samples', key: 'metric, target, at', time: 'at', over: 'true' },
  { table: 'ops.notifications', key: 'key, channel', time: 'created_at', over: 'closed_at is not null' },
  { table: 'ops.runs', key: 'workflow_id, run_id', time: 'started_at', over: 'finished_at is not null' },
  { table: 'ops.alerts', key: 'alert_id', time: 'resolved_at', over: 'resolved_at is not null' },
  { table: 'ops.report_runs', key: 'kind, period, revision', time: 'stored_at', over: 'true' },
  { table: 'ops.proofs', key: 'backup_id', time: 'proved_at', over: 'true' },
] as const;

type OwnTable = (typeof TABLES)[number];

const isOld = ({ time, over }: OwnTable): string =>
  `${over} and ${time} < $1::timestamptz - make_interval(months => ${String(KEEP_MONTHS)})`;

/** Hours of which more than one sample is left: the day before yesterday's hours of a month ago, and what came late. */
const RAW_HOURS = `
  select metric, target, date_trunc('hour', at, 'UTC') as hour, count(*) as rows
    from ops.samples
   where at < date_trunc('hour', $1::timestamptz, 'UTC') - make_interval(days => ${String(RAW_DAYS)})
   group by 1, 2, 3 having count(*) > 1`;

export const createOwnSources = (ops: Postgres): Source[] => [
  rollUp(ops),
  ...TABLES.map((own): Source => ({
    name: own.table,
    kind: 'table',
    check: () => Promise.resolve([]),
    find: (at) =>
      found(
        ops,
        `select count(*) as count, min(${own.time}) as oldest, max(${own.time}) as newest
           from ${own.table} where ${isOld(own)}`,
        at,
      ),
    remove: (context) =>
      inBatches(
        context,
        async () =>
          (
            await ops.query(
              `delete from ${own.table} where (${own.key}) in
                 (select ${own.key} from ${own.table} where ${isOld(own)} limit ${String(BATCH)}
                     for update skip locked) returning 1`,
              [context.at],
            )
          ).length,
      ),
  })),
];

const rollUp = (ops: Postgres): Source => ({
  name: 'ops.samples to hours',
  kind: 'table',
  check: () => Promise.resolve([]),
  find: (at) =>
    found(
      ops,
      `select coalesce(sum(rows - 1), 0)::bigint as count, min(hour) as oldest, max(hour) as newest
         from (${RAW_HOURS}) hours`,
      at,
    ),
  // Rows go and their mean comes in one statement: stopped anywhere, an hour is raw or hourly and never both.
  remove: (context) =>
    inBatches(context, async () => {
      const [row] = await ops.query<{ count: number }>(
        `with hours as (${RAW_HOURS} order by hour limit 500),
         gone as (delete from ops.samples using hours
                   where samples.metric = hours.metric and samples.target = hours.target
                     and samples.at >= hours.hour and samples.at < hours.hour + interval '1 hour'
               returning samples.metric, samples.target, hours.hour, samples.at,
                         samples.value, coalesce(samples.count, 1) as count,
                         coalesce(samples.sum, samples.value * coalesce(samples.count, 1)) as sum),
         kept as (insert into ops.samples (metric, target, at, value, count, sum)
                  select metric, target, hour, sum(sum) / nullif(sum(count), 0), sum(count), sum(sum)
                    from gone group by 1, 2, 3
                  on conflict (metric, target, at) do update
                     set count = samples.count + excluded.count, sum = samples.sum + excluded.sum,
                         value = (samples.sum + excluded.sum) / (samples.count + excluded.count)
               returning 1)
         select (select count(*) from gone) - (select count(*) from kept) as count`,
        [context.at],
      );
      return row?.count ?? 0;
    }),
});

async function found(ops: Postgres, query: string, at: Date): Promise<Found> {
  const [row] = await ops.query<{ count: number; oldest: Date | null; newest: Date | null }>(query, [at]);
  return {
    count: row?.count ?? 0,
    ...(row?.oldest && { oldest: row.oldest.toISOString() }),
    ...(row?.newest && { newest: row.newest.toISOString() }),
    samples: [],
    warnings: [],
  };
}

/** Small statements of their own: each deletes what is still there, so a successor needs no place to go on from. */
async function inBatches(
  { signal, deadline, progress, before }: RemoveContext,
  batch: () => Promise<number>,
): Promise<Removed> {
  let count = before?.count ?? 0;
  for (;;) {
    signal.throwIfAborted();
    if (Date.now() > deadline.getTime()) return { count, warnings: [], finished: false };
    const gone = await batch();
    if (gone === 0) return { count, warnings: [], finished: true };
    count += gone;
    progress({ count });
  }
}
