import { en } from '../typography.ts';
import type { FR } from './backup-stored-fr.ts';

const compared = (counted: boolean): string =>
  counted ? 'counted: no row is missing' : en`compared with the original: everything is identical`;
const end = (counted: boolean): string => (counted ? '. Contents not compared today (big database).' : '.');

const subject = (verdict: string) => (wrong: string, database: string, day: string) =>
  en`${verdict}${wrong}: ${database}, ${day}`;

export const EN: typeof FR = {
  subject: {
    proven: subject('Backup proven'),
    except: subject('Backup proven, with exceptions'),
    unproven: subject('Backup stored, not proven'),
    different: subject('Backup differs from the original'),
  },
  but: (what) => `, but ${what}`,
  and: (what) => `, and ${what}`,
  toSettle: (count) => (count === 1 ? 'one thing to settle' : `${count} things to settle`),
  databaseShrank: 'the database shrank',
  tablesShrank: (count) => (count === 1 ? 'a table shrank' : `${count} tables shrank`),
  preheader: (data, f) =>
    en`${f.bytes(data.storedBytes)} in ${f.duration(data.backupSeconds)}, ${data.restoreSeconds === undefined ? 'not restored' : en`restored in ${f.duration(data.restoreSeconds)}`}, ${f.count(data.tables, 'table', 'tables')}, ${f.count(data.rows, 'row', 'rows')}`,
  word: {
    proven: 'Proven',
    except: 'Proven, with exceptions',
    unproven: 'Not proven',
    different: 'Not proven',
  },
  line: {
    proven: (at, counted) =>
      en`The backup of ${at} was read back from the bucket, restored, and ${compared(counted)}${end(counted)}`,
    except: (at, counted) =>
      en`The backup of ${at} was read back from the bucket, restored, and ${compared(counted)}, except for what could not be restored here${end(counted)}`,
    unproven: (at) => en`The backup of ${at} is stored and complete, but restoring it could not be verified.`,
    different: (at) => en`The backup of ${at} was restored, but the copy is not identical to the original.`,
  },
  reason: 'Reason:',
  size: 'Stored size',
  sizeNote: (raw) => `from ${raw} read`,
  took: 'Duration',
  tookNote: 'dump, encryption, upload',
  rate: 'Rate',
  rateNote: 'data read',
  restore: 'Restore',
  restoreNote: 'measured RTO',
  notMeasured: 'not measured',
  tables: 'Tables',
  rows: 'Rows',
  tablesNote: {
    proven: 'all compared',
    except: 'compared, with exceptions',
    unproven: 'not compared',
    different: 'compared',
  },
  countedNote: 'counted, not compared',
  findings: 'What differs',
  hidden: (count) => en`… and ${count} more, in the run's result`,
  exceptions: 'What could not be restored here',
  exceptionsMeaning: en`This data is in the backup; the PostgreSQL of the proof lacks the extension, nothing more. To prove all of it: a server that has it, in VERIFY_DATABASE_URL.`,
  exceptionsMeaningMixed: en`The PostgreSQL of the proof lacks an extension: its data is in the backup. Only what is said to be “not in the dump” is not: the hosting service keeps that to itself.`,
  stepsTitle: 'What to do',
  steps: {
    unproven: [
      en`The backup is still usable: keep it until the next one that is proven.`,
      en`Mend the reason above, then run it again: \`npx talos run backup-database --wait\``,
    ],
    different: [
      en`Do not count on this backup. Keep the last one that is proven.`,
      en`Run it again now: \`npx talos run backup-database --wait\``,
      en`If the difference returns, open the run and examine the tables named.`,
    ],
  },
  restoreTitle: 'Restore this backup',
  target: 'postgresql://…',
  key: 'age-key.txt',
  restoreHelp: en`Without this tool: RESTORE.md, beside the backup, gives the age, zstd and pg_restore commands.`,
  factsTitle: 'Details',
  database: 'Database',
  proofTook: 'Proof took',
  backup: 'Backup',
  bucket: 'Bucket',
  objects: 'Objects',
  localCopy: 'Local copy',
  privateKey: 'Private key',
  keyTried: (day, ago) => `tried on ${day}, ${ago} ago`,
  copied: 'Copied to',
  deleted: 'Deleted',
  run: 'Run',
  open: 'Open the run',
  footer: (zone) => en`TalosPrimes Maintenance · backup-database · times: ${zone}`,
  summary: {
    proven: (data, f) =>
      en`Backup proven. ${data.database}, ${f.dateTime(data.startedAt)}: ${f.bytes(data.storedBytes)} stored in ${f.duration(data.backupSeconds)}, read back, restored in ${f.duration(data.restoreSeconds)} and ${data.digests === false ? 'counted (contents not compared today)' : 'identical to the original'}.`,
    except: (data, f) =>
      en`Backup proven, with exceptions. ${data.database}, ${f.dateTime(data.startedAt)}: ${f.bytes(data.storedBytes)} stored, read back and restored in ${f.duration(data.restoreSeconds)}, except for ${f.count(data.proof.exceptions?.length ?? 0, 'exception', 'exceptions')} named above.`,
    unproven: (data, f) =>
      en`Backup stored, not proven. ${data.database}, ${f.dateTime(data.startedAt)}: ${f.bytes(data.storedBytes)} stored, but restoring it could not be verified.`,
    different: (data, f) =>
      en`Backup differs from the original. ${data.database}, ${f.dateTime(data.startedAt)}: the restored copy is not identical (${f.count(data.proof.differences.length, 'difference', 'differences')}). Do not count on it.`,
  },
};
