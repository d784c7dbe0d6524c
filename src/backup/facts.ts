import type { Queryable } from '../clients/postgres.ts';
import type { Catalogue, SequenceFacts, TableFacts } from './manifest.ts';

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
const NOT_OURS = `n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`;

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

/** Counts and digests one table in one pass. UNLOGGED and 0-column tables included. */
export async function tableFacts(db: Queryable, { schema, name }: TableName): Promise<TableFacts> {
  const [row] = await db.query<{ rows: number; digest: string }>(
    // The alias is unlike any column: a column of the alias' name would be read instead of the row.
    `select count(*) as rows,
            coalesce(sum(hashtextextended((talos_row.*)::text collate "C", 0)), 0)::text as digest
       from only ${qualified(schema, name)} as talos_row`,
  );
  if (!row) throw new Error(`no answer for ${schema}.${name}`);
  return { schema, name, rows: row.rows, digest: row.digest };
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
             limit 1) as owner
      from pg_sequence s join pg_class c on c.oid = s.seqrelid join pg_namespace n on n.oid = c.relnamespace
     where c.relpersistence <> 't' and ${NOT_OURS}
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

const OWN_OBJECT = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/** One row per object: its kind and its identity. What an extension brings along is left out: it comes with it. */
const CATALOGUE = `
  with own as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where ${NOT_OURS} and c.relpersistence <> 't' and ${OWN_OBJECT('pg_class', 'c.oid')}),
       routine as (select p.*, n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where ${NOT_OURS} and ${OWN_OBJECT('pg_proc', 'p.oid')})
  select 'schemas' as kind, nspname as name from pg_namespace n where ${NOT_OURS} and ${OWN_OBJECT('pg_namespace', 'n.oid')}
  union all select 'extensions', extname from pg_extension
  union all select case relkind when 'v' then 'views' when 'm' then 'materialised views' when 'S' then 'sequences'
                   when 'f' then 'foreign tables' when 'c' then 'composite types' else 'tables' end,
                   format('%I.%I', nspname, relname)
              from own where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
  union all select 'columns', format('%I.%I.%I %s%s%s%s', nspname, relname, attname, format_type(atttypid, atttypmod),
                   case when attnotnull then ' not null' end, case when attidentity <> '' then ' identity' end,
                   case when attgenerated <> '' then ' generated' when atthasdef then ' default' end)
              from own join pg_attribute on attrelid = own.oid
             where relkind in ('r', 'p', 'v', 'm', 'f', 'c') and attnum > 0 and not attisdropped
  union all select 'valid indexes', format('%I.%I', nspname, relname)
              from pg_index i join own on own.oid = i.indexrelid where indisvalid
  union all select 'valid constraints', format('%I on %s', conname, coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text))
              from pg_constraint con join pg_namespace n on n.oid = con.connamespace
             where ${NOT_OURS} and convalidated and ${OWN_OBJECT('pg_constraint', 'con.oid')}
  union all select 'triggers', format('%I on %I.%I', tgname, nspname, relname)
              from pg_trigger join own on own.oid = tgrelid where not tgisinternal
  union all select 'event triggers', evtname from pg_event_trigger v where ${OWN_OBJECT('pg_event_trigger', 'v.oid')}
  union all select 'policies', format('%I on %I.%I', polname, nspname, relname) from pg_policy join own on own.oid = polrelid
  union all select 'tables with row security', format('%I.%I', nspname, relname) from own where relrowsecurity
  union all select 'routines', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(oid)) from routine
  union all select 'types', format('%I.%I', n.nspname, typname) from pg_type t join pg_namespace n on n.oid = t.typnamespace
             where ${NOT_OURS} and typtype in ('e', 'd', 'r') and ${OWN_OBJECT('pg_type', 't.oid')}
  union all select 'enum labels', format('%s %s', enumtypid::regtype, enumlabel) from pg_enum
  union all select 'publications', pubname from pg_publication
  union all select 'grants', format('%s on %I.%I to %s', a.privilege_type, nspname, relname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'))
              from own, aclexplode(coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner))) a
             where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  union all select 'grants', format('%s on schema %I to %s', a.privilege_type, nspname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public'))
              from pg_namespace n, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a where ${NOT_OURS}
  union all select 'grants', format('%s on %I.%I(%s) to %s', a.privilege_type, nspname, proname, pg_get_function_identity_arguments(r.oid), coalesce(nullif(a.grantee, 0)::regrole::text, 'public'))
              from routine r, aclexplode(coalesce(proacl, acldefault('f', proowner))) a`;

export async function readCatalogue(db: Queryable): Promise<Catalogue> {
  const rows = await db.query<{ kind: string; names: string[] }>(
    `select kind, json_agg(distinct name order by name) as names from (${CATALOGUE}) objects group by kind order by kind`,
  );
  return Object.fromEntries(rows.map(({ kind, names }) => [kind, names]));
}

/** Roles that own something or hold a grant, or are named by a policy: all roles but the server's own. */
export const readRoles = async (db: Queryable): Promise<string[]> =>
  (
    await db.query<{ name: string }>(
      `select rolname as name from pg_roles where rolname !~ '^pg_' order by 1`,
    )
  ).map(({ name }) => name);
