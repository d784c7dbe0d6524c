import type { Queryable } from '../clients/postgres.ts';
import type { SequenceFacts, TableFacts } from './manifest.ts';

/**
 * Makes the text of a row depend on its content alone, in the source and in the restored copy:
 * the digests are sums over `row::text`. The snapshot also must not be ended by a time limit of the service.
 */
export const FACTS_SESSION = `
  set statement_timeout = 0; set lock_timeout = 0; set idle_in_transaction_session_timeout = 0;
  set search_path = pg_catalog; set row_security = off;
  set datestyle = 'ISO, YMD'; set timezone = 'UTC'; set intervalstyle = 'iso_8601'; set extra_float_digits = 1;
  set bytea_output = 'hex'; set lc_monetary = 'C'; set xmloption = 'content'; set client_encoding = 'UTF8';
  -- PostgreSQL 14 and newer notice by this, also at a lock, that nobody waits for the answer any more.
  select set_config(name, '5s', false) from pg_settings where name = 'client_connection_check_interval';`;

/** Schemas that belong to the server, not to the data. */
export const NOT_OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
export const qualified = (schema: string, name: string): string => `${quote(schema)}.${quote(name)}`;

export interface TableName {
  schema: string;
  name: string;
}

/** Every table that holds rows of its own (partitions, not their parents), extensions' own tables left out. */
export const listTables = (db: Queryable): Promise<TableName[]> =>
  db.query<TableName>(`
    select n.nspname as schema, c.relname as name
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and c.relpersistence <> 't' and ${NOT_OURS}
       and not exists (select from pg_depend d
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1, 2`);

// The alias is unlike any column: a column of the alias' name would be read instead of the row.
const DIGEST = `coalesce(sum(hashtextextended((talos_row.*)::text collate "C", 0)), 0)::text`;

/** Counts one table and, with `digests`, digests it in the same pass. UNLOGGED and 0-column tables included. */
export async function tableFacts(
  db: Queryable,
  { schema, name }: TableName,
  digests = true,
): Promise<TableFacts> {
  const [row] = await db.query<{ rows: number; digest: string | null }>(
    `select count(*) as rows, ${digests ? DIGEST : 'null'} as digest
       from only ${qualified(schema, name)} as talos_row`,
  );
  if (!row) throw new Error(`no answer for ${schema}.${name}`);
  return { schema, name, rows: row.rows, ...(row.digest === null ? {} : { digest: row.digest }) };
}

export type SequenceReading = Pick<SequenceFacts, 'schema' | 'name' | 'increment' | 'cycles' | 'column'> & {
  value: string;
};

/** Reads every sequence as it stands now (sequences are not transactional), with the column that owns it. */
export async function readSequences(db: Queryable, withColumnMax: boolean): Promise<SequenceReading[]> {
  const rows = await db.query<{
    schema: string;
    name: string;
    value: string;
    increment: string;
    cycles: boolean;
    owner: { schema: string; table: string; name: string } | null;
  }>(`
    select n.nspname as schema, c.relname as name,
           coalesce(pg_sequence_last_value(c.oid), s.seqstart - s.seqincrement)::text as value,
           s.seqincrement::text as increment, s.seqcycle as cycles,
           (select json_build_object('schema', tn.nspname, 'table', t.relname, 'name', a.attname)
              from pg_depend d
              join pg_class t on t.oid = d.refobjid join pg_namespace tn on tn.oid = t.relnamespace
              join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
             where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0
               and has_table_privilege(t.oid, 'select')
             limit 1) as owner
      from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relpersistence <> 't' and ${NOT_OURS} and has_table_privilege(c.oid, 'select')
       and not exists (select from pg_depend d
                        where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
     order by 1, 2`);
  const readings: SequenceReading[] = [];
  for (const { owner, ...row } of rows) {
    if (!owner || !withColumnMax) {
      readings.push(owner ? { ...row, column: { ...owner, max: null } } : row);
      continue;
    }
    const [found] = await db.query<{ max: string | null }>(
      `select max(${quote(owner.name)})::text as max from ${qualified(owner.schema, owner.table)}`,
    );
    readings.push({
      ...row,
      column: { ...owner, max: found?.max && WHOLE_NUMBER.test(found.max) ? found.max : null },
    });
  }
  return readings;
}

/** A sequence may own a text column (`nextval()::text`): no maximum then. */
const WHOLE_NUMBER = /^-?\d+$/;

/** Roles that own something or hold a grant, or are named by a policy: all roles but the server's own. */
export const readRoles = async (db: Queryable): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      `select rolname as name from pg_roles where rolname !~ '^pg_' order by 1`,
    )
  ).map(({ name }) => name);
