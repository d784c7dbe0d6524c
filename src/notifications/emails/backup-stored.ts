import type { BackupStoredData } from '../notice.ts';
import type { Formatter, Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import { failureWords } from './failures.ts';
import type { Context, Letter } from './letter.ts';

/** A mail stays short however much differs: the run's result holds the whole list. */
const DIFFERENCES_SHOWN = 12;

type State = 'proven' | 'unproven' | 'different';

const stateOf = ({ proof }: BackupStoredData): State =>
  proof.result === 'proven' ? 'proven' : proof.differences.length > 0 ? 'different' : 'unproven';

const LOOK = {
  proven: { tone: 'good', sign: '✓' },
  unproven: { tone: 'warn', sign: '!' },
  different: { tone: 'bad', sign: '✕' },
} as const;

/** The daily confirmation (BK3): proven or not in the first line, then the figures, then how to restore. */
export function backupStored(data: BackupStoredData, context: Context): Letter {
  const { format, otherFormat, runUrl } = context;
  const { locale } = format;
  const state = stateOf(data);
  const t = WORDS[locale];
  const { differences } = data.proof;
  const hidden = differences.length - DIFFERENCES_SHOWN;
  const figures = {
    size: format.bytes(data.storedBytes),
    took: format.duration(data.backupSeconds),
    restore: format.duration(data.restoreSeconds),
  };
  return {
    subject: t.subject[state](data.database, format.date(data.startedAt)),
    preheader: t.preheader(data, format),
    verdict: { ...LOOK[state], word: t.word[state], line: t.line[state](format.dateTime(data.startedAt)) },
    paragraphs: reasonOf(data, locale),
    figures: [
      { label: t.size, value: figures.size, note: t.sizeNote(format.bytes(data.rawBytes)) },
      { label: t.took, value: figures.took, note: t.tookNote },
      { label: t.rate, value: format.rate(data.rawBytes, data.backupSeconds), note: t.rateNote },
      {
        label: t.restore,
        value: figures.restore,
        note: data.restoreSeconds === undefined ? t.notMeasured : t.restoreNote,
      },
      { label: t.tables, value: format.number(data.tables), note: t.tablesNote[state] },
      { label: t.rows, value: format.number(data.rows), note: t.tablesNote[state] },
    ],
    findings:
      differences.length === 0
        ? undefined
        : {
            title: t.findings,
            items: [...differences.slice(0, DIFFERENCES_SHOWN), ...(hidden > 0 ? [t.hidden(hidden)] : [])],
          },
    steps: state === 'proven' ? undefined : { title: t.stepsTitle, items: t.steps[state] },
    // No command invites to restore a copy that is known to differ.
    command:
      state === 'different'
        ? undefined
        : {
            title: t.restoreTitle,
            line: `npx talos backup restore ${data.backupId} --into ${t.target} --identity ${t.key}`,
            note: t.restoreHelp,
          },
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.database, value: `${data.database} · PostgreSQL ${data.serverVersion}` },
        { label: t.proofTook, value: format.duration(data.proveSeconds) },
        { label: t.backup, value: data.backupId, code: true },
        { label: t.bucket, value: data.bucket, code: true },
        {
          label: t.objects,
          value: data.keys.join(', '),
          code: true,
        },
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: { locale: otherFormat.locale, text: WORDS[otherFormat.locale].summary[state](data, otherFormat) },
    footer: t.footer(format.timeZone),
  };
}

/** Why there is no proof: in words where the reason is a known type, else as it was given. */
function reasonOf({ proof }: BackupStoredData, locale: Locale): string[] {
  if (proof.result === 'proven' || proof.reason === undefined) return [];
  const known = failureWords(locale, proof.reason);
  const reason = known === undefined ? proof.reason : `${known.title}. ${known.meaning}`;
  return [`${WORDS[locale].reason} ${reason}`];
}

