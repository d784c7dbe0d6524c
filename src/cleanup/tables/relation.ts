import type { Queryable } from '../../clients/postgres.ts';

export interface Column {
  name: string;
  type: string;
}

/** A table that holds rows itself: the table, or one partition of it. */
export interface Leaf {
  oid: number;
  /** Plain `schema.table`, for people and for heartbeats. */
  name: string;
  /** Quoted, for statements. */
  sql: string;
  bytes: number;
  /** Blocks of the heap. */
  blocks: number;
  /** Estimated by the last ANALYZE; negative where there was none. */
  rows: number;
  /** Quoted name of the table that it is a partition of. */
  parent: string | null;
  /** Its upper bound where the parent is partitioned by the range of one column. */
  until: string | null;
  missing: string[];
  owned: boolean;
}

export interface Relation {
  oid: number;
  name: string;
  sql: string;
  partitioned: boolean;
  columns: Column[];
  /** Columns of the primary key, else of another unique one that is never null. */
  key: string[];
  leaves: Leaf[];
}

const NEEDED = ['SELECT', 'UPDATE', 'DELETE'];

const TABLE = `
  select c.oid::int8, n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as sql,
         c.relkind = 'p' as partitioned, c.relkind::text as kind,
         (select json_agg(json_build_object('name', attname, 'type', format_type(atttypid, atttypmod)) order by attnum)
            from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped) as columns,
         coalesce((select json_agg(a.attname order by a.attnum)
            from (select indrelid, indkey from pg_index i
                   where indrelid = c.oid and indisunique and indimmediate and indisvalid and indpred is null
                     and indexprs is null
                     and not exists (select from pg_attribute m where m.attrelid = c.oid and m.attnum = any (i.indkey)
                                        and not m.attnotnull)
                   order by indisprimary desc, indnatts limit 1) i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)), '[]') as key
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname = $1 and c.relname = $2 and c.relkind <> 'i' and c.relkind <> 'I'`;

// Not pg_partition_tree: it hides a partition whose detaching was interrupted, and so do we, as its rows are no longer
// the table's. Only the text of a bound says it, in one form for a range of one column.
const LEAVES = `
  with recursive tree as (select $1::oid as oid, null::oid as parent
     union all select i.inhrelid, i.inhparent from pg_inherits i join tree on tree.oid = i.inhparent
                where not i.inhdetachpending)
  select c.oid::int8, n.nspname || '.' || c.relname as name, format('%I.%I', n.nspname, c.relname) as sql,
         pg_table_size(c.oid) as bytes, pg_relation_size(c.oid) / current_setting('block_size')::int as blocks,
         c.reltuples::float8 as rows,
         (select format('%I.%I', m.nspname, p.relname) from pg_class p join pg_namespace m on m.oid = p.relnamespace
           where p.oid = tree.parent) as parent,
         case when k.partstrat = 'r' and k.partnatts = 1 and a.attname = $2
              then (regexp_match(pg_get_expr(c.relpartbound, c.oid), '^FOR VALUES FROM \\(.*\\) TO \\(''([^'']*)''\\)$'))[1]
         end as until,
         array(select p from unnest($3::text[]) p where not has_table_privilege(c.oid, p)) as missing,
         pg_has_role(c.relowner, 'USAGE')
           and (tree.parent is null or pg_has_role((select relowner from pg_class where oid = tree.parent), 'USAGE')) as owned
    from tree join pg_class c on c.oid = tree.oid join pg_namespace n on n.oid = c.relnamespace
    left join pg_partitioned_table k on k.partrelid = tree.parent
    left join pg_attribute a on a.attrelid = k.partrelid and a.attnum = k.partattrs[0]
   where c.relkind = 'r' order by name`;

/** Undefined where there is no such table; `kind` is PostgreSQL's letter. */
export async function readRelation(
  db: Queryable,
  schema: string,
  table: string,
  time?: string,
): Promise<(Relation & { kind: string }) | undefined> {
  const [found] = await db.query<Omit<Relation, 'leaves'> & { kind: string }>(TABLE, [schema, table]);
  if (!found) return undefined;
  // A table with children by inheritance stands for itself alone: they may be anything.
  const leaves = await db.query<Leaf>(LEAVES, [found.oid, time ?? null, NEEDED]);
  return { ...found, leaves: found.partitioned ? leaves : leaves.filter(({ oid }) => oid === found.oid) };
}
