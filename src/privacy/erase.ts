/** One customer from ledger to proof. Killed anywhere, doing it again comes to the same end. */
import type { Queryable, Transaction } from '../clients/postgres.ts';
import { anonymise } from './anonymise.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import { inPrivacy, refuseBlocked, soundCatalogue, unknownAccount, type PrivacyDeps } from './deps.ts';
import { eraseSteps, findElsewhere } from './elsewhere.ts';
import {
  beginErasure,
  closeErasure,
  dropErasure,
  findErasure,
  readProof,
  type Proof,
  type Receipt,
  type Step,
} from './ledger.ts';

export interface Anonymized {
  proof: Proof;
  /** What still lies elsewhere: `eraseElsewhere` takes it. */
  pending: number;
}

export interface AnonymizeOptions {
  reason?: Proof['reason'];
  /** After a restore: nothing forbids what was done before, and files are gone already. */
  again?: boolean;
}

export async function accountExists(
  db: Queryable,
  { map, catalogue }: { map: PrivacyDeps['map']; catalogue: Catalogue },
  accountId: string,
): Promise<boolean> {
  const { table, key } = map.subject;
  const type = catalogue.tables.get(table)?.columns.get(key)?.type ?? 'text';
  // Whatever is not even a key of that type is no account.
  const rows = await db.query(
    type === 'uuid'
      ? `select from ${qualified(table)} where ${quote(key)}::text = lower($1)`
      : `select from ${qualified(table)} where ${quote(key)}::text = $1`,
    [accountId],
  );
  return rows.length > 0;
}

const countSteps = async (ops: Queryable, subject: string): Promise<number> =>
  (await ops.query('select from ops.erasure_steps where subject = $1', [subject])).length;

const RECEIPT = 'receipt::text, reason, map_version as "mapVersion", counts';

/** The proof, once, of what a transaction has done; the receipt it left goes last. */
async function close(
  deps: PrivacyDeps,
  subject: string,
  accountId: string,
  receipt: Receipt,
): Promise<Proof> {
  const proof = await closeErasure(deps, accountId, receipt);
  await inPrivacy(deps, (tx) =>
    tx.query('delete from maintenance.erasure_receipts where subject = $1', [subject]),
  );
  return proof;
}

/** Of an account that is gone: what another run has left behind or proved; rejects where there was none. */
async function closeOther(deps: PrivacyDeps, subject: string, accountId: string): Promise<Proof> {
  const [receipt] = await inPrivacy(deps, (tx) =>
    tx.query<Receipt>(`select ${RECEIPT} from maintenance.erasure_receipts where subject = $1`, [subject]),
  );
  if (receipt) return close(deps, subject, accountId, receipt);
  const erasure = await findErasure(deps.ops, subject);
  const proof =
    erasure?.done && erasure.proofId !== null ? await readProof(deps.ops, erasure.proofId) : undefined;
  if (!proof) throw unknownAccount();
  return proof;
}

/**
 * Makes a customer anonymous, for good. Rejects with `CustomerBlocked` (its details are the reasons), `AccountUnknown`,
 * `PrivacyMapIncomplete` or `PrivacyRightsMissing`; then nothing was changed.
 */
export async function anonymizeCustomer(
  deps: PrivacyDeps,
  accountId: string,
  options: AnonymizeOptions = {},
): Promise<Anonymized> {
  try {
    return await anonymizeUnlessBlocked(deps, accountId, options);
  } catch (error) {
    // Also what a killed run had begun before.
    if ((error as { type?: string }).type === 'CustomerBlocked')
      await dropErasure(deps.ops, deps.ledger.subjectOf(accountId));
    throw error;
  }
}

async function anonymizeUnlessBlocked(
  deps: PrivacyDeps,
  accountId: string,
  { reason = 'inactive', again = false }: AnonymizeOptions,
): Promise<Anonymized> {
  const { ops, ledger, map } = deps;
  const subject = ledger.subjectOf(accountId);
  const catalogue = await soundCatalogue(deps);
  const steps = await prepare(deps, catalogue, accountId, again);
  if (steps === undefined) {
    const proof = await closeOther(deps, subject, accountId);
    return { proof, pending: await countSteps(ops, subject) };
  }
  await beginErasure(ops, { subject, keyId: ledger.keyId, steps });
  const receipt = await inPrivacy(
    deps,
    async (tx) => {
      const counts = await anonymise(tx, { map, catalogue, accountId, files: again });
      if (!counts) return undefined;
      const [left] = await tx.query<Receipt>(
        `insert into maintenance.erasure_receipts (subject, reason, map_version, counts) values ($1, $2, $3, $4)
         on conflict (subject) do update
            set receipt = gen_random_uuid(), reason = excluded.reason, map_version = excluded.map_version, counts = excluded.counts
         returning ${RECEIPT}`,
        [subject, reason, map.version, JSON.stringify(counts)],
      );
      return left;
    },
    // Locks the account’s row, and only then is looked whether anything forbids it.
    (tx) => mark(tx, accountId, again),
  );
  const proof = receipt
    ? await close(deps, subject, accountId, receipt)
    : await closeOther(deps, subject, accountId); // another run was faster: its proof is ours
  return { proof, pending: await countSteps(ops, subject) };
}

async function mark(tx: Transaction, accountId: string, again: boolean): Promise<void> {
  await tx.query('select saas.set_account_status($1, $2)', [accountId, 'anonymized']);
  if (!again) await refuseBlocked(tx, accountId, 'anonymised');
}

/** What will have to go elsewhere; undefined where there is no such account. */
async function prepare(
  deps: PrivacyDeps,
  catalogue: Catalogue,
  accountId: string,
  again: boolean,
): Promise<Step[] | undefined> {
  const { map, ops } = deps;
  return inPrivacy(
    deps,
    async (tx) => {
      if (!(await accountExists(tx, { map, catalogue }, accountId))) return undefined;
      // What lay elsewhere was erased then: a restored database only remembers it.
      if (again) return [];
      const archives = await ops.query<{ reference: string }>(
        'select reference from ops.customer_archives where account_id = $1',
        [accountId],
      );
      return [
        ...archives.map(({ reference }): Step => ({ kind: 'archive', target: reference })),
        ...(await findElsewhere(tx, { map, catalogue }, accountId)),
      ];
    },
    (tx) => (again ? Promise.resolve() : refuseBlocked(tx, accountId, 'anonymised')),
  );
}

/** Erases what lies elsewhere, and gives back how many things that were; 0 when all is done. Repeating it is harmless. */
export const eraseElsewhere = (deps: PrivacyDeps, accountId: string): Promise<number> =>
  eraseSteps(deps.ops, deps, deps.ledger.subjectOf(accountId));
