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
  ObjectExists: {
    title: en`an object of that name is in the bucket already`,
    meaning: en`The bucket keeps what is written to it: an object that is there is never replaced.`,
    steps: [
      en`Run it again: the new backup takes another name.`,
      en`If it returns, look for a second worker that writes to the same place (BACKUP_BUCKET and its prefix).`,
    ],
  },
  ObjectLocked: {
    title: en`the bucket still guards this object`,
    meaning: en`The bucket's lock (Object Lock) forbids to delete or replace before its term. Nothing is lost.`,
    steps: [
      en`Wait for the lock's term: the deletion will be tried again.`,
      en`If the lock lasts longer than the retention, shorten the bucket's or keep more backups.`,
    ],
  },
  SshHostKeyChanged: {
    title: en`the SSH server has another key than before`,
    meaning: en`The server was installed anew, or someone stands between it and us. Nothing was sent to it.`,
    steps: [
      en`Ask whoever runs that server whether its key changed. Without a clear answer, accept nothing.`,
      en`If the change is meant, replace the line of VPS_SSH_KNOWN_HOSTS by the server's own: \`cat /etc/ssh/ssh_host_ed25519_key.pub\``,
    ],
  },
  SshHostKeyUnknown: {
    title: en`the key of the SSH server is not known`,
    meaning: en`VPS_SSH_KNOWN_HOSTS has no key for this server: nothing says that it is the right one.`,
    steps: [
      en`Read the key on the server itself (\`cat /etc/ssh/ssh_host_ed25519_key.pub\`), then put it into VPS_SSH_KNOWN_HOSTS, after the server's name.`,
    ],
  },
  SshRefused: {
    title: en`the SSH server refuses the connection`,
    meaning: en`The server answers, but does not accept this user or this key.`,
    steps: [en`Check the user and VPS_SSH_KEY, and authorized_keys on the server.`],
  },
  SshUnreachable: {
    title: en`the SSH server does not answer`,
    meaning: en`No SSH connection could be opened, or it was cut on the way.`,
    steps: [en`Check that the server is up, the address and port of the settings, and the firewall.`],
  },
  DiskFull: {
    title: en`the disk is full`,
    meaning: en`The worker's machine has no room left to go on.`,
    steps: [
      en`Make room, or give a larger disk: TALOS_WORK_DIR for the proof, BACKUP_LOCAL_DIR for the local copy.`,
    ],
  },
  ManifestUnreadable: {
    title: en`a backup's manifest cannot be read`,
    meaning: en`manifest.json says what a backup holds. This one is damaged, or of a newer version of the program.`,
    steps: [
      en`Compare the version of the program with the one that wrote this backup.`,
      en`The data can be read without a manifest: RESTORE.md, beside it, gives the commands.`,
    ],
  },
  PartFailed: {
    title: en`something beside the database was not backed up`,
    meaning: en`The database itself is not at fault: something else (files, roles, another database) is missing.`,
    steps: [en`Read the message: it names the part and the reason.`],
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
