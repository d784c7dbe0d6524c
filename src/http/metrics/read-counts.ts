import type { Queryable } from '../../clients/postgres.ts';

export interface RunCount {
  schedule: string;
  lastSuccess: Date | null;
  succeeded: number;
  failed: number;
  running: number;
}

/** Gauges of a day, and no counters: the clean-up deletes old rows, and a counter that falls would count anew. */
const COUNTS = `
  select job.id as schedule, success.at as "lastSuccess", day.*
    from unnest($1::text[]) as job(id)
    left join lateral (
      select finished_at as at from ops.runs
       where schedule_id = job.id and outcome = 'succeeded' order by started_at desc limit 1) as success on true
   cross join lateral (
      select count(*) filter (where outcome = 'succeeded') as succeeded, count(*) filter (where outcome = 'failed') as failed,
             count(*) filter (where outcome = 'running') as running
        from ops.runs where schedule_id = job.id and started_at > $2::timestamptz - interval '1 day') as day`;

export const readCounts = (ops: Queryable, ids: readonly string[], at: Date): Promise<RunCount[]> =>
  ops.query<RunCount>(COUNTS, [ids, at]);
