/**
 * One attempt at a time archives a source. A worker that was only slow has been succeeded without knowing it: its
 * epoch is over, and whatever it still does is refused or counts for nothing.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../../clients/object-store.ts';
import type { Postgres } from '../../clients/postgres.ts';

export interface Fence {
  ops: Postgres;
  source: string;
  epoch: number;
  /** Rows of earlier runs that were archived and have gone. */
  goneBefore: number;
}

export const takenOver = ({ source }: Pick<Fence, 'source'>): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${source}: another attempt archives it now and goes on where this one stood; this one deletes nothing more`,
    'ArchiveTakenOver',
  );

export const isTakenOver = (error: unknown): boolean =>
  error instanceof ApplicationFailure && error.type === 'ArchiveTakenOver';

/** `$1` and `$2` are the fence. The lock lets no successor in until the statement that begins so has been committed. */
export const FENCED = `with fence as materialized (
  select 1 from ops.archive_sources where source = $1 and epoch = $2 for share)`;

/** Every attempt begins with it, and is from then on the only one. */
export async function takeOver(ops: Postgres, source: string, run: string): Promise<Fence> {
  const [row] = await ops.query<{ epoch: number; goneBefore: number }>(
    `insert into ops.archive_sources as held (source, epoch, run, gone_before)
     values ($1, 1, $2, (select coalesce(sum(gone), 0) from ops.log_archives where source = $1))
     on conflict (source) do update
        set epoch = held.epoch + 1, run = excluded.run, taken_at = now(),
            gone_before = case when held.run = excluded.run then held.gone_before else excluded.gone_before end
     returning epoch, gone_before as "goneBefore"`,
    [source, run],
  );
  if (!row) throw takenOver({ source });
  return { ops, source, ...row };
}

/** For what no statement of the journal guards: a step in the bucket, a deletion in the application's database. */
export async function checkFence({ ops, source, epoch }: Fence): Promise<void> {
  const held = await ops.query('select from ops.archive_sources where source = $1 and epoch = $2', [
    source,
    epoch,
  ]);
  if (held.length === 0) throw takenOver({ source });
}

/** An attempt that is over is told before it sends what nobody wants, and before an object comes into being. */
export const fenced = (store: ObjectStore, fence: Fence): ObjectStore => ({
  ...store,
  async beginUpload(key) {
    const upload = await store.beginUpload(key);
    try {
      await checkFence(fence);
    } catch (error) {
      await store.abortUpload(upload).catch(() => undefined);
      throw error;
    }
    return upload;
  },
  async completeUpload(...given) {
    await checkFence(fence);
    return store.completeUpload(...given);
  },
});
