/** The log tables, as the report and the weekly archive see them. */
import type { Queryable } from '../../clients/postgres.ts';
import { quoted } from '../tables/rule.ts';

/** Of `cleanup.logs.tables` in maintenance.yaml. */
export interface LogTable {
  table: string;
  timestamp: string;
  /** SQL expressions on a row, for the report. */
  level?: string | undefined;
  source?: string | undefined;
  message?: string | undefined;
}

/** Who signed in, and who changed a password. */
const AUDIT: LogTable = {
  table: 'auth.audit_log_entries',
  timestamp: 'created_at',
  source: `payload ->> 'action'`,
};

/** Quoted `schema.table`. */
export const sqlName = (table: string): string => table.split('.').map(quoted).join('.');

/** The configured ones, and Supabase's own where the database has it. */
export async function logTables(db: Queryable, configured: readonly LogTable[]): Promise<LogTable[]> {
  if (configured.some(({ table }) => table === AUDIT.table)) return [...configured];
  // Not to_regclass: it fails where the role may not enter the schema, and then nothing else would be looked at.
  const [own] = await db.query<{ there: boolean }>(
    `select exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                     where n.nspname || '.' || c.relname = $1) as there`,
    [AUDIT.table],
  );
  return own?.there ? [...configured, AUDIT] : [...configured];
}
