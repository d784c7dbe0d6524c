/** One customer made anonymous in the application's database: one transaction, all of it or nothing. */
import { ApplicationFailure } from '@temporalio/common';
import type { Transaction } from '../clients/postgres.ts';
import { qualified, quote, type Catalogue, type CatalogueTable } from '../database/index.ts';
import { deletedTables, isUnlinked } from './check.ts';
import { expressionOf } from './expression.ts';
import { storeLegally } from './legal-store.ts';
import type { Column, DataMap, Table } from './map.ts';
import { deletionOrder } from './order.ts';
import { createScope, type Scope } from './scope.ts';

/** Rows by table, as `{ "public.tickets": { deleted: 3 } }`. Nothing of the customer. */
export type Counts = Record<string, { deleted?: number; changed?: number; stored?: number }>;

export interface Subject {
  map: DataMap;
  catalogue: Catalogue;
  accountId: string;
  /** Whether rows of files go too: after a restore, when the files themselves are long gone. */
  files?: boolean;
}

/** Columns of the table that are in the database and can be written. */
const written = (table: Table, there: CatalogueTable): [Column, string][] =>
  [...table.columns.values()].flatMap((column) => {
    const found = there.columns.get(column.name);
    const to = found && !found.generated ? expressionOf(column, found) : undefined;
    return to === undefined ? [] : [[column, to]];
  });

/** The rows must be locked; the caller has judged whether it may be done. Returns undefined where there is no such account. */
export async function anonymise(tx: Transaction, subject: Subject): Promise<Counts | undefined> {
  const { map, catalogue, accountId, files = false } = subject;
  const { table: root, key } = map.subject;
  const there = catalogue.tables.get(root);
  const mapped = map.tables.get(root);
  const keyType = there?.columns.get(key)?.type;
  if (!there || !mapped || keyType === undefined)
    throw ApplicationFailure.nonRetryable(`${root}.${key} is not in the database`, 'PrivacyMapIncomplete');
  const locked = await tx.query(
    `select from ${qualified(root)} where ${quote(key)} = $1::${keyType} for update`,
    [accountId],
  );
  if (locked.length === 0) return undefined;
  const scope = await createScope(tx, subject, accountId);
  const deleted = deletedTables(map, catalogue, files);
  // Supabase refuses to have rows of files deleted past its Storage API, unless somebody says so.
  if (files) await tx.query(`select set_config('storage.allow_delete_query', 'true', true)`);
  const order = deletionOrder(
    deleted.map(({ name }) => name),
    catalogue.foreignKeys,
    isUnlinked(map),
  );
  if (!order)
    throw ApplicationFailure.nonRetryable('foreign keys go round in a circle', 'PrivacyMapIncomplete');
  // Before anything goes: rows are found by other rows.
  const found = await rowsOf(scope, map, catalogue, files);
  const counts: Counts = {};
  const count = (name: string, kind: keyof Counts[string], rows: number): void => {
    if (rows > 0) counts[name] = { ...counts[name], [kind]: (counts[name]?.[kind] ?? 0) + rows };
  };
  for (const { table, where } of found)
    count(table.name, 'stored', await storeLegally(tx, { table, where, map, catalogue }));
  const newId = await copySubject(tx, mapped, there, key, accountId);
  if (newId !== undefined) count(root, 'changed', 1);
  for (const { table, where, catalogued } of found) {
    if (table.name === root && newId !== undefined) continue;
    const sets = written(table, catalogued).map(([{ name }, to]) => `${quote(name)} = ${to}`);
    const values: unknown[] = [...where.values];
    if (newId !== undefined && !table.isDeleted)
      for (const column of pointers(table, catalogue, map)) {
        values.push(newId);
        sets.push(
          `${quote(column)} = $${String(values.length)}::text::${catalogued.columns.get(column)?.type ?? 'text'}`,
        );
      }
    if (sets.length === 0) continue;
    count(
      table.name,
      'changed',
      await tx.execute(`update ${qualified(table.name)} set ${sets.join(', ')} where ${where.sql}`, values),
    );
  }
  for (const name of order) {
    const where = found.find(({ table }) => table.name === name)?.where;
    if (!where) continue;
    count(
      name,
      'deleted',
      await tx.execute(`delete from ${qualified(name)} where ${where.sql}`, where.values),
    );
  }
  if (newId !== undefined)
    await tx.execute(`delete from ${qualified(root)} where ${quote(key)} = $1::${keyType}`, [accountId]);
  return counts;
}

type Where = NonNullable<Awaited<ReturnType<Scope>>>;
interface FoundRows {
  table: Table;
  catalogued: CatalogueTable;
  where: Where;
}

async function rowsOf(
  scope: Scope,
  map: DataMap,
  catalogue: Catalogue,
  files: boolean,
): Promise<FoundRows[]> {
  const found: FoundRows[] = [];
  for (const table of map.tables.values()) {
    const catalogued = catalogue.tables.get(table.name);
    const isFile = !files && map.files.some((file) => file.table === table.name);
    const where = catalogued && !isFile ? await scope(table.name) : undefined;
    if (catalogued && where) found.push({ table, catalogued, where });
  }
  return found;
}

/** Columns of kept rows that hold the account's id: by a foreign key, or as the map says. */
function pointers(table: Table, catalogue: Catalogue, { subject }: DataMap): string[] {
  const byKey = catalogue.foreignKeys
    .filter(
      ({ from, to, toColumns }) =>
        from === table.name && to === subject.table && toColumns.includes(subject.key),
    )
    .flatMap(({ columns, toColumns }) => columns[toColumns.indexOf(subject.key)] ?? []);
  const byMap =
    typeof table.rows === 'string' ? [] : Object.entries(table.rows).filter(([, to]) => to === 'account');
  return [...new Set([...byKey, ...byMap.map(([column]) => column)])];
}

/**
 * The account under a new key, so that no old backup, address or log leads to it; the old row goes last. Undefined where
 * the map keeps the key: then the row is changed in its place.
 */
async function copySubject(
  tx: Transaction,
  table: Table,
  there: CatalogueTable,
  key: string,
  accountId: string,
): Promise<string | undefined> {
  if (table.columns.get(key)?.strategy.name !== 'rekey') return undefined;
  const expressions = new Map(written(table, there).map(([{ name }, to]) => [name, to]));
  const columns = [...there.columns.values()].filter(
    ({ name, generated }) => !generated && expressions.get(name) !== 'default',
  );
  const [row] = await tx.query<{ id: string }>(
    `insert into ${qualified(table.name)} (${columns.map(({ name }) => quote(name)).join(', ')})
       overriding system value
     select ${columns.map(({ name }) => expressions.get(name) ?? quote(name)).join(', ')}
       from ${qualified(table.name)} where ${quote(key)} = $1::${there.columns.get(key)?.type ?? 'text'}
     returning ${quote(key)}::text as id`,
    [accountId],
  );
  return row?.id;
}
