-- What monitoring and the application measured, an hour of UTC a row: figures of any period are made of these, so that
-- means come from sums and percentiles from counts, never from other means and percentiles (docs/kpis.md).
create table maintenance.time_hours (
  metric text not null check (metric in ('api_ms', 'page_load_ms')),
  source text not null check (source in ('application', 'probe', 'fetch')),
  hour timestamptz not null,
  count bigint not null,
  sum_ms double precision not null,
  buckets int[] not null,
  counts bigint[] not null,
  primary key (metric, source, hour)
);
comment on table maintenance.time_hours is
  'Durations of an hour: how many, their sum, and how many in each bucket. Bucket b holds what lies above 1.02^(b-1) ms, up to 1.02^b.';
comment on column maintenance.time_hours.source is
  'application: real calls and browsers (saas.api_calls, saas.page_loads). probe: our own requests. fetch: our own fetch of the page and its assets.';

create table maintenance.gauge_hours (
  metric text not null,
  target text not null,
  hour timestamptz not null,
  seconds double precision not null,
  weighted double precision not null,
  last_value double precision not null,
  total double precision not null,
  primary key (metric, target, hour)
);
comment on table maintenance.gauge_hours is
  'Readings of an hour: each holds from the one before it, and a gap between two is no time. Mean = weighted / seconds.';
comment on column maintenance.gauge_hours.total is 'Sum of the readings: of counters each is what came since the one before.';

alter table maintenance.statistics add column source text;
comment on column maintenance.statistics.source is
  'Where a measured figure comes from: application, probe, fetch, monitoring. Null: from schema saas.';

create function maintenance.time_bucket(ms double precision) returns int language sql immutable
  return ceil(ln(greatest(ms, 1)) / ln(1.02::double precision))::int;

-- Nearest rank; the middle of its bucket is at most 1 % off.
create function maintenance.time_percentile(buckets int[], counts bigint[], share double precision) returns double precision
language sql immutable as $$
  select power(1.02::double precision, bucket - 0.5)
    from (select bucket, sum(count) over (order by bucket) as up_to, sum(count) over () as whole
            from (select bucket, sum(count) as count from unnest(buckets, counts) as given(bucket, count) group by bucket) as merged) as ranked
   where up_to >= ceil(share * whole) order by bucket limit 1
$$;