const FR = {
  subject: {
    proven: (database: string, day: string) => fr`Sauvegarde prouvée : ${database}, ${day}`,
    unproven: (database: string, day: string) => fr`Sauvegarde stockée, non prouvée : ${database}, ${day}`,
    different: (database: string, day: string) =>
      fr`Sauvegarde différente de l'original : ${database}, ${day}`,
  },
  preheader: (data: BackupStoredData, f: Formatter) =>
    fr`${f.bytes(data.storedBytes)} en ${f.duration(data.backupSeconds)}, ${data.restoreSeconds === undefined ? 'non restaurée' : fr`restaurée en ${f.duration(data.restoreSeconds)}`}, ${f.count(data.tables, 'table', 'tables')}, ${f.count(data.rows, 'ligne', 'lignes')}`,
  word: { proven: 'Prouvée', unproven: 'Non prouvée', different: 'Non prouvée' },
  line: {
    proven: (at: string) =>
      fr`La sauvegarde du ${at} a été relue dans le bucket, restaurée et comparée à l'original : tout est identique.`,
    unproven: (at: string) =>
      fr`La sauvegarde du ${at} est stockée et complète, mais sa restauration n'a pas pu être vérifiée.`,
    different: (at: string) =>
      fr`La sauvegarde du ${at} a été restaurée, mais la copie n'est pas identique à l'original.`,
  },
  reason: fr`Raison :`,
  size: 'Taille stockée',
  sizeNote: (raw: string) => fr`de ${raw} lus`,
  took: fr`Durée`,
  tookNote: fr`copie, chiffrement, envoi`,
  rate: fr`Débit`,
  rateNote: fr`données lues`,
  restore: 'Restauration',
  restoreNote: fr`RTO mesuré`,
  notMeasured: fr`non mesurée`,
  tables: 'Tables',
  rows: 'Lignes',
  tablesNote: { proven: 'toutes comparées', unproven: 'non comparées', different: 'comparées' },
  findings: fr`Ce qui diffère`,
  hidden: (count: number) => fr`… et ${count} autres, dans le résultat de l'exécution`,
  stepsTitle: fr`Que faire`,
  steps: {
    unproven: [
      fr`La sauvegarde reste utilisable : la garder jusqu'à la prochaine qui soit prouvée.`,
      fr`Réparer la raison ci-dessus, puis relancer : \`npx talos run backup-database --wait\``,
    ],
    different: [
      fr`Ne pas compter sur cette sauvegarde. Garder la dernière qui soit prouvée.`,
      fr`Relancer maintenant : \`npx talos run backup-database --wait\``,
      fr`Si la différence revient, ouvrir l'exécution et examiner les tables nommées.`,
    ],
  },
  restoreTitle: fr`Restaurer cette sauvegarde`,
  target: 'postgresql://…',
  key: 'cle-age.txt',
  restoreHelp: fr`Sans cet outil : RESTORE.md, à côté de la sauvegarde, donne les commandes age, zstd et pg_restore.`,
  factsTitle: fr`Détails`,
  database: 'Base',
  proofTook: fr`Durée de la preuve`,
  backup: 'Sauvegarde',
  bucket: 'Bucket',
  objects: 'Objets',
  run: fr`Exécution`,
  open: fr`Ouvrir l'exécution`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · backup-database · heures : ${zone}`,
  summary: {
    proven: (data: BackupStoredData, f: Formatter) =>
      fr`Sauvegarde prouvée. ${data.database}, ${f.dateTime(data.startedAt)} : ${f.bytes(data.storedBytes)} stockés en ${f.duration(data.backupSeconds)}, relus, restaurés en ${f.duration(data.restoreSeconds)} et identiques à l'original.`,
    unproven: (data: BackupStoredData, f: Formatter) =>
      fr`Sauvegarde stockée, non prouvée. ${data.database}, ${f.dateTime(data.startedAt)} : ${f.bytes(data.storedBytes)} stockés, mais la restauration n'a pas pu être vérifiée.`,
    different: (data: BackupStoredData, f: Formatter) =>
      fr`Sauvegarde différente de l'original. ${data.database}, ${f.dateTime(data.startedAt)} : la copie restaurée n'est pas identique (${f.count(data.proof.differences.length, 'différence', 'différences')}). Ne pas compter sur elle.`,
  },
};

const EN: typeof FR = {
  subject: {
    proven: (database, day) => en`Backup proven: ${database}, ${day}`,
    unproven: (database, day) => en`Backup stored, not proven: ${database}, ${day}`,
    different: (database, day) => en`Backup differs from the original: ${database}, ${day}`,
  },
  preheader: (data, f) =>
    en`${f.bytes(data.storedBytes)} in ${f.duration(data.backupSeconds)}, ${data.restoreSeconds === undefined ? 'not restored' : en`restored in ${f.duration(data.restoreSeconds)}`}, ${f.count(data.tables, 'table', 'tables')}, ${f.count(data.rows, 'row', 'rows')}`,
  word: { proven: 'Proven', unproven: 'Not proven', different: 'Not proven' },
  line: {
    proven: (at) =>
      en`The backup of ${at} was read back from the bucket, restored, and compared with the original: everything is identical.`,
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
  tablesNote: { proven: 'all compared', unproven: 'not compared', different: 'compared' },
  findings: 'What differs',
  hidden: (count) => en`… and ${count} more, in the run's result`,
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
  run: 'Run',
  open: 'Open the run',
  footer: (zone) => en`TalosPrimes Maintenance · backup-database · times: ${zone}`,
  summary: {
    proven: (data, f) =>
      en`Backup proven. ${data.database}, ${f.dateTime(data.startedAt)}: ${f.bytes(data.storedBytes)} stored in ${f.duration(data.backupSeconds)}, read back, restored in ${f.duration(data.restoreSeconds)} and identical to the original.`,
    unproven: (data, f) =>
      en`Backup stored, not proven. ${data.database}, ${f.dateTime(data.startedAt)}: ${f.bytes(data.storedBytes)} stored, but restoring it could not be verified.`,
    different: (data, f) =>
      en`Backup differs from the original. ${data.database}, ${f.dateTime(data.startedAt)}: the restored copy is not identical (${f.count(data.proof.differences.length, 'difference', 'differences')}). Do not count on it.`,
  },
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
