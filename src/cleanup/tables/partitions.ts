/** Whole partitions that are past their time: detached without a long lock, then dropped. */
import type { Postgres } from '../../clients/postgres.ts';
import type { Progress, RemoveContext, Warning } from '../source.ts';
import { readRelation, type Leaf, type Relation } from './relation.ts';
import { quoted, withNow, type TableRule } from './rule.ts';
import { inTransaction, isBusy } from './session.ts';

/** Says on the table itself what is to become of it: a successor finds it there. */
const MARK = 'talos: detached because all of its rows had expired; to be dropped';
const CHECK_MS = 10 * 60_000;

export interface Dropped extends Required<Pick<Progress, 'count' | 'bytes'>> {
  /** Quoted names of partitions that need not be looked at any more. */
  gone: Set<string>;
  warnings: Warning[];
}

interface Given extends Pick<RemoveContext, 'at' | 'signal' | 'deadline'> {
  /** Archives and deletes the important rows of a partition; false: the time is over. */
  sweep: (leaf: Leaf) => Promise<unknown>;
}

export async function dropExpired(
  db: Postgres,
  rule: TableRule,
  relation: Relation,
  given: Given,
): Promise<Dropped> {
  const dropped: Dropped = { count: 0, bytes: 0, gone: new Set(), warnings: [] };
  if (!relation.partitioned || rule.keepDays === undefined) return dropped;
  await finish(db, rule, relation, given, dropped);
  for (const leaf of await expiredLeaves(db, rule, relation, given.at)) {
    given.signal.throwIfAborted();
    if (Date.now() > given.deadline.getTime()) return dropped;
    if (!leaf.owned) {
      dropped.warnings.push({ code: 'PartitionNotOwned', detail: leaf.name });
      continue;
    }
    if (rule.important !== undefined && !(await given.sweep(leaf))) return dropped;
    if (!(await detach(db, leaf))) {
      dropped.warnings.push({ code: 'PartitionNotDetached', detail: leaf.name });
      continue;
    }
    dropped.gone.add(leaf.sql);
    // What came while it was being detached; now nothing comes any more.
    if (rule.important !== undefined && !(await given.sweep(leaf))) return dropped;
    await drop(db, rule, leaf.sql, dropped);
  }
  return dropped;
}

/** The catalogue's upper bound against the database's own clock, as for rows. */
async function expiredLeaves(db: Postgres, rule: TableRule, { leaves }: Relation, at: Date): Promise<Leaf[]> {
  const bounded = leaves.filter(({ until }) => until !== null);
  if (bounded.length === 0) return [];
  return inTransaction(db, { readOnly: true, statementMs: CHECK_MS }, async (tx) => {
    const old = await tx.query<{ sql: string }>(
      `select sql from unnest($2::text[], $3::text[]) as leaf (sql, until)
        where until::timestamptz <= least($1::timestamptz, now()) - make_interval(days => $4)`,
      [at, bounded.map(({ sql }) => sql), bounded.map(({ until }) => until), rule.keepDays],
    );
    return bounded.filter((leaf) => old.some(({ sql }) => sql === leaf.sql));
  });
}

/** False where something stands in the way: its rows are then deleted one by one. */
async function detach(db: Postgres, { sql, parent }: Leaf): Promise<boolean> {
  if (parent === null) return false;
  await db.query(`comment on table ${sql} is '${MARK}'`);
  try {
    // No transaction: CONCURRENTLY forbids it. A pooler in transaction mode lets a lone statement through.
    await db.query(`alter table ${parent} detach partition ${sql} concurrently`);
    return true;
  } catch {
    // A default partition forbids CONCURRENTLY. Without it the table is locked for a moment; nobody waits long for it.
    try {
      await inTransaction(db, { statementMs: 5_000 }, (tx) =>
        tx.query(`alter table ${parent} detach partition ${sql}`),
      );
      return true;
    } catch {
      await db.query(`comment on table ${sql} is null`).catch(() => undefined);
      return false;
    }
  }
}

/** Drops a partition that is detached: nobody finds it through its table any more. */
async function drop(db: Postgres, rule: TableRule, sql: string, dropped: Dropped): Promise<void> {
  try {
    const gone = await inTransaction(db, { statementMs: CHECK_MS }, async (tx) => {
      const [row] = await tx.query<{ count: number; bytes: number }>(
        `select count(*) as count, pg_total_relation_size('${sql.replaceAll("'", "''")}') as bytes from only ${sql}`,
      );
      // A row that somebody held while it was to be archived.
      const [kept] = rule.important
        ? await tx.query(
            `select from only ${sql} as ${quoted(rule.table)} where (${withNow(rule.important, 'now()')}) limit 1`,
          )
        : [];
      if (kept) return undefined;
      await tx.query(`drop table ${sql}`);
      return row ?? { count: 0, bytes: 0 };
    });
    dropped.count += gone?.count ?? 0;
    dropped.bytes += gone?.bytes ?? 0;
    if (!gone) dropped.warnings.push({ code: 'PartitionLocked', detail: `${rule.schema}.${rule.table}` });
  } catch (error) {
    if (!isBusy(error)) throw error;
    // It keeps its mark, and the next run drops it.
    dropped.warnings.push({ code: 'PartitionLocked', detail: `${rule.schema}.${rule.table}` });
  }
}

/** What a killed run had begun: a detaching that was interrupted, a detached table that still stands. */
async function finish(
  db: Postgres,
  rule: TableRule,
  relation: Relation,
  { sweep }: Given,
  dropped: Dropped,
): Promise<void> {
  const pending = await db.query<{ parent: string; child: string }>(
    `select i.inhparent::regclass::text as parent, i.inhrelid::regclass::text as child
       from pg_inherits i where i.inhdetachpending and obj_description(i.inhrelid, 'pg_class') = $1
        and i.inhparent = any (array(select relid from pg_partition_tree($2::oid)))`,
    [MARK, relation.oid],
  );
  for (const { parent, child } of pending)
    await db.query(`alter table ${parent} detach partition ${child} finalize`);
  const left = await db.query<{ name: string; sql: string }>(
    `select c.relname as name, format('%I.%I', n.nspname, c.relname) as sql
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind = 'r' and not c.relispartition
        and obj_description(c.oid, 'pg_class') = $2`,
    [rule.schema, `${MARK}`],
  );
  for (const { name, sql } of left) {
    // Marked by us, and of this table's shape.
    const other = await readRelation(db, rule.schema, name, rule.time);
    const shape = ({ columns }: Pick<Relation, 'columns'>) => JSON.stringify(columns);
    const [leaf] = other?.leaves ?? [];
    if (!other || !leaf || shape(other) !== shape(relation)) continue;
    if (rule.important === undefined || (await sweep(leaf))) await drop(db, rule, sql, dropped);
  }
}
