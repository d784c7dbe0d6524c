/** What lies outside the database: archives in the bucket, files of Supabase Storage, messages at Twilio. */
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import type { Postgres, Queryable } from '../clients/postgres.ts';
import type { SupabaseStorage } from '../clients/supabase-storage.ts';
import type { SmsSender } from '../clients/twilio.ts';
import { destroyArchive } from './archive-objects.ts';
import { qualified, quote, type Catalogue } from '../database/index.ts';
import type { Step } from './ledger.ts';
import type { DataMap } from './map.ts';
import { createScope } from './scope.ts';

export interface Outside {
  store: ObjectStore | undefined;
  storage: Pick<SupabaseStorage, 'remove'> | undefined;
  sms: Pick<SmsSender, 'remove'> | undefined;
}

/** Names what must go, while the rows that know it are still there. */
export async function findElsewhere(
  db: Queryable,
  { map, catalogue }: { map: DataMap; catalogue: Catalogue },
  accountId: string,
): Promise<Step[]> {
  const scope = await createScope(db, { map, catalogue }, accountId);
  const steps: Step[] = [];
  const add = async (kind: Step['kind'], table: string, target: string): Promise<void> => {
    const where = catalogue.tables.has(table) ? await scope(table) : undefined;
    if (!where) return;
    const rows = await db.query<{ target: string }>(
      `select distinct ${target} as target from ${qualified(table)} where (${where.sql}) and ${target} is not null`,
      where.values,
    );
    steps.push(...rows.map((row) => ({ kind, target: row.target })));
  };
  for (const { table, bucket, name } of map.files)
    await add('file', table, `${quote(bucket)} || '/' || ${quote(name)}`);
  for (const { table, sid } of map.messages) await add('message', table, `${quote(sid)}::text`);
  return steps;
}

const lacking = (setting: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(
    `${setting}: without it what lies there cannot be erased`,
    'SettingMissing',
  );

/** Gone already counts as gone: each step may be repeated. */
async function erase({ store, storage, sms }: Outside, { kind, target }: Step): Promise<void> {
  switch (kind) {
    case 'archive':
      if (!store) throw lacking('BACKUP_BUCKET');
      return destroyArchive(store, target);
    case 'file': {
      if (!storage) throw lacking('SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY');
      const slash = target.indexOf('/');
      await storage.remove(target.slice(0, slash), [target.slice(slash + 1)]);
      return;
    }
    case 'message':
      if (!sms) throw lacking('TWILIO_ACCOUNT_SID');
      return sms.remove(target);
  }
}

/**
 * Takes every step that is open, and gives back how many were. One that fails does not hold back the others; then it
 * rejects as the first of them did, a lasting refusal last. The order is the key of an archive first.
 */
export async function eraseSteps(ops: Postgres, outside: Outside, subject: string): Promise<number> {
  const steps = await ops.query<Step>(
    'select kind, target from ops.erasure_steps where subject = $1 order by kind, target',
    [subject],
  );
  const failures: Error[] = [];
  for (const step of steps)
    try {
      await erase(outside, step);
      await ops.query('delete from ops.erasure_steps where subject = $1 and kind = $2 and target = $3', [
        subject,
        step.kind,
        step.target,
      ]);
    } catch (error) {
      failures.push(error as Error);
    }
  const isFinal = (error: Error): boolean =>
    error instanceof ApplicationFailure && error.nonRetryable === true;
  const failure = failures.find((error) => !isFinal(error)) ?? failures[0];
  if (failure) throw failure;
  return steps.length;
}
