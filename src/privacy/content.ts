/** What the archive and the export of a customer hold: rows as JSON, one a line, in an order in which they may return. */
import { createHash } from 'node:crypto';
import type { Queryable } from '../clients/postgres.ts';
import { qualified, quote, type Catalogue, type CatalogueTable } from '../database/index.ts';
import type { DataMap, Table } from './map.ts';
import { deletionOrder } from './order.ts';
import { createScope } from './scope.ts';

export interface TableContent {
  name: string;
  rows: string[];
  sha256: string;
}

export interface FileName {
  bucket: string;
  name: string;
}

export interface Content {
  tables: TableContent[];
  files: FileName[];
}

/** Columns that the archive holds and the database can take back. */
export const archivedColumns = (table: Table, there: CatalogueTable): string[] =>
  [...table.columns.values()]
    .filter(({ name, archive }) => archive && there.columns.get(name)?.generated === false)
    .map(({ name }) => name);

export const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

/** As the file of the archive holds them. */
export const asLines = (rows: readonly string[]): string => rows.map((row) => `${row}\n`).join('');

/** Tables with something in the archive, who is pointed to first. */
export function archivedTables(map: DataMap, catalogue: Catalogue): Table[] {
  const tables = [...map.tables.values()].filter((table) => {
    const there = catalogue.tables.get(table.name);
    return there && table.rows !== 'nobody' && archivedColumns(table, there).length > 0;
  });
  const names = tables.map(({ name }) => name);
  const order = (deletionOrder(names, catalogue.foreignKeys, () => false) ?? names).reverse();
  return tables.sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
}

export async function readContent(
  db: Queryable,
  { map, catalogue }: { map: DataMap; catalogue: Catalogue },
  accountId: string,
): Promise<Content> {
  const scope = await createScope(db, { map, catalogue }, accountId);
  const tables: TableContent[] = [];
  for (const table of archivedTables(map, catalogue)) {
    const there = catalogue.tables.get(table.name);
    const where = there && (await scope(table.name));
    if (!where) continue;
    const columns = archivedColumns(table, there).map(quote).join(', ');
    const order =
      there.primaryKey.length > 0 ? there.primaryKey.map((name) => `t.${quote(name)}`) : ['t::text'];
    const rows = await db.query<{ line: string }>(
      `select to_jsonb(t)::text as line
         from (select ${columns} from ${qualified(table.name)} where ${where.sql}) t order by ${order.join(', ')}`,
      where.values,
    );
    const lines = rows.map(({ line }) => line);
    tables.push({ name: table.name, rows: lines, sha256: sha256(asLines(lines)) });
  }
  const files: FileName[] = [];
  for (const { table, bucket, name } of map.files) {
    const where = catalogue.tables.has(table) ? await scope(table) : undefined;
    if (!where) continue;
    files.push(
      ...(await db.query<FileName>(
        `select ${quote(bucket)} as bucket, ${quote(name)} as name from ${qualified(table)} where ${where.sql} order by 1, 2`,
        where.values,
      )),
    );
  }
  return { tables, files };
}
