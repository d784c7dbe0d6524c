/** The last backup, notices that wait, and sleeping lifecycles. */
import type { Queryable } from '../../clients/postgres.ts';

export interface LastBackup {
  workflowId: string;
  runId: string;
  result: 'proven' | 'proven except' | 'not proven';
  at: Date;
  storedBytes: number | null;
  backupSeconds: number | null;
  restoreSeconds: number | null;
}

const BACKUP = `
  select workflow_id as "workflowId", run_id as "runId", result, proved_at as at, stored_bytes as "storedBytes",
         backup_seconds::float8 as "backupSeconds", restore_seconds::float8 as "restoreSeconds"
    from ops.proofs`;

/** The newest, and the newest proven one, which may be the same. */
export async function readBackups(ops: Queryable): Promise<{ last?: LastBackup; proven?: LastBackup }> {
  const [[last], [proven]] = await Promise.all([
    ops.query<LastBackup>(`${BACKUP} order by proved_at desc limit 1`),
    ops.query<LastBackup>(`${BACKUP} where result <> 'not proven' order by proved_at desc limit 1`),
  ]);
  return { last, proven };
}

/** Notices that have not left minutes after they should have, by channel. */
export const readUnsent = (ops: Queryable, at: Date): Promise<{ channel: string; count: number }[]> =>
  ops.query(
    `select channel, count(*) from ops.notifications
      where closed_at is null and created_at < $1::timestamptz - interval '5 minutes'
      group by channel order by channel`,
    [at],
  );

/** A phase of sleeping customers: how many, how many of them have come to a halt, and when the next one moves. */
export interface Phase {
  phase: string;
  count: number;
  trouble: number;
  next: Date | null;
}

/** Nothing where the table is not there yet. */
export async function readLifecycles(ops: Queryable): Promise<Phase[]> {
  const [table] = await ops.query<{ there: boolean }>(
    `select to_regclass('ops.lifecycles') is not null as there`,
  );
  if (table?.there !== true) return [];
  return ops.query(
    `select phase, count(*), count(trouble) as trouble, min(next_action_at) as next
       from ops.lifecycles where ended_at is null group by phase
      order by array_position(array['asking', 'asked', 'archived', 'erasing', 'reactivated'], phase)`,
  );
}
