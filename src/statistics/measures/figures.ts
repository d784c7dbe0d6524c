/** Figures of periods, from hours. A period without a reading has none: null, never 0. */
import type { Queryable } from '../../clients/postgres.ts';
import type { Span } from '../period.ts';

/** What measured figures mean: raised with every change of a rule. */
const RULE_VERSION = 1;
/** Where the application has told nothing for so long, our own measurements are taken. */
const SILENT_DAYS = 35;

/** What is measured of an hour that is not over is known up to now. */
const SPANS = `
  select kind, since, least(until, $4::timestamptz) as until
    from unnest($1::text[], $2::timestamptz[], $3::timestamptz[]) as given(kind, since, until) where since < $4`;

const GAUGES = `
  select s.kind, s.since, g.metric, g.target, sum(g.seconds) as seconds, sum(g.weighted) as weighted, sum(g.total) as total,
         max(g.hour) as last_hour, (array_agg(g.last_value order by g.hour desc))[1] as last_value
    from spans s join maintenance.gauge_hours g on g.hour >= s.since and g.hour < s.until
   group by 1, 2, 3, 4`;

/** Page loads are those of the 28 Paris days that end with the period, as Core Web Vitals are; an hour has its own. */
const REACH = `
  select s.kind, s.since, s.until, m.metric,
         case when s.kind = 'hour' or m.metric = 'api_ms' then s.since
              else maintenance.midnight(maintenance.paris_day(s.until - interval '1 microsecond') - 27) end as reach,
         case when exists (select from maintenance.time_hours a where a.metric = m.metric and a.source = 'application'
                              and a.hour >= s.until - make_interval(days => ${String(SILENT_DAYS)}) and a.hour < s.until)
              then 'application' else m.own end as source
    from spans s cross join (values ('api_ms', 'probe'), ('page_load_ms', 'fetch')) as m(metric, own)`;

const TIMES = `
  select r.kind, r.since, r.metric, sums.count, sums.ms, case when sums.count > 0 then r.source end as source,
         merged.buckets, merged.counts
    from reach r
   cross join lateral (select coalesce(sum(h.count), 0) as count, coalesce(sum(h.sum_ms), 0) as ms
      from maintenance.time_hours h
     where (h.metric, h.source) = (r.metric, r.source) and h.hour >= r.reach and h.hour < r.until) as sums
   cross join lateral (select array_agg(b.bucket) as buckets, array_agg(b.count) as counts
      from maintenance.time_hours h cross join lateral unnest(h.buckets, h.counts) as b(bucket, count)
     where (h.metric, h.source) = (r.metric, r.source) and h.hour >= r.reach and h.hour < r.until) as merged`;

/** Every metric for every period, so that what was not measured is said to be missing. Disks: the fullest of those last seen. */
const FIGURES = `
  select kind, since, metric, weighted / nullif(seconds, 0) as value, weighted as numerator, seconds as denominator,
         'percent' as unit, 'monitoring' as source
    from spans cross join (values ('cpu_percent'), ('ram_percent')) as m(metric) left join gauges using (kind, since, metric)
  union all
  select kind, since, 'disk_percent', max(last_value), null, null, 'percent', 'monitoring'
    from spans left join (
      select *, max(last_hour) over (partition by kind, since) as newest from gauges where metric = 'disk_percent') as disks
    using (kind, since) where newest is null or last_hour = newest group by 1, 2
  union all
  select kind, since, 'bandwidth_bytes', sum(total), null, null, 'bytes', 'monitoring'
    from spans left join (select * from gauges where metric = 'bandwidth_bytes') as moved using (kind, since) group by 1, 2
  union all
  select kind, since, metric, weighted / nullif(seconds, 0), weighted, seconds, 'ratio', 'monitoring'
    from spans cross join (select distinct metric from maintenance.gauge_hours where metric like 'availability:%') as m
    left join gauges using (kind, since, metric)
  union all
  select kind, since, 'api_ms_mean', ms / nullif(count, 0), ms, count, 'ms', source from times where metric = 'api_ms'
  union all
  select kind, since, 'api_ms_p95', maintenance.time_percentile(buckets, counts, 0.95), null, count, 'ms', source
    from times where metric = 'api_ms'
  union all
  select kind, since, 'page_load_ms_p75', maintenance.time_percentile(buckets, counts, 0.75), null, count, 'ms', source
    from times where metric = 'page_load_ms'`;

const WRITE = `
  with spans as (${SPANS}), gauges as (${GAUGES}), reach as (${REACH}), times as (${TIMES}), figures as (${FIGURES}),
  known as (
    select f.*, old.metric is null or (old.value, old.numerator, old.denominator, old.rule_version)
           is distinct from (f.value::numeric, f.numerator::numeric, f.denominator::numeric, $5::int) as changed
      from figures f left join maintenance.statistics old on (old.metric, old.period_kind, old.period_start) = (f.metric, f.kind, f.since)),
  snapshot as (
    insert into maintenance.kpi_snapshots
           (taken_at, metric, period_kind, period_start, value, numerator, denominator, unit, rule_version)
    select $4, metric, kind, since, value, numerator, denominator, unit, $5 from known where changed
    on conflict do nothing),
  written as (
    insert into maintenance.statistics as s
           (metric, period_kind, period_start, value, numerator, denominator, unit, rule_version, source, computed_at)
    select metric, kind, since, value, numerator, denominator, unit, $5, source, $4 from known order by 1, 2, 3
    on conflict (metric, period_kind, period_start) do update
       set value = excluded.value, numerator = excluded.numerator, denominator = excluded.denominator, unit = excluded.unit,
           rule_version = excluded.rule_version, source = excluded.source,
           computed_at = greatest(s.computed_at, excluded.computed_at)
    returning value)
  select count(*) as figures, count(value) as known from written`;

export interface WrittenFigures {
  figures: number;
  /** Of those, with a value. */
  known: number;
}

export async function writeMeasures(
  app: Queryable,
  spans: readonly Span[],
  at: Date,
): Promise<WrittenFigures> {
  const [row] = await app.query<WrittenFigures>(WRITE, [
    spans.map(({ kind }) => kind),
    spans.map(({ from }) => from),
    spans.map(({ to }) => to),
    ...[at, RULE_VERSION],
  ]);
  return row ?? { figures: 0, known: 0 };
}
