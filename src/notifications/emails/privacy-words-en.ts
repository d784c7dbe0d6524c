import { en } from '../typography.ts';
import type { PrivacyFailureWords } from './failures.ts';

export const PRIVACY_FAILURES_EN: PrivacyFailureWords = {
  PrivacyMapIncomplete: {
    title: en`the data map has holes`,
    meaning: en`A table or a column is not in the map, or a rule cannot be carried out. Nothing is archived or anonymised as long as that is so.`,
    steps: [
      en`Run \`npx talos privacy check\`: it names each fault and its mend.`,
      en`Complete privacy.tables in maintenance.yaml, then restart the worker.`,
    ],
  },
  PrivacyMapBroken: {
    title: en`the data map cannot be read`,
    meaning: en`A file of privacy.maps is missing, or has not the form that is expected.`,
    steps: [en`Read the message: it names the file and the place.`],
  },
  PrivacyRightsMissing: {
    title: en`a right to archive or anonymise is missing`,
    meaning: en`The role talos_privacy does not exist, or lacks a right that the map needs.`,
    steps: [en`Run \`npx talos privacy grants\` and have an administrator run its SQL.`],
  },
  CustomerBlocked: {
    title: en`this customer may not be archived or anonymised`,
    meaning: en`A running subscription, an unpaid invoice, a legal hold or other members forbid it.`,
    steps: [en`Settle what the message names, then run it again.`],
  },
  CustomerChanged: {
    title: en`the customer's data changed while they were archived`,
    meaning: en`Nothing was removed: the next attempt makes the archive anew.`,
    steps: [en`If it returns, look what still writes into this account's tables.`],
  },
  CustomerAnonymized: {
    title: en`the customer is anonymised already`,
    meaning: en`Anonymisation is final: there is nothing left to bring back.`,
    steps: [en`Open a new account if the person returns.`],
  },
  AccountUnknown: {
    title: en`there is no such account`,
    meaning: en`No account has this id, neither in the database nor in the ledger of erasures.`,
    steps: [en`Check the id and the database (DATABASE_URL).`],
  },
  ArchiveDestroyed: {
    title: en`the customer's archive is destroyed`,
    meaning: en`Its key is not in the bucket any more: nobody can open it.`,
    steps: [en`If that was not meant, look for the key in an older version of the bucket.`],
  },
  ArchiveDamaged: {
    title: en`the customer's archive does not read back`,
    meaning: en`What the bucket holds is not what was written. Nothing was removed from the database.`,
    steps: [en`Check the state of the storage, then run it again.`],
  },
  ArchiveSchemaChanged: {
    title: en`the database lacks what the archive holds`,
    meaning: en`A table or a column has gone since.`,
    steps: [en`Create again what the message names, bring the customer back, then move the values.`],
  },
  RestoreConflict: {
    title: en`a unique value of the customer is taken`,
    meaning: en`Somebody else has taken, for example, the e-mail address meanwhile.`,
    steps: [en`Change the other account's value, then reactivate.`],
  },
  LedgerKeyChanged: {
    title: en`the key of the erasure ledger is another one`,
    meaning: en`The ledger was written with another ERASURE_LEDGER_KEY: nobody would be found in it.`,
    steps: [en`Put the former key back.`],
  },
};
