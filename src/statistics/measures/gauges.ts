/** From the samples of monitoring to hours: processor, memory, disks, bandwidth, availability. */
import type { Queryable } from '../../clients/postgres.ts';

const METRICS = ['cpu_percent', 'ram_percent', 'disk_percent', 'bandwidth_bytes'];
/** Without a reading for so long nothing is known, however seldom it looks; and that much is no gap. In seconds. */
const [LONGEST_GAP, SHORTEST_GAP] = [1_200, 120];

interface HourRow {
  metric: string;
  target: string;
  hour: Date;
  seconds: number;
  weighted: number;
  last_value: number;
  total: number;
}

/**
 * Each reading holds from the one before it to its own, cut at the hour; three times the usual distance is a gap. Only
 * raw readings: those that have become hourly are in our hours already, and would count once more.
 */
const READ = `
  with readings as (
    select metric, target, at, value, date_trunc('hour', at, 'UTC') as hour,
           lag(at) over (partition by metric, target order by at) as before
      from ops.samples
     where (metric = any ($3) or metric like 'availability:%') and value is not null and coalesce(count, 1) = 1
       and at >= $1::timestamptz - make_interval(secs => ${String(LONGEST_GAP)})
       and at < $2::timestamptz + make_interval(secs => ${String(LONGEST_GAP)})
  ), usual as (
    select metric, target, hour, make_interval(secs => least(${String(LONGEST_GAP)}, greatest(${String(SHORTEST_GAP)},
             3 * percentile_cont(0.5) within group (order by extract(epoch from at - before))))) as longest
      from readings where before is not null group by 1, 2, 3
  ), pieces as (
    select r.metric, r.target, piece.hour, r.value,
           extract(epoch from least(r.at, piece.hour + interval '1 hour') - greatest(r.before, piece.hour))::float8 as seconds
      from readings r join usual u using (metric, target, hour)
     cross join lateral (select r.hour union select date_trunc('hour', r.before, 'UTC')) as piece(hour)
     where r.at - r.before <= u.longest
  ), spans as (
    select metric, target, hour, sum(seconds) as seconds, sum(seconds * value) as weighted from pieces group by 1, 2, 3
  ), seen as (
    select metric, target, hour, (array_agg(value order by at desc))[1] as last_value, sum(value) as total
      from readings where at >= $1 and at < $2 group by 1, 2, 3
  )
  select metric, target, hour, coalesce(seconds, 0) as seconds, coalesce(weighted, 0) as weighted, last_value, total
    from seen left join spans using (metric, target, hour) order by metric, target, hour`;

const WRITE = `
  insert into maintenance.gauge_hours (metric, target, hour, seconds, weighted, last_value, total)
  select * from unnest($1::text[], $2::text[], $3::timestamptz[], $4::float8[], $5::float8[], $6::float8[], $7::float8[])
  on conflict (metric, target, hour) do update
     set seconds = excluded.seconds, weighted = excluded.weighted, last_value = excluded.last_value, total = excluded.total`;

/** Whole hours of `[from, to)`. */
export async function buildGaugeHours(ops: Queryable, app: Queryable, from: Date, to: Date): Promise<number> {
  const rows = await ops.query<HourRow>(READ, [from, to, METRICS]);
  if (rows.length > 0)
    await app.query(WRITE, [
      rows.map(({ metric }) => metric),
      rows.map(({ target }) => target),
      rows.map(({ hour }) => hour),
      rows.map(({ seconds }) => seconds),
      rows.map(({ weighted }) => weighted),
      rows.map(({ last_value }) => last_value),
      rows.map(({ total }) => total),
    ]);
  return rows.length;
}
