/** Durations to hours: of real calls and browsers in the application's database, of our own probes in ours. */
import type { Queryable } from '../../clients/postgres.ts';

/** `$1`, `$2`: metric and source. The source gives `at` and `ms`. */
const write = (source: string): string => `
  insert into maintenance.time_hours (metric, source, hour, count, sum_ms, buckets, counts)
  select $1, $2, hour, sum(count), sum(ms), array_agg(bucket order by bucket), array_agg(count order by bucket)
    from (select date_trunc('hour', at, 'UTC') as hour, maintenance.time_bucket(ms) as bucket, count(*) as count, sum(ms) as ms
            from ${source} where ms is not null group by 1, 2) as buckets
   group by hour order by hour
  on conflict (metric, source, hour) do update
     set count = excluded.count, sum_ms = excluded.sum_ms, buckets = excluded.buckets, counts = excluded.counts`;

const FROM_VIEW = (view: string): string =>
  write(`(select at, ms::float8 as ms from saas.${view} where at >= $3 and at < $4) as measured`);
const FROM_SAMPLES = write('unnest($3::timestamptz[], $4::float8[]) as measured(at, ms)');

const SOURCES = [
  { metric: 'api_ms', view: 'api_calls', own: 'probe' },
  { metric: 'page_load_ms', view: 'page_loads', own: 'fetch' },
] as const;

/** Raw readings alone: of what has become hourly only the mean is left. */
const SAMPLES = `
  select at, value from ops.samples
   where metric = $1 and at >= $2 and at < $3 and value is not null and coalesce(count, 1) = 1`;

/** Whole hours of `[from, to)`. What has been deleted meanwhile stays counted. */
export async function buildTimeHours(ops: Queryable, app: Queryable, from: Date, to: Date): Promise<void> {
  for (const { metric, view, own } of SOURCES) {
    await app.query(FROM_VIEW(view), [metric, 'application', from, to]);
    const samples = await ops.query<{ at: Date; value: number }>(SAMPLES, [metric, from, to]);
    if (samples.length === 0) continue;
    await app.query(FROM_SAMPLES, [
      ...[metric, own],
      samples.map(({ at }) => at),
      samples.map(({ value }) => value),
    ]);
  }
}
