/** Where in a table rows that go can be: a range of blocks, so that the younger part of a large table is not read. */
import type { Postgres, Transaction } from '../../clients/postgres.ts';
import type { Place } from './archived.ts';
import { inTransaction, STATEMENT_MS } from './session.ts';

/** Rows stand in the order of their time, as logs do: the oldest and the youngest that go are the ends of them all. */
const IN_ORDER = 0.95;

interface Blocks {
  from: number;
  to: number;
  /** Some may stand elsewhere: the ends were looked up in the index, without reading the rest. */
  likely: boolean;
}

interface Wanted {
  expired: string;
  at: Date;
  /** Of the table. */
  blocks: number;
}

/** All of the table, or, where an index finds them, between the first and the last. `exactly`: every one is in it. */
export async function blocksOf(
  db: Postgres,
  place: Place,
  { expired, at, blocks }: Wanted,
  exactly: boolean,
): Promise<Blocks> {
  const { alias, time } = place;
  return inTransaction(db, { readOnly: true, statementMs: STATEMENT_MS }, async (tx) => {
    const from = `from only ${place.leaf} as ${alias} where ${expired}`;
    const [plan] = await tx.query(`explain (format json) select ${alias}.ctid ${from}`, [at]);
    if (/"Seq Scan"/.test(JSON.stringify(plan))) return { from: 0, to: blocks, likely: false };
    const likely = !exactly && time !== undefined && (await isInOrder(tx, place));
    const end = (way: string) =>
      `(select ${alias}.ctid ${from} order by ${alias}.${String(time)} ${way} limit 1)`;
    const all = likely
      ? `select min(ctid) as first, max(ctid) as last from (${end('asc')} union all ${end('desc')}) as ends`
      : `select min(${alias}.ctid) as first, max(${alias}.ctid) as last ${from}`;
    // The block is the first number of a ctid; as text only once, of the two that count.
    const [row] = await tx.query<{ from: number | null; to: number | null }>(
      `select (first::text::point)[0]::int8 as from, (last::text::point)[0]::int8 as to from (${all}) as ends`,
      [at],
    );
    return row?.from == null || row.to == null
      ? { from: 0, to: -1, likely: false }
      : { from: row.from, to: row.to, likely };
  });
}

async function isInOrder(tx: Transaction, { leaf, time }: Place): Promise<boolean> {
  const [row] = await tx.query<{ correlation: number | null }>(
    `select correlation from pg_stats
      where (schemaname, tablename) = (select nspname, relname from pg_class c join pg_namespace n on n.oid = relnamespace
                                        where c.oid = to_regclass($1))
        and '"' || replace(attname, '"', '""') || '"' = $2 and not inherited`,
    [leaf, time],
  );
  return (row?.correlation ?? 0) > IN_ORDER;
}
