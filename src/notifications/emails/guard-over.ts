import type { Locale } from '../format.ts';
import type { GuardOverData } from '../notice.ts';
import { en, fr } from '../typography.ts';
import type { Context, Fact, Letter } from './letter.ts';

/** Answers an alert of the guard, once: so that nobody goes on looking for what is mended. */
export function guardOver(data: GuardOverData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const lasted = format.duration((Date.parse(data.at) - Date.parse(data.since)) / 1_000);
  const { goodSince, names, olderOf } = whatOf(data);
  const { subject, line } = t[data.what];
  const facts: Fact[] = [
    { label: t.alerted, value: format.dateTime(data.since) },
    { label: t[data.what].goodSince, value: format.dateTime(goodSince) },
    ...(names === undefined ? [] : [{ ...names, label: t[names.label], code: true }]),
  ];
  return {
    subject,
    preheader: t.preheader(lasted),
    verdict: { tone: 'good', sign: '✓', word: t.word, line },
    paragraphs: [olderOf === undefined ? t.nothingToDo : t.olderReport(olderOf)],
    figures: [{ label: t.lasted, value: lasted, note: t.lastedNote }],
    facts: { title: t.factsTitle, rows: facts },
    other: { locale: otherFormat.locale, text: WORDS[otherFormat.locale][data.what].line },
    footer: t.footer(format.timeZone),
  };
}

/** Since when all is well, and the id of what proves it. */
function whatOf(data: GuardOverData): {
  goodSince: string;
  names?: { label: 'backup' | 'report'; value: string };
  /** The job whose older reports may still be missing. */
  olderOf?: string;
} {
  switch (data.what) {
    case 'no-backup':
      return { goodSince: data.backup.at, names: { label: 'backup', value: data.backup.backupId } };
    case 'key-unchecked':
      return { goodSince: data.checkedAt };
    case 'daily-report':
    case 'weekly-report':
      return {
        goodSince: data.acceptedAt,
        names: { label: 'report', value: data.period },
        olderOf: data.what === 'daily-report' ? 'rapport-quotidien' : 'rapport-hebdomadaire',
      };
  }
}

const FR = {
  'no-backup': {
    subject: fr`Rétabli : une sauvegarde prouvée existe de nouveau`,
    line: fr`Une sauvegarde récente est de nouveau prouvée : elle a été restaurée et comparée.`,
    goodSince: fr`Prouvée`,
  },
  'key-unchecked': {
    subject: fr`Rétabli : la clé a ouvert une sauvegarde`,
    line: fr`Une clé privée en service a ouvert une sauvegarde.`,
    goodSince: fr`Essayée`,
  },
  'daily-report': {
    subject: fr`Rétabli : le rapport quotidien est parti`,
    line: fr`Le serveur de messagerie a accepté le dernier rapport quotidien.`,
    goodSince: fr`Accepté`,
  },
  'weekly-report': {
    subject: fr`Rétabli : le rapport hebdomadaire est parti`,
    line: fr`Le serveur de messagerie a accepté le dernier rapport hebdomadaire.`,
    goodSince: fr`Accepté`,
  },
  word: fr`Rétabli`,
  preheader: (lasted: string) => fr`L'alerte est levée après ${lasted}. Il n'y a plus rien à faire.`,
  nothingToDo: fr`L'alerte est levée. Il n'y a plus rien à faire.`,
  olderReport: (job: string) =>
    fr`L'alerte est levée. Un rapport plus ancien qui manque encore se demande : \`npx talos run ${job} --period … --wait\``,
  lasted: fr`Durée de l'alerte`,
  lastedNote: fr`depuis la première annonce`,
  factsTitle: fr`Détails`,
  alerted: fr`Première alerte`,
  backup: 'Sauvegarde',
  report: fr`Rapport`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · talos-guard · heures : ${zone}`,
};

const EN: typeof FR = {
  'no-backup': {
    subject: en`Resolved: there is a proven backup again`,
    line: en`A recent backup is proven again: it was restored and compared.`,
    goodSince: 'Proven',
  },
  'key-unchecked': {
    subject: en`Resolved: the key has opened a backup`,
    line: en`A private key in use has opened a backup.`,
    goodSince: 'Tried',
  },
  'daily-report': {
    subject: en`Resolved: the daily report has left`,
    line: en`The mail server has accepted the latest daily report.`,
    goodSince: 'Accepted',
  },
  'weekly-report': {
    subject: en`Resolved: the weekly report has left`,
    line: en`The mail server has accepted the latest weekly report.`,
    goodSince: 'Accepted',
  },
  word: 'Resolved',
  preheader: (lasted) => en`The alert is over after ${lasted}. There is nothing left to do.`,
  nothingToDo: en`The alert is over. There is nothing left to do.`,
  olderReport: (job) =>
    en`The alert is over. An older report that is still missing can be asked for: \`npx talos run ${job} --period … --wait\``,
  lasted: 'The alert lasted',
  lastedNote: 'from its first notice',
  factsTitle: 'Details',
  alerted: 'First alert',
  backup: 'Backup',
  report: 'Report',
  footer: (zone) => en`TalosPrimes Maintenance · talos-guard · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
