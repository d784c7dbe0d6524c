/** A customer who comes back before anonymisation: the archive’s rows into the active base again. */
import { pipeline } from 'node:stream/promises';
import type { Writable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import type { Transaction } from '../clients/postgres.ts';
import { archiveOf, archiveSettings, clearedColumns, openArchive } from './archive.ts';
import { asTar, makeBundle, rowsOf, type BundleManifest, type Entries } from './bundle.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import { readContent } from './content.ts';
import { inPrivacy, soundCatalogue, unknownAccount, type PrivacyDeps } from './deps.ts';
import { accountExists } from './erase.ts';
import { findErasure } from './ledger.ts';

export interface Restored {
  /** Rows that returned, by table; empty where the customer was not archived. */
  counts: Record<string, number>;
  /** As it was before archiving, and is again; what reactivation makes of it is the caller’s. */
  status: string;
}

/**
 * Rejects with `CustomerAnonymized` when it is too late, `AccountUnknown`, `ArchiveDestroyed`, `ArchiveSchemaChanged` when
 * the database lacks what the archive holds, `RestoreConflict` when somebody else has taken a unique value meanwhile.
 */
export async function restoreCustomer(deps: PrivacyDeps, accountId: string): Promise<Restored> {
  const { ops, map } = deps;
  if (await findErasure(ops, deps.ledger.subjectOf(accountId)))
    throw ApplicationFailure.nonRetryable('the customer has been anonymised, for good', 'CustomerAnonymized');
  const archive = await archiveOf(deps, accountId);
  if (!archive) {
    const [account] = await deps.app.query<{ status: string }>(
      'select status from saas.accounts where account_id = $1',
      [accountId],
    );
    if (!account) throw unknownAccount();
    return { counts: {}, status: account.status };
  }
  const catalogue = await soundCatalogue(deps);
  const { reference, statusBefore: status } = archive;
  const { manifest, entries } = await openArchive(
    { ...archiveSettings(deps), zstd: await deps.zstd() },
    reference,
  );
  refuseOtherSchema(manifest, entries, catalogue);
  let counts: Restored['counts'] = {};
  await inPrivacy(deps, async (tx) => {
    const mine = await tx.query(
      'delete from maintenance.customer_archives where account_id = $1 and reference = $2 returning 1',
      [accountId, reference],
    );
    // Another run was faster; it is waited for by the lock of that row.
    if (mine.length === 0) return;
    counts = await putBack(tx, { map, catalogue, manifest, entries });
    if (deps.role !== undefined) await tx.query('set local role none');
    await tx.query('select saas.set_account_status($1, $2)', [accountId, status]);
  }).catch((error: unknown) => {
    if ((error as { code?: string }).code !== '23505') throw error;
    const { constraint = '' } = error as { constraint?: string };
    throw ApplicationFailure.nonRetryable(
      `somebody else has what the customer had meanwhile (${constraint}): change it there, then reactivate again`,
      'RestoreConflict',
    );
  });
  await ops.query(
    'update ops.customer_archives set released_at = now() where reference = $1 and released_at is null',
    [reference],
  );
  return { counts, status };
}

function refuseOtherSchema(manifest: BundleManifest, entries: Entries, catalogue: Catalogue): void {
  for (const { name, file } of manifest.tables) {
    const columns = catalogue.tables.get(name)?.columns;
    const [line] = rowsOf(entries, file);
    const lost = Object.keys(JSON.parse(line ?? '{}') as object).filter((column) => !columns?.has(column));
    if (!columns || lost.length > 0)
      throw ApplicationFailure.nonRetryable(
        `the database has no ${columns ? `${name}.${lost.join(', ')}` : name} any more, which the archive holds: create it again, restore, and move it`,
        'ArchiveSchemaChanged',
      );
  }
}

interface Put {
  map: PrivacyDeps['map'];
  catalogue: Catalogue;
  manifest: BundleManifest;
  entries: Entries;
}

async function putBack(
  tx: Transaction,
  { map, catalogue, manifest, entries }: Put,
): Promise<Restored['counts']> {
  const counts: Restored['counts'] = {};
  for (const { name, file } of manifest.tables) {
    const table = map.tables.get(name);
    const there = catalogue.tables.get(name);
    const rows = rowsOf(entries, file);
    if (!table || !there || rows.length === 0) continue;
    const json = `[${rows.join(',')}]`;
    const held = Object.keys(JSON.parse(rows[0] ?? '{}') as object);
    const source = `jsonb_populate_recordset(null::${qualified(name)}, $1::jsonb) r`;
    if (table.onArchive === 'remove') {
      const columns = held.map(quote).join(', ');
      // Where it is again already it is left as it is.
      const target = there.primaryKey.length > 0 ? `(${there.primaryKey.map(quote).join(', ')})` : '';
      counts[name] = await tx.execute(
        `insert into ${qualified(name)} (${columns}) overriding system value
         select ${held.map((column) => `r.${quote(column)}`).join(', ')} from ${source} on conflict ${target} do nothing`,
        [json],
      );
    } else if (table.onArchive === 'clear') {
      const cleared = clearedColumns(table, there)
        .map(([column]) => column)
        .filter((column) => held.includes(column));
      if (cleared.length === 0) continue;
      counts[name] = await tx.execute(
        `update ${qualified(name)} t set ${cleared.map((column) => `${quote(column)} = r.${quote(column)}`).join(', ')}
           from ${source} where ${there.primaryKey.map((column) => `t.${quote(column)} = r.${quote(column)}`).join(' and ')}`,
        [json],
      );
    }
  }
  return counts;
}

export interface Exported {
  counts: Record<string, number>;
  files: number;
  /** Files that Storage has and the tar does not. */
  filesLeft: number;
}

/** Everything of a customer as a tar, for an access request; of an archived one what the archive holds. */
export async function exportCustomer(deps: PrivacyDeps, accountId: string, to: Writable): Promise<Exported> {
  const { map } = deps;
  const archive = await archiveOf(deps, accountId);
  const { manifest, entries } = archive
    ? await openArchive({ ...archiveSettings(deps), zstd: await deps.zstd() }, archive.reference)
    : await makeBundle(await contentOf(deps, accountId), {
        mapVersion: map.version,
        download: deps.download,
      });
  await pipeline(asTar(entries), to);
  return {
    counts: Object.fromEntries(manifest.tables.map(({ name, rows }) => [name, rows])),
    files: manifest.files.length,
    filesLeft: manifest.filesLeft,
  };
}

async function contentOf(deps: PrivacyDeps, accountId: string) {
  const { map } = deps;
  const catalogue = await soundCatalogue(deps);
  return inPrivacy(deps, async (tx) => {
    if (!(await accountExists(tx, { map, catalogue }, accountId))) throw unknownAccount();
    return readContent(tx, { map, catalogue }, accountId);
  });
}
