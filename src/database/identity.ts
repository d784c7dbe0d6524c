import type { Queryable } from '../clients/postgres.ts';

/**
 * Which database this is: the cluster's system identifier, its timeline, and the database's oid. A dump restored
 * elsewhere, a re-pointed URL and a point-in-time recovery (which begins a new timeline) each give another answer.
 */
export async function databaseId(db: Queryable): Promise<string> {
  const [row] = await db.query<{ id: string }>(
    `select concat_ws('/', (select system_identifier from pg_control_system()),
                      (select timeline_id from pg_control_checkpoint()), oid) as id
     from pg_database where datname = current_database()`,
  );
  if (row === undefined) throw new Error('the database does not know itself: pg_database has no row for it');
  return row.id;
}
