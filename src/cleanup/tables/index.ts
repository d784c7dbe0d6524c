/** Rows of tables as sources: what has expired, what is old, what Supabase itself leaves behind. */
import { ApplicationFailure } from '@temporalio/common';
import type { Postgres } from '../../clients/postgres.ts';
import type { Archive } from '../archive/index.ts';
import type { Source } from '../source.ts';
import { checkTable } from './check.ts';
import { findRows } from './find.ts';
import { TableRemoval } from './remove.ts';
import type { TableRule } from './rule.ts';

export { authRules } from './auth-rules.ts';
export { checkTable } from './check.ts';
export { expiredRules, logRules } from './rules.ts';
export type { TableRule } from './rule.ts';

export const createTableSource = (db: Postgres, rule: TableRule, archive?: Archive): Source => ({
  name: `${rule.schema}.${rule.table}`,
  kind: 'table',
  async check() {
    const checked = await checkTable(db, rule);
    if (checked && rule.important !== undefined && !archive)
      throw ApplicationFailure.nonRetryable(
        `${rule.setting}: rows of ${rule.schema}.${rule.table} are archived before they are deleted, and there is no ` +
          'bucket: set BACKUP_BUCKET and BACKUP_AGE_RECIPIENT, or take importantWhen out',
        'ArchiveMissing',
      );
    return checked?.warnings ?? [];
  },
  find: (at) => findRows(db, rule, at),
  remove: (context) => new TableRemoval(db, rule, archive, context).run(),
});
