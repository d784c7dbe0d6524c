import type { Locale } from '../format.ts';
import { FAILURES_EN } from './failure-words-en.ts';
import { FAILURES_FR } from './failure-words-fr.ts';
import { PRIVACY_FAILURES_EN } from './privacy-words-en.ts';
import { PRIVACY_FAILURES_FR } from './privacy-words-fr.ts';

/** The failures of a backup that have words and advice of their own. */
export type FailureType =
  | 'DatabaseUnreachable'
  | 'DatabaseRefused'
  | 'TransactionPooler'
  | 'MissingBypassRls'
  | 'DumpToolOlderThanServer'
  | 'DumpFailed'
  | 'RestoreFailed'
  | 'BucketUnreachable'
  | 'BucketRefused'
  | 'ObjectDamaged'
  | 'ObjectMissing'
  | 'ObjectExists'
  | 'ObjectLocked'
  | 'SshHostKeyChanged'
  | 'SshHostKeyUnknown'
  | 'SshRefused'
  | 'SshUnreachable'
  | 'DiskFull'
  | 'ManifestUnreadable'
  | 'PartFailed'
  | 'ToolMissing'
  | 'SettingsMissing'
  | 'WorkerLost'
  | 'Unknown';

/** Those of archiving and anonymising a customer. */
export type PrivacyFailureType =
  | 'PrivacyMapIncomplete'
  | 'PrivacyMapBroken'
  | 'PrivacyRightsMissing'
  | 'CustomerBlocked'
  | 'CustomerChanged'
  | 'CustomerAnonymized'
  | 'AccountUnknown'
  | 'ArchiveDestroyed'
  | 'ArchiveDamaged'
  | 'ArchiveSchemaChanged'
  | 'RestoreConflict'
  | 'LedgerKeyChanged';

/** A title that follows « Échec de la sauvegarde : », what it means, and what to do. */
interface Words {
  title: string;
  meaning: string;
  steps: readonly string[];
}
export type FailureWords = Readonly<Record<FailureType, Words>>;
export type PrivacyFailureWords = Readonly<Record<PrivacyFailureType, Words>>;

/** Other names under which the same thing is thrown. */
const SAME_AS: Readonly<Record<string, FailureType>> = {
  ObjectStoreRefused: 'BucketRefused',
  ObjectStoreUnavailable: 'BucketUnreachable',
  UploadFailed: 'BucketUnreachable',
  LocalDiskFull: 'DiskFull',
  CopyIncomplete: 'BucketUnreachable',
};

const WORDS: Readonly<Record<Locale, FailureWords & PrivacyFailureWords>> = {
  fr: { ...FAILURES_FR, ...PRIVACY_FAILURES_FR },
  en: { ...FAILURES_EN, ...PRIVACY_FAILURES_EN },
};

const isKnown = (type: string): type is FailureType | PrivacyFailureType => Object.hasOwn(WORDS.fr, type);

/** The words for a failure's type; undefined for a type nobody has written words for. */
export function failureWords(locale: Locale, type: string) {
  const known = SAME_AS[type] ?? type;
  return isKnown(known) ? WORDS[locale][known] : undefined;
}

export const failureWordsOrUnknown = (locale: Locale, type: string) =>
  failureWords(locale, type) ?? WORDS[locale].Unknown;
