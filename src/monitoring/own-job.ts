import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Queryable } from '../clients/postgres.ts';
import { TEST_LOAD_REAL } from '../shared/ids.ts';

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

const ANSWER_MS = 2_000;

/**
 * Whether a real load that somebody asked for (MT1) keeps the worker's machine busy, or did within the last `sinceMs`:
 * so long it is part of what a mean tells.
 */
export async function hasTestLoad(client: Client, sinceMs: number): Promise<boolean> {
  try {
    const { closeTime } = await client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(TEST_LOAD_REAL).describe(),
    );
    return closeTime === undefined || Date.now() - closeTime.getTime() < sinceMs;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}
