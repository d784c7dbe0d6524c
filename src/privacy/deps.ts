import { ApplicationFailure } from '@temporalio/common';
import type { Postgres, Queryable, Transaction } from '../clients/postgres.ts';
import type { Download } from './bundle.ts';
import { readCatalogue, type Catalogue } from '../database/index.ts';
import { checkMapAgainst, type Finding } from './check.ts';
import type { Outside } from './elsewhere.ts';
import type { Ledger } from './ledger.ts';
import type { DataMap } from './map.ts';

/** The only role that may read and change what the map names; talos_app takes it inside single transactions. */
export const PRIVACY_ROLE = 'talos_privacy';

export interface PrivacyDeps extends Outside {
  app: Postgres;
  ops: Postgres;
  map: DataMap;
  ledger: Ledger;
  /** Wraps the key of each customer’s archive; undefined where ARCHIVE_MASTER_KEY is not set. */
  masterKey: string | undefined;
  /** Undefined where Supabase Storage is not configured: archives then hold rows alone. */
  download: Download | undefined;
  /** Path of the `zstd` program. */
  zstd: () => Promise<string>;
  /** Undefined: the session’s own, for an administrator after a restore. */
  role: string | undefined;
}

const NOT_ALLOWED = '42501';

/** Rights that are missing are the commonest fault, and no repetition mends them. */
export async function asPrivacy(tx: Queryable, role: string | undefined): Promise<void> {
  if (role === undefined) return;
  try {
    await tx.query(`set local role ${role}`);
  } catch (error) {
    const { code } = error as { code?: string };
    if (code !== NOT_ALLOWED && code !== '22023') throw error;
    throw ApplicationFailure.nonRetryable(
      `this role may not act as ${role}: run \`talos privacy grants\` and have an administrator run what it prints`,
      'PrivacyRightsMissing',
    );
  }
}

/** One transaction with the rights of the privacy role; `before` still has those of the session. */
export const inPrivacy = <Result>(
  { app, role }: Pick<PrivacyDeps, 'app' | 'role'>,
  work: (tx: Transaction) => Promise<Result>,
  before: (tx: Transaction) => Promise<void> = () => Promise.resolve(),
): Promise<Result> =>
  app
    .transaction(async (tx) => {
      // Behind somebody who holds a row for minutes, give up: the activity comes again.
      await tx.query(`set local lock_timeout = '10s'`);
      await before(tx);
      await asPrivacy(tx, role);
      return work(tx);
    })
    .catch((error: unknown) => {
      if ((error as { code?: string }).code !== NOT_ALLOWED) throw error;
      throw ApplicationFailure.nonRetryable(
        `a right is missing (${(error as Error).message}): run \`talos privacy grants\` and have an administrator run what it prints`,
        'PrivacyRightsMissing',
      );
    });

export async function findings({ app, map }: Pick<PrivacyDeps, 'app' | 'map'>): Promise<Finding[]> {
  return checkMapAgainst(map, await readCatalogue(app, map.schemas, [...map.tables.keys()]));
}

/** Nothing is archived or anonymised by a map with holes. */
export async function soundCatalogue({ app, map }: Pick<PrivacyDeps, 'app' | 'map'>): Promise<Catalogue> {
  const catalogue = await readCatalogue(app, map.schemas, [...map.tables.keys()]);
  const [first, ...more] = checkMapAgainst(map, catalogue);
  if (!first) return catalogue;
  throw ApplicationFailure.nonRetryable(
    `the data map does not fit the database: ${first.message}${more.length > 0 ? `; and ${String(more.length)} more (talos privacy check)` : ''}`,
    'PrivacyMapIncomplete',
  );
}

/** What forbids archiving and anonymising, as codes: subscription, unpaid_invoice, legal_hold, last_owner. */
export async function refuseBlocked(tx: Queryable, accountId: string, what: string): Promise<void> {
  const rows = await tx.query<{ reason: string }>(
    'select distinct reason from saas.archive_blockers where account_id = $1 order by reason',
    [accountId],
  );
  if (rows.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `the account may not be ${what}: ${rows.map(({ reason }) => reason).join(', ')}`,
    'CustomerBlocked',
    rows.map(({ reason }) => reason),
  );
}

export const unknownAccount = (): ApplicationFailure =>
  ApplicationFailure.nonRetryable('there is no such account', 'AccountUnknown');
