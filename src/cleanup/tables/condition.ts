import { ApplicationFailure } from '@temporalio/common';
import type { Queryable } from '../../clients/postgres.ts';
import type { Relation } from './relation.ts';
import { expiredOf, withNow, type TableRule } from './rule.ts';

/**
 * Has PostgreSQL read a condition without running it. Between round brackets and between square ones it must be one
 * expression: `x) or (y`, a comment or a `;` fit into one of them at the most.
 */
async function compile(tx: Queryable, table: string, condition: string): Promise<string> {
  const explain = async (where: string) => {
    const [row] = await tx.query<{ 'QUERY PLAN': unknown }>(
      `explain (format json) select 1 from ${table} where $1::timestamptz is not null and ${where}`,
      [new Date()],
    );
    return JSON.stringify(row?.['QUERY PLAN']);
  };
  await explain(`(array[${condition}])[1]`);
  return explain(`(${condition})`);
}

/** Both conditions of a rule compile, and what deletes looks at the row. */
export async function checkCondition(tx: Queryable, relation: Relation, rule: TableRule): Promise<void> {
  const expired = expiredOf(
    rule,
    relation.columns.map(({ name }) => name),
  );
  if (expired === undefined) return;
  const [leaf] = relation.leaves;
  const plan = await attempt(tx, rule, 'expiredWhen', relation.sql, expired);
  // One that looks at no column is all or nothing: true, or a comparison with :now alone.
  if (leaf && plan !== undefined && !/"(Filter|Index Cond|Recheck Cond|TID Cond)":/.test(plan))
    throw ApplicationFailure.nonRetryable(
      `${rule.setting}: the condition for ${relation.name} does not look at the row: it would empty the table or delete nothing`,
      'ConditionWrong',
    );
  if (rule.important !== undefined)
    await attempt(tx, rule, 'importantWhen', relation.sql, withNow(rule.important));
}

async function attempt(
  tx: Queryable,
  rule: TableRule,
  key: string,
  table: string,
  condition: string,
): Promise<string> {
  try {
    return await compile(tx, table, condition);
  } catch (error) {
    const { code = '', message } = error as { code?: string; message: string };
    // Nothing has run: what PostgreSQL quotes is the condition itself.
    if (!/^(42|22|0A)/.test(code) || code === '42501') throw error;
    throw ApplicationFailure.nonRetryable(
      `${rule.setting}: the ${key} of ${rule.schema}.${rule.table} is no condition on a row of it: ${message}`,
      'ConditionWrong',
    );
  }
}
