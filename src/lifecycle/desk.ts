/** For the page and the commands: what stands in `ops.lifecycles`, and what is asked of a workflow. */
import {
  isGrpcServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateStage,
  type Client,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Queryable } from '../clients/postgres.ts';
import { lifecycleId } from '../shared/ids.ts';
import { startLifecycle } from './start.ts';
import { readLifecycle, readUnderWay, stateOf } from './store.ts';
import type { LifecycleState } from './state.ts';
import { viewOf, type LifecycleView } from './customer/view.ts';

/** As it was written down; undefined where no lifecycle is known. */
export async function readStanding(ops: Queryable, accountId: string): Promise<LifecycleState | undefined> {
  const row = await readLifecycle(ops, accountId);
  return row && stateOf(row, { now: new Date(), searchable: false });
}

/** The lifecycles under way, those first whose next step comes first. */
export async function listLifecycles(
  ops: Queryable,
  { overdue = false }: { overdue?: boolean } = {},
): Promise<LifecycleView[]> {
  const rows = await readUnderWay(ops, overdue);
  return rows.map((row) => viewOf(stateOf(row, { now: new Date(), searchable: false })));
}

/** `noted`: it will be done, and nobody said yet that it is. */
export type Asked =
  { outcome: 'done'; view: LifecycleView } | { outcome: 'noted' } | { outcome: 'too late' | 'held' };

/**
 * Asks a lifecycle to bring a customer back, or to forget them. Where its workflow was lost it is made again from its
 * row. Nobody answers: the wish to come back is left as a signal; the wish to be forgotten fails, and is repeated.
 */
export async function ask(
  client: Client,
  accountId: string,
  { what, by, waitMs }: { what: 'reactivate' | 'erase'; by: string; waitMs: number },
): Promise<Asked> {
  const handle = client.workflow.getHandle(lifecycleId(accountId));
  const until = Date.now() + waitMs;
  const begin = () =>
    client.withDeadline(until, () =>
      handle.startUpdate<LifecycleView, [object]>(what, {
        args: [{ by }],
        waitForStage: WorkflowUpdateStage.ACCEPTED,
      }),
    );
  try {
    const update = await begin().catch(async (error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await startLifecycle(client, { accountId });
      return begin();
    });
    const view = await client.withDeadline(until, () => update.result());
    return view.phase === 'erasing' && what === 'reactivate'
      ? { outcome: 'too late' }
      : { outcome: 'done', view };
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError)
      return {
        outcome:
          error.cause instanceof ApplicationFailure && error.cause.type === 'Held' ? 'held' : 'too late',
      };
    if (what === 'erase' || !isSilence(error)) throw error;
    await handle.signal('reactivate', { by });
    return { outcome: 'noted' };
  }
}

/** No worker answered in time. */
const isSilence = (error: unknown): boolean => {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return isGrpcServiceError(cause)
    ? [1, 4].includes(Number(cause.code))
    : /timeout|deadline/i.test(String(error));
};
