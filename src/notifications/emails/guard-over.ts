import type { Locale } from '../format.ts';
import type { GuardOverData } from '../notice.ts';
import { en, fr } from '../typography.ts';
import type { Context, Fact, Letter } from './letter.ts';

/** Answers an alert of the guard, once: so that nobody goes on looking for what is mended. */
export function guardOver(data: GuardOverData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const lasted = format.duration((Date.parse(data.at) - Date.parse(data.since)) / 1_000);
  const goodSince = data.what === 'no-backup' ? data.backup.at : data.checkedAt;
  const { subject, line } = t[data.what];
  const facts: Fact[] = [
    { label: t.alerted, value: format.dateTime(data.since) },
    { label: t[data.what].goodSince, value: format.dateTime(goodSince) },
    ...(data.what === 'no-backup' ? [{ label: t.backup, value: data.backup.backupId, code: true }] : []),
  ];
  return {
    subject,
    preheader: t.preheader(lasted),
    verdict: { tone: 'good', sign: '✓', word: t.word, line },
    paragraphs: [t.nothingToDo],
    figures: [{ label: t.lasted, value: lasted, note: t.lastedNote }],
    facts: { title: t.factsTitle, rows: facts },
    other: { locale: otherFormat.locale, text: WORDS[otherFormat.locale][data.what].line },
    footer: t.footer(format.timeZone),
  };
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
  word: fr`Rétabli`,
  preheader: (lasted: string) => fr`L'alerte est levée après ${lasted}. Il n'y a plus rien à faire.`,
  nothingToDo: fr`L'alerte est levée. Il n'y a plus rien à faire.`,
  lasted: fr`Durée de l'alerte`,
  lastedNote: fr`depuis la première annonce`,
  factsTitle: fr`Détails`,
  alerted: fr`Première alerte`,
  backup: 'Sauvegarde',
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
  word: 'Resolved',
  preheader: (lasted) => en`The alert is over after ${lasted}. There is nothing left to do.`,
  nothingToDo: en`The alert is over. There is nothing left to do.`,
  lasted: 'The alert lasted',
  lastedNote: 'from its first notice',
  factsTitle: 'Details',
  alerted: 'First alert',
  backup: 'Backup',
  footer: (zone) => en`TalosPrimes Maintenance · talos-guard · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
