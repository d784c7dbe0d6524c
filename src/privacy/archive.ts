/** A customer’s rows into the bucket: written, read back, compared, and only then removed from the active base. */
import { randomBytes } from 'node:crypto';
import { finished } from 'node:stream/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Transaction } from '../clients/postgres.ts';
import { createEphemeralKey, readSealed, seal } from '../vault/index.ts';
import { archiveKey, destroyArchive, readIdentity, storeIdentity } from './archive-objects.ts';
import { asTar, makeBundle, readBundle, type BundleManifest, type Entries } from './bundle.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import { deletedTables, isUnlinked } from './check.ts';
import { archivedColumns, readContent, type Content } from './content.ts';
import { inPrivacy, refuseBlocked, soundCatalogue, unknownAccount, type PrivacyDeps } from './deps.ts';
import { accountExists } from './erase.ts';
import { expressionOf } from './expression.ts';
import { deletionOrder } from './order.ts';
import { createScope } from './scope.ts';

export interface Archived {
  objectKey: string;
  /** Rows in the archive, by table. */
  counts: Record<string, number>;
  bytes: number;
}

interface Row {
  reference: string;
  statusBefore: string;
  counts: Record<string, number>;
  bytes: number;
}

// A customer is some dozens of rows: small at any level.
const LEVEL = 3;
/** Strategies whose effect the archive can undo. */
const CLEARING = new Set(['null', 'fixed', 'random_unique', 'json_allow']);

export const archiveOf = async (deps: PrivacyDeps, accountId: string): Promise<Row | undefined> =>
  (
    await inPrivacy(deps, (tx) =>
      tx.query<Row>(
        `select reference, status_before as "statusBefore", counts, bytes from maintenance.customer_archives where account_id = $1`,
        [accountId],
      ),
    )
  )[0];

