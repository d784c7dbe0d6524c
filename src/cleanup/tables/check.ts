import { ApplicationFailure } from '@temporalio/common';
import type { Postgres, Queryable } from '../../clients/postgres.ts';
import type { Warning } from '../source.ts';
import { checkCondition } from './condition.ts';
import { readRelation, type Relation } from './relation.ts';
import { conditionsOf, quoted, type TableRule } from './rule.ts';
import { inTransaction, tableFailure } from './session.ts';

/** Above so many rows reading all of them to find the old ones is worth a word. */
const LARGE_ROWS = 100_000;
const CHECK_MS = 30_000;
const SUPABASE_GRANTS = 'run database/grants/supabase-cleanup.sql (all that Supabase’s own tables need)';

export interface Checked {
  relation: Relation;
  conditions: NonNullable<ReturnType<typeof conditionsOf>>;
  warnings: Warning[];
}

const nameOf = ({ schema, table }: TableRule): string => `${schema}.${table}`;

const refuse = (type: string, message: string): never => {
  throw ApplicationFailure.nonRetryable(message, type);
};

/** The table as the catalogue knows it; undefined where this version of the application has no such table. */
export async function resolve(
  db: Queryable,
  rule: TableRule,
): Promise<{ relation: Relation; conditions: NonNullable<ReturnType<typeof conditionsOf>> } | undefined> {
  const name = nameOf(rule);
  const { setting } = rule;
  if (/^(pg_|information_schema$|storage$)/.test(rule.schema))
    refuse(
      'TableNotPlain',
      `${setting}: ${name} is never deleted from${rule.schema === 'storage' ? '; files of Supabase Storage: cleanup.temporaryFiles.buckets' : ''}`,
    );
  const relation = await readRelation(db, rule.schema, rule.table, rule.time);
  if (!relation) {
    if (rule.optional) return undefined;
    throw ApplicationFailure.nonRetryable(
      `${setting}: there is no table ${name} in the application's database (names are compared as they are written, capitals too)`,
      'TableMissing',
    );
  }
  if (!['r', 'p'].includes(relation.kind))
    refuse('TableNotPlain', `${setting}: ${name} is no table; name the table that holds the rows`);
  const columns = relation.columns.map(({ name: column }) => column);
  const time = relation.columns.find(({ name: column }) => column === rule.time);
  if (rule.time !== undefined && !rule.optional && !time)
    refuse(
      'ColumnMissing',
      `${setting}: ${name} has no column ${rule.time}; its columns: ${columns.join(', ')}`,
    );
  if (time && rule.keepDays !== undefined && !/^(timestamp|date)/.test(time.type))
    refuse(
      'ColumnMissing',
      `${setting}: ${name}.${time.name} is of type ${time.type}: an instant (timestamptz) is needed`,
    );
  const conditions = conditionsOf(rule, columns);
  return conditions && { relation, conditions };
}

/** Everything that would make a deletion wrong or refused, before the first. */
export async function checkTable(db: Postgres, rule: TableRule): Promise<Checked | undefined> {
  return inTransaction(db, { readOnly: true, statementMs: CHECK_MS }, async (tx) => {
    const found = await resolve(tx, rule);
    if (!found) return undefined;
    const { relation, conditions } = found;
    await checkRights(tx, rule, relation, conditions.expired);
    await checkCondition(tx, relation, rule);
    if (rule.important !== undefined && relation.key.length === 0)
      refuse(
        'KeyMissing',
        `${relation.name}: rows that are archived first need a primary key, so that each is recognised: ` +
          `alter table ${relation.sql} add … primary key, or take importantWhen out of ${rule.setting}`,
      );
    const warnings = [
      ...(await referenceWarnings(tx, rule, relation)),
      ...(await indexWarnings(tx, rule, relation, conditions.expired)),
    ];
    return { relation, conditions, warnings };
  }).catch((error: unknown) => {
    throw tableFailure(nameOf(rule), rule.setting, error);
  });
}

