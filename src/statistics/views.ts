import type { Postgres } from '../clients/postgres.ts';

export interface Refreshed {
  refreshed: string[];
  /** By the SQLSTATE they failed with: not the owner (42501), no unique index (55000), never populated (0A000), not there (42P01). */
  failed: { view: string; code: string }[];
}

const OURS = 'maintenance.monthly_summary';
/** A reader that holds a view must not hold us: the next hour tries again. */
const LOCK_TIMEOUT = '5s';

/** Readers go on reading while a view is refreshed. */
export async function refreshViews(db: Postgres, views: readonly string[]): Promise<Refreshed> {
  const result: Refreshed = { refreshed: [], failed: [] };
  for (const view of [OURS, ...views]) {
    try {
      await db.transaction(async (tx) => {
        await tx.query(`select set_config('lock_timeout', $1, true)`, [LOCK_TIMEOUT]);
        if (view === OURS) return void (await tx.query('select maintenance.refresh_monthly_summary()'));
        const [name] = await tx.query<{ quoted: string }>('select $1::regclass::text as quoted', [view]);
        await tx.query(`refresh materialized view concurrently ${name?.quoted ?? ''}`);
      });
      result.refreshed.push(view);
    } catch (error) {
      result.failed.push({ view, code: (error as { code?: string }).code ?? 'unknown' });
    }
  }
  return result;
}
