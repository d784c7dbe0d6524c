/** Which rows are a customer's, as the map says. */
import type { Queryable } from '../clients/postgres.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import { baseColumn } from './check.ts';
import type { DataMap } from './map.ts';

export interface Where {
  /** With `$1`, `$2` … for `values`. */
  sql: string;
  values: string[][];
}

/** The condition on a table's rows; undefined where the customer can have none. */
export type Scope = (table: string) => Promise<Where | undefined>;

/** People who belong to another account as well stay out: they are not erased with this one. */
export async function createScope(
  db: Queryable,
  { map, catalogue }: { map: DataMap; catalogue: Catalogue },
  accountId: string,
): Promise<Scope> {
  const { table, account, person } = map.subject.people;
  const typeOf = (name: string, column: string): string =>
    catalogue.tables.get(name)?.columns.get(column)?.type ?? 'text';
  const people = await db.query<{ id: string }>(
    `select ${quote(person)}::text as id from ${qualified(table)} m where ${quote(account)} = $1::${typeOf(table, account)}
        and not exists (select from ${qualified(table)} other where other.${quote(person)} = m.${quote(person)}
                           and other.${quote(account)} <> m.${quote(account)})`,
    [accountId],
  );
  const keys = new Map<string, string[]>([
    ['account', [accountId]],
    ['person', people.map(({ id }) => id)],
  ]);

  async function keysOf(target: string): Promise<string[]> {
    const known = keys.get(target);
    if (known) return known;
    const [key] = catalogue.tables.get(target)?.primaryKey ?? [];
    const where = key === undefined ? undefined : await scope(target);
    const rows =
      where && key !== undefined
        ? await db.query<{ key: string }>(
            `select ${quote(key)}::text as key from ${qualified(target)} where ${where.sql}`,
            where.values,
          )
        : [];
    const found = rows.map((row) => row.key);
    keys.set(target, found);
    return found;
  }

  async function scope(name: string): Promise<Where | undefined> {
    const rows = map.tables.get(name)?.rows ?? 'nobody';
    if (rows === 'nobody') return undefined;
    const paths = rows === 'account' ? { [map.subject.key]: 'account' } : rows;
    const parts: string[] = [];
    const values: string[][] = [];
    for (const [path, target] of Object.entries(paths)) {
      const column = baseColumn(path);
      if (!catalogue.tables.get(name)?.columns.has(column)) continue;
      const wanted = await keysOf(target);
      if (wanted.length === 0) continue;
      values.push(wanted);
      const key = path.slice(column.length + 3);
      parts.push(
        key === ''
          ? `${quote(column)} = any ($${String(values.length)}::text[]::${typeOf(name, column)}[])`
          : `${quote(column)} ->> '${key.replaceAll("'", "''")}' = any ($${String(values.length)}::text[])`,
      );
    }
    return parts.length === 0 ? undefined : { sql: parts.join(' or '), values };
  }
  return scope;
}
