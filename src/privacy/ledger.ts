/** `ops.erasures`: who was erased, by a pseudonym that only the ledger's key makes. A copy of each row lies in the bucket. */
import { createHash, createHmac } from 'node:crypto';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Postgres, Queryable } from '../clients/postgres.ts';

export interface Ledger {
  /** The pseudonym of an account. */
  subjectOf(accountId: string): string;
  keyId: string;
}

export const createLedger = (key: string): Ledger => ({
  subjectOf: (accountId) =>
    createHmac('sha256', key).update(`talos erasure\0${accountId}`).digest('base64url'),
  keyId: createHash('sha256').update(`talos erasure key\0${key}`).digest('hex').slice(0, 12),
});

export interface Step {
  kind: 'archive' | 'file' | 'message';
  /** Reference of an archive, `bucket/name` of a file, the provider’s id of a message. */
  target: string;
}

export interface Erasure {
  subject: string;
  done: boolean;
  proofId: number | null;
}

/** Both databases may be lost at once; then the bucket still knows. */
const PREFIX = 'erasures/';
const objectOf = (keyId: string, subject: string): string => `${PREFIX}${keyId}/${subject}`;

/** Entered before anything is changed, with what must go elsewhere: once the rows are gone nobody could say what it was. */
export async function beginErasure(
  ops: Postgres,
  { subject, keyId, steps }: { subject: string; keyId: string; steps: readonly Step[] },
): Promise<void> {
  await ops.transaction(async (tx) => {
    await tx.query(
      'insert into ops.erasures (subject, key_id) values ($1, $2) on conflict (subject) do nothing',
      [subject, keyId],
    );
    await tx.query(
      `insert into ops.erasure_steps (subject, kind, target)
       select $1, step ->> 'kind', step ->> 'target' from jsonb_array_elements($2::jsonb) as step
       on conflict do nothing`,
      [subject, JSON.stringify(steps)],
    );
  });
}

/** Nothing was erased: the customer must not be looked for after a restore. */
export const dropErasure = (ops: Postgres, subject: string): Promise<unknown> =>
  ops.query('delete from ops.erasures where subject = $1 and done_at is null', [subject]);

export async function findErasure(ops: Queryable, subject: string): Promise<Erasure | undefined> {
  const [row] = await ops.query<Erasure>(
    `select subject, done_at is not null as done, proof_id as "proofId" from ops.erasures where subject = $1`,
    [subject],
  );
  return row;
}

export interface Proof {
  id: number;
  at: string;
  mapVersion: string;
  reason: 'inactive' | 'request' | 'restore';
  counts: unknown;
  hash: string;
}

export interface Receipt extends Pick<Proof, 'mapVersion' | 'reason' | 'counts'> {
  receipt: string;
}

const PROOF = 'id, at, map_version as "mapVersion", reason, counts, hash';
type ProofRow = Omit<Proof, 'at'> & { at: Date };

/** A proof and the end of the ledger's row, together, once a receipt; and nothing of ours names the account any more. */
export async function closeErasure(
  { ops, store, ledger }: { ops: Postgres; store: ObjectStore | undefined; ledger: Ledger },
  accountId: string,
  { receipt, mapVersion, reason, counts }: Receipt,
): Promise<Proof> {
  const subject = ledger.subjectOf(accountId);
  await store?.put(objectOf(ledger.keyId, subject), 'erased\n', 'text/plain');
  return ops.transaction(async (tx) => {
    // One after the other: each holds the hash of the one before.
    await tx.query('select pg_advisory_xact_lock(7460202)');
    await tx.query(
      `insert into ops.erasure_proofs (receipt, map_version, reason, counts, previous, hash)
       select $1::uuid, $2::text, $3::text, $4::jsonb, previous,
              encode(sha256(convert_to(concat_ws('|', previous, $1::uuid, $2::text, $3::text, ($4::jsonb)::text, now()::text), 'UTF8')), 'hex')
         from (select coalesce((select hash from ops.erasure_proofs order by id desc limit 1), '') as previous) last
       on conflict (receipt) do nothing`,
      [receipt, mapVersion, reason, JSON.stringify(counts)],
    );
    const [proof] = await tx.query<ProofRow>(`select ${PROOF} from ops.erasure_proofs where receipt = $1`, [
      receipt,
    ]);
    if (!proof) throw new Error('the proof was not written');
    await tx.query(
      'update ops.erasures set done_at = coalesce(done_at, now()), proof_id = $2 where subject = $1',
      [subject, proof.id],
    );
    for (const table of ACCOUNTS)
      await tx.query(`delete from ops.${table} where account_id = $1`, [accountId]);
    // What was written to the customer: nobody is written to any more, so no key is needed against a second message.
    await tx.query(`delete from ops.notifications where data ->> 'accountId' = $1`, [accountId]);
    return { ...proof, at: proof.at.toISOString() };
  });
}

/** Our own tables that hold an account's id. */
const ACCOUNTS = ['customer_archives', 'contact_refusals', 'trial_endings', 'trial_nudges'] as const;

export async function readProof(ops: Queryable, id: number): Promise<Proof | undefined> {
  const [row] = await ops.query<ProofRow>(`select ${PROOF} from ops.erasure_proofs where id = $1`, [id]);
  return row && { ...row, at: row.at.toISOString() };
}

/** All subjects, of the database and of the bucket, and whether it is known that they were erased; and the keys used. */
export async function listErasures(
  ops: Queryable,
  store: ObjectStore | undefined,
): Promise<{ subjects: Map<string, 'done' | 'begun'>; keyIds: Set<string> }> {
  const rows = await ops.query<{ subject: string; keyId: string; done: boolean }>(
    'select subject, key_id as "keyId", done_at is not null as done from ops.erasures',
  );
  const subjects = new Map(rows.map(({ subject, done }) => [subject, done ? 'done' : 'begun'] as const));
  const keyIds = new Set(rows.map(({ keyId }) => keyId));
  for await (const { key } of store?.list(PREFIX) ?? []) {
    const [, keyId, subject] = /^erasures\/([0-9a-f]+)\/([\w-]+)$/.exec(key) ?? [];
    if (keyId === undefined || subject === undefined) continue;
    subjects.set(subject, 'done');
    keyIds.add(keyId);
  }
  return { subjects, keyIds };
}

/** When no backup can bring anybody back any more, the ledger has served; it is personal data itself. */
export async function purgeLedger(
  { ops, store }: { ops: Postgres; store: ObjectStore | undefined },
  { at, months }: { at: Date; months: number },
): Promise<number> {
  const old = await ops.query<{ subject: string; keyId: string }>(
    `select subject, key_id as "keyId" from ops.erasures
      where done_at < least($1::timestamptz, now()) - make_interval(months => $2)
        and not exists (select from ops.erasure_steps s where s.subject = erasures.subject)`,
    [at, months],
  );
  for (const { subject, keyId } of old) {
    await store?.remove(objectOf(keyId, subject));
    await ops.query('delete from ops.erasures where subject = $1', [subject]);
  }
  return old.length;
}
