import type { Queryable } from '../clients/postgres.ts';

/**
 * A job of ours that runs now: what it does to the server is no attack and no fault. One whose end was never recorded
 * (its worker and its record are both gone) stops counting after a while.
 */
export async function runningJob(ops: Queryable): Promise<string | undefined> {
  const [row] = await ops.query<{ id: string }>(
    `select schedule_id as id from ops.runs
      where outcome = 'running' and mode <> 'dry-run' and schedule_id not like 'monitoring-%'
        and started_at > now() - interval '6 hours'
      order by started_at desc limit 1`,
  );
  return row?.id;
}
