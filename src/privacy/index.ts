/**
 * The data map and what is done by it: archiving a customer, bringing one back, anonymising one, and doing so again
 * after a restore. A shared room: lifecycle, doctor and the commands import it.
 */
import type { Writable } from 'node:stream';
import { purgeReleased } from './archive-objects.ts';
import { archiveCustomer, type Archived } from './archive.ts';
import { findings, type PrivacyDeps } from './deps.ts';
import type { Finding } from './check.ts';
import { anonymizeCustomer, eraseElsewhere, type Anonymized, type AnonymizeOptions } from './erase.ts';
import { purgeLedger } from './ledger.ts';
import { purgeLegalStore } from './legal-store.ts';
import { reapplyErasures, type Reapplied } from './reapply.ts';
import { exportCustomer, restoreCustomer, type Exported, type Restored } from './restore.ts';

export { findings as findMapFaults, PRIVACY_ROLE, type PrivacyDeps } from './deps.ts';
export type { Finding } from './check.ts';
export { closeDatabase, openDatabase, type Gate } from './gate.ts';
export type { Anonymized, AnonymizeOptions } from './erase.ts';
export { grantsOf } from './grants.ts';
export { draftMap } from './draft.ts';
export { createLedger, type Ledger, type Proof } from './ledger.ts';
export { loadMap, type DataMap } from './map.ts';
export type { Archived } from './archive.ts';
export type { Exported, Restored } from './restore.ts';
export type { Reapplied } from './reapply.ts';
export { tablesAlone } from './tables-alone.ts';
export { longestMonths, retentionLine, retentionTable } from './retention-table.ts';

/** Every function may be repeated: what was done already is found done. Failures that no repetition mends are named. */
export interface Privacy {
  /** What of the database the map does not name, or would do wrongly. Empty: archiving and anonymising may begin. */
  checkMap(): Promise<Finding[]>;
  /** Rows into the bucket: written, read back, compared, and only then removed from the active base. */
  archiveCustomer(accountId: string): Promise<Archived>;
  /** Until anonymisation: the rows are back, the status is the one before archiving. */
  restoreCustomer(accountId: string): Promise<Restored>;
  /** A tar of everything, for an access request. */
  exportCustomer(accountId: string, to: Writable): Promise<Exported>;
  anonymizeCustomer(accountId: string, options?: AnonymizeOptions): Promise<Anonymized>;
  /** Files, messages and the archive of an anonymised customer; gives back how many there were. */
  eraseElsewhere(accountId: string): Promise<number>;
  /** `deps.app` is the restored database. */
  reapplyErasures(): Promise<Reapplied>;
  /** What has been kept long enough: the ledger, the legal store, archives of customers who came back. */
  purge(options: {
    at: Date;
    backupMonths: number;
  }): Promise<Record<'ledger' | 'legalStore' | 'archives', number>>;
}

export const createPrivacy = (deps: PrivacyDeps): Privacy => ({
  checkMap: () => findings(deps),
  archiveCustomer: (accountId) => archiveCustomer(deps, accountId),
  restoreCustomer: (accountId) => restoreCustomer(deps, accountId),
  exportCustomer: (accountId, to) => exportCustomer(deps, accountId, to),
  anonymizeCustomer: (accountId, options) => anonymizeCustomer(deps, accountId, options),
  eraseElsewhere: (accountId) => eraseElsewhere(deps, accountId),
  reapplyErasures: () => reapplyErasures(deps),
  purge: async ({ at, backupMonths }) => ({
    ledger: await purgeLedger(deps, { at, months: backupMonths + 1 }),
    legalStore: await purgeLegalStore(deps),
    archives: await purgeReleased(deps, { at, months: backupMonths + 1 }),
  }),
});
