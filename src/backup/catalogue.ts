import type { Queryable } from '../clients/postgres.ts';
import { NOT_OURS } from './facts.ts';
import type { Catalogue, Dependent } from './manifest.ts';

const OWN_OBJECT = (catalog: string, oid: string): string =>
  `not exists (select from pg_depend e where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`;

/**
 * One row per object: its kind, its identity, and the catalogue entry that it stands or falls with.
 * What an extension brings along is left out: it comes with it.
 */
const CATALOGUE = `
  with own as (select c.*, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where ${NOT_OURS} and c.relpersistence <> 't' and ${OWN_OBJECT('pg_class', 'c.oid')}),
       routine as (select p.*, n.nspname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
                where ${NOT_OURS} and ${OWN_OBJECT('pg_proc', 'p.oid')})
  select 'schemas' as kind, nspname as name, 'pg_namespace'::regclass as classid, oid as objid
    from pg_namespace n where ${NOT_OURS} and ${OWN_OBJECT('pg_namespace', 'n.oid')}
  union all select 'extensions', extname, 'pg_extension'::regclass, oid from pg_extension
  union all select case relkind when 'v' then 'views' when 'm' then 'materialised views' when 'S' then 'sequences'
                   when 'f' then 'foreign tables' when 'c' then 'composite types' else 'tables' end,
                   format('%I.%I', nspname, relname), 'pg_class'::regclass, oid
              from own where relkind in ('r', 'p', 'v', 'm', 'S', 'f', 'c')
  union all select 'columns', format('%I.%I.%I %s%s%s%s', nspname, relname, attname, format_type(atttypid, atttypmod),
                   case when attnotnull then ' not null' end, case when attidentity <> '' then ' identity' end,
                   case when attgenerated <> '' then ' generated' when atthasdef then ' default' end),
                   'pg_class'::regclass, own.oid
              from own join pg_attribute on attrelid = own.oid
             where relkind in ('r', 'p', 'v', 'm', 'f', 'c') and attnum > 0 and not attisdropped
  union all select 'valid indexes', format('%I.%I', nspname, relname), 'pg_class'::regclass, own.oid
              from pg_index i join own on own.oid = i.indexrelid where indisvalid
  union all select 'valid constraints', format('%I on %s', conname, coalesce(nullif(conrelid, 0)::regclass::text, contypid::regtype::text)),
                   'pg_constraint'::regclass, con.oid
              from pg_constraint con join pg_namespace n on n.oid = con.connamespace
             where ${NOT_OURS} and convalidated and ${OWN_OBJECT('pg_constraint', 'con.oid')}
  union all select 'triggers', format('%I on %I.%I', tgname, nspname, relname), 'pg_trigger'::regclass, g.oid
              from pg_trigger g join own on own.oid = tgrelid where not tgisinternal
  union all select 'event triggers', evtname, 'pg_event_trigger'::regclass, oid
              from pg_event_trigger v where ${OWN_OBJECT('pg_event_trigger', 'v.oid')}
  union all select 'policies', format('%I on %I.%I', polname, nspname, relname), 'pg_policy'::regclass, p.oid
              from pg_policy p join own on own.oid = polrelid
  union all select 'tables with row security', format('%I.%I', nspname, relname), 'pg_class'::regclass, oid from own where relrowsecurity
  union all select 'routines', format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(oid)), 'pg_proc'::regclass, oid
              from routine
  union all select 'types', format('%I.%I', n.nspname, typname), 'pg_type'::regclass, t.oid
              from pg_type t join pg_namespace n on n.oid = t.typnamespace
             where ${NOT_OURS} and typtype in ('e', 'd', 'r') and ${OWN_OBJECT('pg_type', 't.oid')}
  union all select 'enum labels', format('%s %s', enumtypid::regtype, enumlabel), 'pg_type'::regclass, enumtypid from pg_enum
  union all select 'publications', pubname, 'pg_publication'::regclass, oid from pg_publication
  union all select 'grants', format('%s on %I.%I to %s', a.privilege_type, nspname, relname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public')),
                   'pg_class'::regclass, own.oid
              from own, aclexplode(coalesce(relacl, acldefault(case relkind when 'S' then 's'::"char" else 'r'::"char" end, relowner))) a
             where relkind in ('r', 'p', 'v', 'm', 'S', 'f')
  union all select 'grants', format('%s on schema %I to %s', a.privilege_type, nspname, coalesce(nullif(a.grantee, 0)::regrole::text, 'public')),
                   'pg_namespace'::regclass, n.oid
              from pg_namespace n, aclexplode(coalesce(nspacl, acldefault('n', nspowner))) a where ${NOT_OURS}
  union all select 'grants', format('%s on %I.%I(%s) to %s', a.privilege_type, nspname, proname, pg_get_function_identity_arguments(r.oid), coalesce(nullif(a.grantee, 0)::regrole::text, 'public')),
                   'pg_proc'::regclass, r.oid
              from routine r, aclexplode(coalesce(proacl, acldefault('f', proowner))) a`;

