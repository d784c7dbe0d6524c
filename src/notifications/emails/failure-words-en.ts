import { en } from '../typography.ts';
import type { FailureWords } from './failures.ts';

export const FAILURES_EN: FailureWords = {
  DatabaseUnreachable: {
    title: en`the database does not answer`,
    meaning: en`No connection could be opened, or it was cut on the way.`,
    steps: [
      en`Check that the PostgreSQL server is up and reachable from here.`,
      en`Supabase's direct host is IPv6 only: without IPv6, put the session pooler (port 5432) in BACKUP_DATABASE_URL.`,
    ],
  },
  DatabaseRefused: {
    title: en`the database refuses the connection`,
    meaning: en`The server answers, but does not accept this user, password or database.`,
    steps: [en`Correct BACKUP_DATABASE_URL (user, password, database name), then restart the worker.`],
  },
  TransactionPooler: {
    title: en`the connection goes through a transaction pooler`,
    meaning: en`A transaction pooler (port 6543 at Supabase) does not keep the session: the snapshot would be lost and the copy inconsistent.`,
    steps: [en`Put the direct connection or the session pooler (port 5432) in BACKUP_DATABASE_URL.`],
  },
  MissingBypassRls: {
    title: en`the backup role does not see every row`,
    meaning: en`Without BYPASSRLS, row-level security hides rows from the backup without a word.`,
    steps: [
      en`Run \`npx talos database apply\`, which creates the role talos_backup, or in SQL: \`alter role … bypassrls\`.`,
      en`Check that BACKUP_DATABASE_URL uses that role.`,
    ],
  },
  DumpToolOlderThanServer: {
    title: en`pg_dump is older than the server`,
    meaning: en`A major version of pg_dump cannot read a newer server.`,
    steps: [en`Install the PostgreSQL tools of the server's version, or name their folder in PG_BIN.`],
  },
  DumpFailed: {
    title: en`pg_dump ended with an error`,
    meaning: en`The copy began and did not reach its end. Nothing incomplete stays in the bucket.`,
    steps: [
      en`Read the message above: it often names the table or the right that is missing.`,
      en`Run it once more. If the error returns, look for a long lock or an unreadable table.`,
    ],
  },
  RestoreFailed: {
    title: en`the trial restore failed`,
    meaning: en`The backup was read back, but PostgreSQL could not load all of it.`,
    steps: [
      en`Read the message: an extension missing from the trial database is the most frequent cause.`,
      en`If so, name a server with the same extensions in VERIFY_DATABASE_URL.`,
    ],
  },
  BucketUnreachable: {
    title: en`the storage does not answer`,
    meaning: en`The bucket could not be reached, or the upload was cut.`,
    steps: [en`Check S3_ENDPOINT, the network, and the storage provider's status page.`],
  },
  BucketRefused: {
    title: en`the storage refuses access`,
    meaning: en`The bucket does not exist, or the key lacks a permission.`,
    steps: [
      en`Check BACKUP_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION.`,
      en`The key needs list, read, write and delete on the bucket.`,
    ],
  },
  ObjectDamaged: {
    title: en`the backup read back is damaged`,
    meaning: en`What came back from the bucket is not what was written to it.`,
    steps: [
      en`Do not count on this object. Take a new backup now.`,
      en`If it happens again, change the bucket or the provider before anything else.`,
    ],
  },
  ObjectMissing: {
    title: en`the backup is no longer in the bucket`,
    meaning: en`An object written earlier is gone.`,
    steps: [en`Look for a lifecycle rule or a person who deleted it, then take a new backup.`],
  },
  ToolMissing: {
    title: en`a tool is missing on the machine`,
    meaning: en`pg_dump, pg_restore or another program was found nowhere.`,
    steps: [en`Run the installation line of the message above, or \`npx talos doctor\` for the list.`],
  },
  SettingsMissing: {
    title: en`settings are missing`,
    meaning: en`The backup is not fully configured.`,
    steps: [en`Complete .env with the names in the message above, then restart the worker.`],
  },
  WorkerLost: {
    title: en`the worker disappeared on the way`,
    meaning: en`The program was stopped in each attempt: a crash, no memory left, or restarts.`,
    steps: [en`Check that the worker runs, then look for an out-of-memory kill in the system's log.`],
  },
  Unknown: {
    title: en`an unexpected error`,
    meaning: en`This error has no written explanation yet: the message is the program's own.`,
    steps: [en`Open the run in Temporal's Web UI, then \`npx talos doctor\` to check every connection.`],
  },
};
