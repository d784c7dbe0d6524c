/** `cleanup` of maintenance.yaml as rules. */
import { authRules } from './auth-rules.ts';
import type { TableRule } from './rule.ts';

const split = (name: string): { schema: string; table: string } => {
  const [schema = '', table = ''] = name.split('.');
  return { schema, table };
};

interface Expired {
  /** Whether Supabase's own tables are cleaned. */
  auth: boolean;
  sessionIdleDays: number;
  tables: readonly { table: string; expiredWhen: string }[];
}

export const expiredRules = ({ auth, sessionIdleDays, tables }: Expired): TableRule[] => [
  ...(auth ? authRules(sessionIdleDays) : []),
  ...tables.map(({ table, expiredWhen }) => ({
    ...split(table),
    setting: 'cleanup.expired.tables',
    expired: [{ when: expiredWhen }],
  })),
];

interface LogTable {
  table: string;
  timestamp: string;
  keepDays?: number;
  importantWhen?: string;
}

/** What says how old a row is must be a plain column: partitions are compared with it too. */
const older = (column: string, days: number): string =>
  `"${column.replaceAll('"', '""')}" < :now - interval '${String(days)} days'`;

export const logRules = (logs: { keepDays: number; tables: readonly LogTable[] }): TableRule[] => [
  ...logs.tables.map(({ table, timestamp, keepDays = logs.keepDays, importantWhen }): TableRule => ({
    ...split(table),
    setting: 'cleanup.logs.tables',
    expired: [{ when: older(timestamp, keepDays) }],
    time: timestamp,
    keepDays,
    ...(importantWhen !== undefined && { important: importantWhen }),
  })),
  // Who signed in, and who changed a password: security logs, kept in the archive for as long as important ones are.
  ...(logs.tables.some(({ table }) => table === 'auth.audit_log_entries')
    ? []
    : [
        {
          schema: 'auth',
          table: 'audit_log_entries',
          setting: 'cleanup.logs.keepDays',
          expired: [{ needs: ['created_at'], when: older('created_at', logs.keepDays) }],
          time: 'created_at',
          important: 'true',
          optional: true,
        },
      ]),
];