export async function readCatalogue(db: Queryable): Promise<Catalogue> {
  const rows = await db.query<{ kind: string; names: string[] }>(
    `select kind, json_agg(distinct name order by name) as names from (${CATALOGUE}) objects group by kind order by kind`,
  );
  return Object.fromEntries(rows.map(({ kind, names }) => [kind, names]));
}

/** Tables left out of the dump stand beside the extensions under this name. */
export const LEFT_OUT = 'left out of the dump';

/**
 * Everything that falls with an extension, or with a table that is left out of the dump: `pg_depend` followed to its
 * end. A table falls with a default or a check of its own, since both stand in its CREATE TABLE. PL/pgSQL is always there.
 */
const DEPENDENTS = `
  with recursive fallen(because, classid, objid) as (
      select x.extname::text, 'pg_extension'::regclass::oid, x.oid from pg_extension x where extname <> 'plpgsql'
    union all select x.extname::text, d.classid, d.objid
        from pg_extension x join pg_depend d on d.refclassid = 'pg_extension'::regclass and d.refobjid = x.oid and d.deptype = 'e'
       where extname <> 'plpgsql'
    union all select '${LEFT_OUT}', 'pg_class'::regclass::oid, oid from unnest($1::oid[]) as oid
    union select fallen.because, next.classid, next.objid from fallen cross join lateral (
        select d.classid, d.objid from pg_depend d where d.refclassid = fallen.classid and d.refobjid = fallen.objid
      union all select 'pg_class'::regclass, r.ev_class from pg_rewrite r
                 where fallen.classid = 'pg_rewrite'::regclass and r.oid = fallen.objid
      union all select 'pg_class'::regclass, a.adrelid from pg_attrdef a
                 where fallen.classid = 'pg_attrdef'::regclass and a.oid = fallen.objid
      union all select 'pg_class'::regclass, c.conrelid from pg_constraint c
                 where fallen.classid = 'pg_constraint'::regclass and c.oid = fallen.objid and c.contype = 'c' and c.conrelid <> 0
    ) next
  )`;

/**
 * By extension (and for the tables left out): the objects of the catalogue that cannot be restored without it, and all
 * that stands for them in the dump's table of contents.
 */
export async function readDependents(
  db: Queryable,
  leftOut: readonly number[],
): Promise<Record<string, Dependent[]>> {
  const rows = await db.query<Dependent & { because: string }>(
    `${DEPENDENTS}
     select distinct because, kind, name, format('%s %s', fallen.classid, fallen.objid) as entry
       from fallen join (${CATALOGUE}) objects using (classid, objid)
     union select because, 'rows', n.nspname || '.' || c.relname, format('0 %s', c.oid)
       from fallen join pg_class c on c.oid = objid join pg_namespace n on n.oid = c.relnamespace
      where classid = 'pg_class'::regclass and c.relkind in ('r', 'S')
     union select because, 'entry', '', format('%s %s', fallen.classid, fallen.objid)
       from fallen where classid in ('pg_attrdef'::regclass, 'pg_constraint'::regclass, 'pg_cast'::regclass, 'pg_operator'::regclass,
                                     'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_type'::regclass, 'pg_ts_config'::regclass,
                                     'pg_ts_dict'::regclass, 'pg_foreign_server'::regclass, 'pg_foreign_data_wrapper'::regclass,
                                     'pg_user_mapping'::regclass, 'pg_statistic_ext'::regclass, 'pg_collation'::regclass)
        and not exists (select from pg_depend e where e.classid = fallen.classid and e.objid = fallen.objid and e.deptype = 'e')
     order by 1, 2, 3`,
    [leftOut],
  );
  const dependents: Record<string, Dependent[]> = {};
  for (const { because, ...dependent } of rows) (dependents[because] ??= []).push(dependent);
  return dependents;
}
