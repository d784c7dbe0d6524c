/** What the database itself says of its tables: columns, keys and foreign keys. */
import type { Queryable } from '../clients/postgres.ts';

export interface CatalogueColumn {
  name: string;
  /** As SQL writes it, with its schema where it needs one. */
  type: string;
  notNull: boolean;
  hasDefault: boolean;
  generated: boolean;
  /** `a`: always, `d`: by default, empty: none. */
  identity: '' | 'a' | 'd';
}

export interface ForeignKey {
  from: string;
  columns: string[];
  to: string;
  toColumns: string[];
  /** What happens to this row when the other goes: `a`/`r` refuse, `c` goes too, `n` null, `d` default. */
  onDelete: string;
  nullable: boolean;
}

export interface CatalogueTable {
  /** `schema.table` */
  name: string;
  kind: 'table' | 'view';
  columns: Map<string, CatalogueColumn>;
  primaryKey: string[];
}

export interface Catalogue {
  tables: Map<string, CatalogueTable>;
  foreignKeys: ForeignKey[];
}

export const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** `schema.table` as SQL writes it. */
export function qualified(name: string): string {
  const dot = name.indexOf('.');
  return `${quote(name.slice(0, dot))}.${quote(name.slice(dot + 1))}`;
}

/** Reads the given schemas, and single tables of others. Partitions are their parent's business. */
export async function readCatalogue(
  db: Queryable,
  schemas: readonly string[],
  tables: readonly string[],
): Promise<Catalogue> {
  const [row] = await db.query<{ tables: CatalogueRow[]; keys: ForeignKey[] }>(
    `with relation as (
       select c.oid, n.nspname || '.' || c.relname as name, c.relkind
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'f', 'm') and not c.relispartition
          and (n.nspname = any ($1) or n.nspname || '.' || c.relname = any ($2))
     ), part as (
       select r.oid, json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
                'notNull', a.attnotnull, 'hasDefault', a.atthasdef or a.attidentity <> '',
                'generated', a.attgenerated <> '', 'identity', a.attidentity) order by a.attnum) as columns
         from relation r join pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped group by r.oid
     ), fk as (
       select r.name as "from", other.name as "to", c.confdeltype as "onDelete",
              (select array_agg(a.attname::text order by k.n) from unnest(c.conkey) with ordinality k(num, n)
                 join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num) as columns,
              (select array_agg(a.attname::text order by k.n) from unnest(c.confkey) with ordinality k(num, n)
                 join pg_attribute a on a.attrelid = c.confrelid and a.attnum = k.num) as "toColumns",
              (select bool_and(not a.attnotnull) from pg_attribute a
                where a.attrelid = c.conrelid and a.attnum = any (c.conkey)) as nullable
         from pg_constraint c join relation r on r.oid = c.conrelid join relation other on other.oid = c.confrelid
        where c.contype = 'f'
     )
     select (select json_agg(json_build_object('name', name, 'kind', case relkind when 'm' then 'view' else 'table' end,
               'columns', coalesce(part.columns, '[]'), 'primaryKey',
               coalesce((select json_agg(a.attname order by k.n)
                           from pg_constraint c cross join unnest(c.conkey) with ordinality k(num, n)
                           join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.num
                          where c.conrelid = relation.oid and c.contype = 'p'), '[]')) order by name)
               from relation left join part using (oid)) as tables,
            (select json_agg(fk) from fk) as keys`,
    [schemas, tables],
  );
  return {
    tables: new Map(
      (row?.tables ?? []).map((table) => [
        table.name,
        { ...table, columns: new Map(table.columns.map((column) => [column.name, column])) },
      ]),
    ),
    foreignKeys: row?.keys ?? [],
  };
}

type CatalogueRow = Omit<CatalogueTable, 'columns'> & { columns: CatalogueColumn[] };
