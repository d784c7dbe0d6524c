import type { Postgres } from '../../clients/postgres.ts';
import type { Leaf } from './relation.ts';

const ROWS_AT_LEAST = 10_000;
/** As autovacuum's own scale factor, halved: the space is reused from tonight, not from some day on. */
const PART = 0.1;

/**
 * Makes the room of deleted rows usable again where that is worth a scan. Without TRUNCATE, which would lock the table;
 * a role that may not is told so by the server as a warning only, and autovacuum does it later.
 */
export async function vacuum(db: Postgres, { sql, rows }: Leaf, deleted: number): Promise<void> {
  if (deleted < ROWS_AT_LEAST || deleted < PART * rows) return;
  // One statement without a transaction: a transaction pooler lets it through. Its failure loses nothing.
  await db.query(`vacuum (analyze, skip_locked, truncate false) ${sql}`).catch(() => undefined);
}
