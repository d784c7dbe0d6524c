import type { Queryable } from '../clients/postgres.ts';

/** The watch looks every 20 s. So long without a sight and it is not running, whatever Temporal says of its Schedule. */
const SILENT = '3 minutes';

/** Whether the watch of availability saw anything lately. */
export async function watchIsAlive(ops: Queryable): Promise<boolean> {
  const rows = await ops.query(
    `select from ops.samples where at > now() - $1::interval and metric like 'availability:%' limit 1`,
    [SILENT],
  );
  return rows.length > 0;
}