async function checkRights(
  tx: Queryable,
  { setting, schema }: TableRule,
  relation: Relation,
  expired: string,
): Promise<void> {
  const [me] = await tx.query<{ role: string; usage: boolean }>(
    `select format('%I', current_user) as role, has_schema_privilege(relnamespace, 'USAGE') as usage
       from pg_class where oid = $1`,
    [relation.oid],
  );
  const role = me?.role ?? 'current_user';
  const lacking = relation.leaves.filter(({ missing }) => missing.length > 0);
  const [first] = lacking;
  if (me?.usage === false || first)
    refuse(
      'TablePermissionMissing',
      `${setting}: ${role} may not delete from ${relation.name}; as its owner: ` +
        (schema === 'auth'
          ? SUPABASE_GRANTS
          : [
              ...(me?.usage === false
                ? [`grant usage on schema ${relation.sql.split('.')[0] ?? ''} to ${role}`]
                : []),
              // UPDATE is what locking a row before it is deleted asks for.
              ...(first ? [`grant select, update, delete on ${first.sql} to ${role}`] : []),
              ...(lacking.length > 1 ? [`(and so on ${String(lacking.length - 1)} more partitions)`] : []),
            ].join('; ')),
    );
  // Also of every table that the condition may read: "not exists" would be true of what is only hidden.
  const [hidden] = await tx.query<{ sql: string; own: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as sql, c.oid = any ($1::oid[]) as own
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where (c.oid = any ($1::oid[]) or c.relname = any ($2::text[])) and c.relrowsecurity and row_security_active(c.oid)
        and (exists (select from pg_policy where polrelid = c.oid and not polpermissive)
             or not exists (select from pg_policy p
                             where polrelid = c.oid and pg_get_expr(polqual, polrelid) = 'true'
                               and (polcmd = '*' or polcmd = 'r' and c.oid <> all ($1::oid[]))
                               and exists (select from unnest(polroles) r where r = 0 or pg_has_role(r, 'USAGE'))))
      order by own desc, 1 limit 1`,
    [[relation.oid, ...relation.leaves.map(({ oid }) => oid)], words(expired)],
  );
  if (hidden)
    refuse(
      'RowSecurityHides',
      `${setting}: row-level security hides rows of ${hidden.own ? relation.name : hidden.sql} from ${role}, and ` +
        `${hidden.own ? 'nothing would ever go' : 'what is hidden would count as gone'}; either: alter role ${role} ` +
        `bypassrls; or, as the owner: create policy talos on ${hidden.sql}${hidden.own ? '' : ' for select'} to ${role} using (true)`,
    );
}

/** What else a deletion would take along, or be stopped by. */
async function referenceWarnings(
  tx: Queryable,
  { cascades = [] }: TableRule,
  relation: Relation,
): Promise<Warning[]> {
  const found = await tx.query<{ code: string; what: string }>(
    `with recursive reached as (
       select k.conrelid as oid, k.confdeltype as how from pg_constraint k
        where k.contype = 'f' and k.confrelid = any ($1::oid[]) and k.conparentid = 0
       union
       select k.conrelid, k.confdeltype from reached join pg_constraint k
          on k.contype = 'f' and k.confrelid = reached.oid and reached.how = 'c' and k.conparentid = 0)
     select case when how = 'c' then 'Cascades' when how in ('n', 'd') then 'Detaches' else 'Referenced' end as code,
            n.nspname || '.' || c.relname as what
       from reached join pg_class c using (oid) join pg_namespace n on n.oid = c.relnamespace
      where c.oid <> all ($1::oid[])
     union
     select 'DeleteTrigger', t.tgname from pg_trigger t
      where t.tgrelid = any ($1::oid[]) and not t.tgisinternal and t.tgtype & 8 <> 0 and t.tgenabled <> 'D'
     order by 1, 2`,
    [[relation.oid, ...relation.leaves.map(({ oid }) => oid)]],
  );
  const codes = [...new Set(found.map(({ code }) => code))];
  return codes.flatMap((code) => {
    const what = found.filter((one) => one.code === code && !cascades.includes(one.what));
    return what.length === 0
      ? []
      : [{ code, detail: `${relation.name}: ${what.map((one) => one.what).join(', ')}` }];
  });
}

const words = (condition: string): string[] => condition.split(/[^\p{L}\p{N}_$]+/u);

/** Whole words only: `at` is no part of `created_at`. */
const names = (condition: string, column: string): boolean => words(condition).includes(column);

/** On a large table each run reads all of it to find what is old: the index that would help. */
async function indexWarnings(
  tx: Queryable,
  rule: TableRule,
  relation: Relation,
  expired: string,
): Promise<Warning[]> {
  const large = relation.leaves.filter(({ rows }) => rows > LARGE_ROWS);
  // Without a column of its own: the instants that its condition names.
  const columns = relation.columns.filter(({ name, type }) =>
    rule.time === undefined ? /^(timestamp|date)/.test(type) && names(expired, name) : name === rule.time,
  );
  if (large.length === 0 || columns.length === 0) return [];
  const bare = await tx.query<{ sql: string }>(
    `select format('%I.%I', n.nspname, c.relname) as sql
       from unnest($1::oid[]) as oid join pg_class c using (oid) join pg_namespace n on n.oid = c.relnamespace
      where not exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                         where i.indrelid = c.oid and i.indisvalid and a.attname = any ($2::text[]))
      order by 1`,
    [large.map(({ oid }) => oid), columns.map(({ name }) => name)],
  );
  const column = quoted(columns[0]?.name ?? '');
  return bare.map(({ sql }) => ({
    code: 'TimeNotIndexed',
    detail: `create index concurrently on ${sql} (${column})`,
  }));
}
