import type { Postgres, Queryable } from '../../clients/postgres.ts';
import type { Found } from '../source.ts';
import { resolve } from './check.ts';
import type { Relation } from './relation.ts';
import { quoted, type TableRule } from './rule.ts';
import { inTransaction, tableFailure } from './session.ts';

/** Counting reads every row that has expired, where no index helps every row. */
const COUNT_MS = 20 * 60_000;
const SAMPLE_ROWS = 1_000;

/** Bytes of a row on disk, by some of those that go: with its header and pointer, without what is stored out of line. */
export async function rowBytes(
  tx: Queryable,
  from: { sql: string; alias: string },
  expired: string,
  at: Date,
): Promise<number> {
  const [row] = await tx.query<{ bytes: number | null }>(
    `select avg(bytes) + 4 as bytes
       from (select pg_column_size(${from.alias}.*) as bytes from ${from.sql} as ${from.alias}
              where ${expired} limit ${String(SAMPLE_ROWS)}) as sample`,
    [at],
  );
  return Number(row?.bytes ?? 0);
}

const keyOf = ({ key }: Relation): string =>
  key.length === 0 ? 'ctid::text' : `concat_ws(' / ', ${key.map(quoted).join(', ')})`;

export async function findRows(db: Postgres, rule: TableRule, at: Date): Promise<Found> {
  return inTransaction(db, { readOnly: true, statementMs: COUNT_MS }, async (tx) => {
    const resolved = await resolve(tx, rule);
    if (!resolved) return { count: 0, samples: [], warnings: [] };
    const { relation, conditions } = resolved;
    const { expired, important } = conditions;
    const hasTime = relation.columns.some(({ name }) => name === rule.time);
    const time = hasTime ? quoted(rule.time ?? '') : 'null::timestamptz';
    const [row] = await tx.query<{
      count: number;
      important: number;
      oldest: Date | null;
      newest: Date | null;
    }>(
      `select count(*) as count, count(*) filter (where ${important ?? 'false'}) as important,
              min(${time})::timestamptz as oldest, max(${time})::timestamptz as newest
         from ${relation.sql} where ${expired}`,
      [at],
    );
    const count = row?.count ?? 0;
    if (count === 0) return { count, samples: [], warnings: [] };
    const samples = await tx.query<{ key: string }>(
      `select ${keyOf(relation)} as key from ${relation.sql} where ${expired} ${hasTime ? `order by ${time}` : ''} limit 5`,
      [at],
    );
    return {
      count,
      bytes: Math.round(
        count * (await rowBytes(tx, { sql: relation.sql, alias: quoted(rule.table) }, expired, at)),
      ),
      ...(important !== undefined && { important: row?.important ?? 0 }),
      ...(row?.oldest && { oldest: row.oldest.toISOString() }),
      ...(row?.newest && { newest: row.newest.toISOString() }),
      samples: samples.map(({ key }) => key),
      warnings: [],
    };
  }).catch((error: unknown) => {
    throw tableFailure(`${rule.schema}.${rule.table}`, rule.setting, error);
  });
}
