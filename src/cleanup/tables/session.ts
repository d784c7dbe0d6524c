import { ApplicationFailure } from '@temporalio/common';
import type { Postgres, Transaction } from '../../clients/postgres.ts';

/** For a statement that may touch many rows. */
export const STATEMENT_MS = 30_000;

export interface Limits {
  readOnly?: boolean;
  /** For the statement. */
  statementMs: number;
  /** For a lock on a table or on a row of a cascade; rows of the table itself are skipped. */
  lockMs?: number | undefined;
  /** Does not wait for the disk: a crash of the server may bring back what it deleted, for the next run to find. */
  lazily?: boolean;
}

/**
 * One short transaction with its own settings: behind a transaction pooler nothing else holds. The text of a row, by
 * which an archived one is recognised, depends on the last four.
 */
export const inTransaction = <Result>(
  db: Postgres,
  { readOnly = false, statementMs, lockMs = 1_000, lazily = false }: Limits,
  work: (tx: Transaction) => Promise<Result>,
): Promise<Result> =>
  db.transaction(async (tx) => {
    await tx.query(
      `${readOnly ? 'set transaction read only;' : ''} ${lazily ? 'set local synchronous_commit = off;' : ''}
       set local statement_timeout = ${String(statementMs)}; set local lock_timeout = ${String(lockMs)};
       set local jit = off; set local timezone = 'UTC'; set local extra_float_digits = 1;
       set local bytea_output = 'hex'; set local intervalstyle = 'postgres'; set local datestyle = 'ISO, MDY'`,
    );
    return work(tx);
  });

const codeOf = (error: unknown): string =>
  typeof (error as { code?: unknown }).code === 'string' ? (error as { code: string }).code : '';

/** Somebody else was first: worth another try, with less at once. */
export const isBusy = (error: unknown): boolean =>
  ['55P03', '57014', '40P01', '40001'].includes(codeOf(error));

/** What PostgreSQL says may quote a row: only its code is passed on, and what we know about it. */
export function tableFailure(name: string, setting: string, error: unknown): unknown {
  const code = codeOf(error);
  if (error instanceof ApplicationFailure || code === '') return error;
  const permanent = (type: string, message: string) =>
    ApplicationFailure.nonRetryable(`${name}: ${message}`, type);
  if (code === '42501')
    return permanent('TablePermissionMissing', `this role may not read or delete there (${code})`);
  if (code === '23503' || code === '23001')
    return permanent(
      'RowsReferenced',
      `a row that has expired is still referenced by ${(error as { table?: string }).table ?? 'another table'}; ` +
        `leave such rows out in ${setting}: … and not exists (select …)`,
    );
  if (/^(42|22|2F|25|P0|0A)/.test(code))
    return permanent(
      'TableRuleFailed',
      `its condition or a trigger fails on a row (SQLSTATE ${code}): mend ${setting} in maintenance.yaml`,
    );
  return ApplicationFailure.retryable(
    `${name}: the database could not do it now (SQLSTATE ${code})`,
    isBusy(error) ? 'TableBusy' : 'DatabaseUnreachable',
  );
}