const setting = (name: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${name} is not set: customers cannot be archived without it`,
    'SettingMissing',
  );

export function archiveSettings({ store, masterKey }: PrivacyDeps): { store: ObjectStore; master: string } {
  if (!store) throw setting('BACKUP_BUCKET');
  if (masterKey === undefined) throw setting('ARCHIVE_MASTER_KEY');
  return { store, master: masterKey };
}

/**
 * Rejects with `CustomerBlocked`, `AccountUnknown`, `PrivacyMapIncomplete`, `PrivacyRightsMissing`, `SettingMissing`; with
 * `CustomerChanged`, to be tried again, where rows changed while they were archived. In all cases nothing is removed.
 */
export async function archiveCustomer(deps: PrivacyDeps, accountId: string): Promise<Archived> {
  const { ops, map } = deps;
  const done = await archiveOf(deps, accountId);
  if (done) return { objectKey: archiveKey(done.reference), counts: done.counts, bytes: done.bytes };
  const settings = archiveSettings(deps);
  const catalogue = await soundCatalogue(deps);
  const content = await inPrivacy(deps, async (tx) => {
    await tx.query('set transaction isolation level repeatable read');
    if (!(await accountExists(tx, { map, catalogue }, accountId))) throw unknownAccount();
    return readContent(tx, { map, catalogue }, accountId);
  });
  await deps.app.transaction((tx) => refuseBlocked(tx, accountId, 'archived'));
  const reference = randomBytes(16).toString('hex');
  await ops.query('insert into ops.customer_archives (reference, account_id) values ($1, $2)', [
    reference,
    accountId,
  ]);
  const { manifest, entries } = await makeBundle(content, {
    mapVersion: map.version,
    download: deps.download,
  });
  const bytes = await store({ ...settings, zstd: await deps.zstd() }, reference, entries);
  const counts = Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows]));
  await remove(deps, catalogue, { accountId, reference, content, counts, bytes });
  await destroyOthers(deps, settings.store, accountId, reference);
  return { objectKey: archiveKey(reference), counts, bytes };
}

/** Seals the bundle for an identity of its own, and opens it again with what the bucket holds: as a reactivation will. */
async function store(
  { store: bucket, master, zstd }: { store: ObjectStore; master: string; zstd: string },
  reference: string,
  entries: Entries,
): Promise<number> {
  const { identity, recipient } = await createEphemeralKey();
  await storeIdentity(bucket, { master, reference, identity });
  const stream = asTar(entries);
  const sealed = await seal(
    { stream, done: finished(stream) },
    {
      store: bucket,
      key: archiveKey(reference),
      recipients: [recipient],
      zstd,
      level: LEVEL,
      overwrite: true,
    },
  );
  const back = await openArchive({ store: bucket, master, zstd }, reference);
  for (const [name, bytes] of entries)
    if (!back.entries.get(name)?.equals(bytes))
      throw ApplicationFailure.retryable(
        `${bucket.url(archiveKey(reference))} does not read back as written`,
        'ArchiveDamaged',
      );
  return sealed.bytes;
}

export async function openArchive(
  { store: bucket, master, zstd }: { store: ObjectStore; master: string; zstd: string },
  reference: string,
): Promise<{ manifest: BundleManifest; entries: Entries }> {
  const identity = await readIdentity(bucket, { master, reference });
  const { result } = await readSealed(
    { store: bucket, key: archiveKey(reference), identities: [identity], zstd },
    readBundle,
  );
  return result;
}

interface Removal {
  accountId: string;
  reference: string;
  content: Content;
  counts: Record<string, number>;
  bytes: number;
}

/** What is removed is what was archived: the rows are read once more, under the lock of the account. */
async function remove(deps: PrivacyDeps, catalogue: Catalogue, removal: Removal): Promise<void> {
  const { map, role } = deps;
  const { accountId, reference, content, counts, bytes } = removal;
  const { table, key } = map.subject;
  let statusBefore = '';
  await inPrivacy(
    deps,
    async (tx) => {
      await tx.query(`select from ${qualified(table)} where ${quote(key)}::text = $1 for update`, [
        accountId,
      ]);
      const now = await readContent(tx, { map, catalogue }, accountId);
      const digests = (of: Content): string =>
        JSON.stringify(of.tables.map(({ name, sha256 }) => [name, sha256]));
      if (digests(now) !== digests(content))
        throw ApplicationFailure.retryable(
          'rows of the customer changed while they were archived',
          'CustomerChanged',
        );
      await empty(tx, deps, catalogue, accountId);
      await tx.query(
        `insert into maintenance.customer_archives (account_id, reference, status_before, map_version, counts, bytes)
         values ($1, $2, $3, $4, $5, $6)`,
        [accountId, reference, statusBefore, map.version, JSON.stringify(counts), bytes],
      );
      // The contract’s function is the worker’s, not the privacy role’s.
      if (role !== undefined) await tx.query('set local role none');
      await refuseBlocked(tx, accountId, 'archived');
      await tx.query('select saas.set_account_status($1, $2)', [accountId, 'archived']);
    },
    async (tx) => {
      const [row] = await tx.query<{ status: string }>(
        'select status from saas.accounts where account_id = $1',
        [accountId],
      );
      statusBefore = row?.status ?? '';
    },
  );
}

async function empty(
  tx: Transaction,
  { map }: PrivacyDeps,
  catalogue: Catalogue,
  accountId: string,
): Promise<void> {
  const scope = await createScope(tx, { map, catalogue }, accountId);
  const leaving = deletedTables(map, catalogue).filter(
    ({ onArchive }) => onArchive === 'remove' || onArchive === 'drop',
  );
  const names = leaving.map(({ name }) => name);
  const conditions = new Map<string, Awaited<ReturnType<typeof scope>>>();
  for (const name of names) conditions.set(name, await scope(name));
  for (const name of deletionOrder(names, catalogue.foreignKeys, isUnlinked(map)) ?? names) {
    const where = conditions.get(name);
    if (where) await tx.execute(`delete from ${qualified(name)} where ${where.sql}`, where.values);
  }
  for (const table of map.tables.values()) {
    const there = catalogue.tables.get(table.name);
    const where = there && table.onArchive === 'clear' ? await scope(table.name) : undefined;
    if (!there || !where) continue;
    const sets = clearedColumns(table, there).map(([name, to]) => `${quote(name)} = ${to}`);
    if (sets.length > 0)
      await tx.execute(
        `update ${qualified(table.name)} set ${sets.join(', ')} where ${where.sql}`,
        where.values,
      );
  }
}

/** Columns of a table that stays, with what they become until the customer comes back. */
export function clearedColumns(
  ...[table, there]: Parameters<typeof archivedColumns>
): [name: string, expression: string][] {
  return archivedColumns(table, there).flatMap((name): [string, string][] => {
    const column = table.columns.get(name);
    const found = there.columns.get(name);
    const to =
      column && found && CLEARING.has(column.strategy.name) ? expressionOf(column, found) : undefined;
    return to === undefined ? [] : [[name, to]];
  });
}

/** What attempts that were killed have left. */
async function destroyOthers(
  { ops }: PrivacyDeps,
  bucket: ObjectStore,
  accountId: string,
  kept: string,
): Promise<void> {
  const others = await ops.query<{ reference: string }>(
    'select reference from ops.customer_archives where account_id = $1 and reference <> $2 and released_at is null',
    [accountId, kept],
  );
  for (const { reference } of others) {
    await destroyArchive(bucket, reference);
    await ops.query('delete from ops.customer_archives where reference = $1', [reference]);
  }
}
