/** Where a customer’s archive lies: apart from the backups, never locked, so that it can truly be deleted. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Postgres } from '../clients/postgres.ts';

const PREFIX = 'customers/';
export const archiveKey = (reference: string): string => `${PREFIX}${reference}/archive.tar.zst.age`;
const identityKey = (reference: string): string => `${PREFIX}${reference}/identity.json`;

const FORMAT = 'talos-identity/1';

const wrappingKey = (master: string, salt: Buffer): Buffer =>
  Buffer.from(hkdfSync('sha256', master, salt, 'talos customer archive', 32));

/** Stores the archive’s own age identity, wrapped by the master key, under its reference. */
export async function storeIdentity(
  store: ObjectStore,
  { master, reference, identity }: { master: string; reference: string; identity: string },
): Promise<void> {
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey(master, salt), nonce);
  // A wrapped identity moved under another reference does not open.
  cipher.setAAD(Buffer.from(reference));
  const wrapped = Buffer.concat([cipher.update(identity, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  const body = { format: FORMAT, ...encoded({ salt, nonce, wrapped }) };
  await store.put(identityKey(reference), JSON.stringify(body), 'application/json');
}

const encoded = (parts: Record<string, Buffer>): Record<string, string> =>
  Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.toString('base64')]));

/** The identity that opens the archive. `ArchiveDestroyed` where it is gone: nobody can open the archive any more. */
export async function readIdentity(
  store: ObjectStore,
  { master, reference }: { master: string; reference: string },
): Promise<string> {
  const stored = await store.get(identityKey(reference));
  if (!stored)
    throw ApplicationFailure.nonRetryable(
      `the key of archive ${reference} is not in the bucket: it was destroyed, and the archive cannot be opened`,
      'ArchiveDestroyed',
    );
  const body = JSON.parse(Buffer.concat((await stored.toArray()) as Buffer[]).toString('utf8')) as Record<
    string,
    string
  >;
  const part = (name: string): Buffer => Buffer.from(body[name] ?? '', 'base64');
  const wrapped = part('wrapped');
  try {
    const decipher = createDecipheriv('aes-256-gcm', wrappingKey(master, part('salt')), part('nonce'));
    decipher.setAAD(Buffer.from(reference));
    decipher.setAuthTag(wrapped.subarray(-16));
    return decipher.update(wrapped.subarray(0, -16), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw ApplicationFailure.nonRetryable(
      `ARCHIVE_MASTER_KEY does not open the key of archive ${reference}: is it the one the archive was made with?`,
      'WrongKey',
    );
  }
}

/** The key first: from then on nobody can open the archive, nor a copy of it. Repeated, it finds nothing and is content. */
export async function destroyArchive(store: ObjectStore, reference: string): Promise<void> {
  await store.remove(identityKey(reference));
  await store.remove(archiveKey(reference));
}

/** Archives of customers who came back, once no backup can know them as archived any more. */
export async function purgeReleased(
  { ops, store }: { ops: Postgres; store: ObjectStore | undefined },
  { at, months }: { at: Date; months: number },
): Promise<number> {
  if (!store) return 0;
  const old = await ops.query<{ reference: string }>(
    `select reference from ops.customer_archives
      where released_at < least($1::timestamptz, now()) - make_interval(months => $2)`,
    [at, months],
  );
  for (const { reference } of old) {
    await destroyArchive(store, reference);
    await ops.query('delete from ops.customer_archives where reference = $1', [reference]);
  }
  return old.length;
}
