/** After a restore: whoever was erased before is erased again, before the application may come in. */
import { ApplicationFailure } from '@temporalio/common';
import { qualified, quote } from '../database/index.ts';
import { soundCatalogue, type PrivacyDeps } from './deps.ts';
import { anonymizeCustomer } from './erase.ts';
import { listErasures } from './ledger.ts';

export interface Reapplied {
  /** Accounts in the restored database. */
  examined: number;
  /** Of these, erased again. A second pass finds none. */
  reapplied: number;
  seconds: number;
}

const PAGE = 5_000;
/** More would only wait for the same disk. */
const AT_ONCE = 4;

/** `deps.app` is the restored database. Rejects before any change where the ledger was written with another key. */
export async function reapplyErasures(deps: PrivacyDeps): Promise<Reapplied> {
  const begun = performance.now();
  const { app, ops, store, ledger, map } = deps;
  const { subjects, keyIds } = await listErasures(ops, store);
  keyIds.delete(ledger.keyId);
  if (keyIds.size > 0)
    throw ApplicationFailure.nonRetryable(
      `the erasure ledger was written with another ERASURE_LEDGER_KEY (${[...keyIds].join(', ')}): nobody would be found with this one`,
      'LedgerKeyChanged',
    );
  const { table, key } = map.subject;
  const type = (await soundCatalogue(deps)).tables.get(table)?.columns.get(key)?.type ?? 'text';
  let [examined, reapplied] = [0, 0];
  for (let after: string | null = null; ;) {
    const page: { id: string }[] = await app.query<{ id: string }>(
      `select ${quote(key)}::text as id from ${qualified(table)}
        where $1::text is null or ${quote(key)} > $1::text::${type} order by ${quote(key)} limit ${String(PAGE)}`,
      [after],
    );
    examined += page.length;
    const erased = page.flatMap(({ id }) => {
      const state = subjects.get(ledger.subjectOf(id));
      return state === undefined ? [] : [{ id, again: state === 'done' }];
    });
    await inParallel(erased, async ({ id, again }) => {
      if (await eraseAgain(deps, id, again)) reapplied += 1;
    });
    if (page.length < PAGE) break;
    after = page.at(-1)?.id ?? null;
  }
  return { examined, reapplied, seconds: Math.round((performance.now() - begun) / 100) / 10 };
}

async function inParallel<Item>(items: Item[], work: (item: Item) => Promise<unknown>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of left) await work(item);
    }),
  );
}

/** What was begun and perhaps never done is done only where nothing forbids it; what was done is done again. */
async function eraseAgain(deps: PrivacyDeps, accountId: string, again: boolean): Promise<boolean> {
  try {
    await anonymizeCustomer(deps, accountId, { reason: 'restore', again });
    return true;
  } catch (error) {
    if (!again && (error as { type?: string }).type === 'CustomerBlocked') return false;
    throw error;
  }
}
