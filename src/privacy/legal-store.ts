/** `maintenance.legal_store`: what the law keeps, apart from the rest. */
import type { Transaction } from '../clients/postgres.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import { inPrivacy, type PrivacyDeps } from './deps.ts';
import type { DataMap, Table } from './map.ts';
import type { Where } from './scope.ts';

interface Kept {
  table: Table;
  where: Where;
  map: DataMap;
  catalogue: Catalogue;
}

/** Copies what the map gives to the legal store, until the end of the year of issue and as many years as the law wants. */
export async function storeLegally(tx: Transaction, { table, where, map, catalogue }: Kept): Promise<number> {
  const there = catalogue.tables.get(table.name);
  const stored = [...table.columns.values()].filter(
    ({ name, strategy }) => strategy.name === 'legal_store' && there?.columns.has(name),
  );
  if (!there || stored.length === 0) return 0;
  const issued = [...table.columns.values()].find(
    ({ name, category }) =>
      category === 'accounting' && /^(date|timestamp)/.test(there.columns.get(name)?.type ?? ''),
  );
  const key = there.primaryKey.map((name) => `${quote(name)}::text`).join(` || ',' || `);
  const year = `extract(year from ${issued ? quote(issued.name) : 'now()'})::int`;
  const pairs = stored.map(({ name }) => `'${name.replaceAll("'", "''")}', ${quote(name)}`).join(', ');
  return tx.execute(
    `insert into maintenance.legal_store (table_name, row_key, data, keep_until)
     select '${table.name.replaceAll("'", "''")}', ${key}, jsonb_strip_nulls(jsonb_build_object(${pairs})),
            make_date(${year} + ${String(map.legalYears)}, 12, 31)
       from ${qualified(table.name)}
      where (${where.sql}) and num_nonnulls(${stored.map(({ name }) => quote(name)).join(', ')}) > 0
     on conflict (table_name, row_key) do nothing`,
    where.values,
  );
}

/** What the law no longer wants; the table itself refuses to let anything else go. */
export const purgeLegalStore = (deps: Pick<PrivacyDeps, 'app' | 'role'>): Promise<number> =>
  inPrivacy(deps, (tx) => tx.execute('delete from maintenance.legal_store where keep_until < current_date'));
