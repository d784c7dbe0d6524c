/** What the watches saw last, from `ops.samples`. */
import type { Queryable } from '../../clients/postgres.ts';

/** A metric of a target, as it was read last. */
export interface Reading {
  metric: string;
  target: string;
  at: Date;
  value: number;
}

/** Up or down, and since when. */
export interface TargetState {
  target: string;
  is: 'up' | 'down';
  since: Date;
  /** Nothing older is kept: it may be so for longer. */
  atLeast: boolean;
  seenAt: Date;
}

/**
 * From one series to the next through the primary key: some dozens of steps, where `distinct` would read all rows of
 * 90 days. A series nobody has fed for a day beside the newest is no longer watched.
 */
const SERIES = `
  with recursive series as (
    (select metric, target from ops.samples order by metric, target limit 1)
    union all
    select next.metric, next.target from series cross join lateral (
      select metric, target from ops.samples
       where (metric, target) > (series.metric, series.target) order by metric, target limit 1) as next
  ), newest as (
    select series.metric, series.target, last.at, last.value, max(last.at) over () as newest
      from series cross join lateral (
        select at, value from ops.samples s
         where s.metric = series.metric and s.target = series.target order by at desc limit 1) as last
     where last.value is not null
  ), current as (select metric, target, at, value from newest where at > newest - interval '1 day')`;

export const READINGS = `${SERIES} select metric, target, at, value from current order by metric, target`;

const OF_ONE = 's.metric = current.metric and s.target = current.target';

/**
 * While down, its good looks are searched for a week back: every look since is a bad one. `offset 0`: the turn is found
 * first, so that what follows it is found by index as well.
 */
export const TARGETS = `${SERIES}
  select target, case when value >= 1 then 'up' else 'down' end as is, current.at as "seenAt",
         turn.at is null as "atLeast",
         (select min(s.at) from ops.samples s where ${OF_ONE} and s.at > coalesce(turn.at, turn.no_older)) as since
    from current cross join lateral (
      select case when current.value >= 1
        then (select max(s.at) from ops.samples s where ${OF_ONE} and s.metric like 'availability:%' and s.value < 1)
        else (select max(s.at) from ops.samples s where ${OF_ONE} and s.value >= 1 and s.at > current.at - interval '7 days')
        end as at, case when current.value >= 1 then '-infinity' else current.at - interval '7 days' end as no_older
      offset 0) as turn
   where metric like 'availability:%' order by target`;

export const readReadings = (ops: Queryable): Promise<Reading[]> => ops.query<Reading>(READINGS);

export const readTargets = (ops: Queryable): Promise<TargetState[]> => ops.query<TargetState>(TARGETS);
