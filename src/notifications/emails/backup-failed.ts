import type { BackupFailedData } from '../notice.ts';
import type { Formatter, Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import { failureWordsOrUnknown } from './failures.ts';
import type { Context, Figure, Letter } from './letter.ts';

const MESSAGE_SHOWN = 600;
const SECOND_MS = 1_000;

/** The alert (BK4): what failed in words, what to do, and what can still be restored. */
export function backupFailed(data: BackupFailedData, { format, otherFormat, runUrl }: Context): Letter {
  const { locale } = format;
  const t = WORDS[locale];
  const cause = failureWordsOrUnknown(locale, data.cause.type);
  const otherCause = failureWordsOrUnknown(otherFormat.locale, data.cause.type);
  const { lastProven } = data;
  const age = lastProven ? (Date.parse(data.scheduledAt) - Date.parse(lastProven.at)) / SECOND_MS : undefined;
  return {
    subject: t.subject(cause.title, format.date(data.scheduledAt)),
    preheader: lastProven
      ? t.preheader(format.duration(age))
      : lastProven === null
        ? t.preheaderNone
        : t.preheaderUnknown,
    verdict: {
      tone: 'bad',
      sign: '✕',
      word: t.word,
      line: t.line(format.dateTime(data.scheduledAt), cause.title),
    },
    paragraphs: [cause.meaning, ...(lastProven === null ? [t.withoutProof] : [])],
    figures: figuresOf(data, age, format),
    findings: { title: t.message, items: [shortened(data.cause.message)] },
    steps: {
      title: t.stepsTitle,
      items: [...cause.steps, t.again],
    },
    command: lastProven
      ? {
          title: t.restoreTitle,
          line: `npx talos backup restore ${lastProven.backupId} --into postgresql://… --identity ${t.key}`,
          note: t.restoreNote(format.dateTime(lastProven.at)),
        }
      : undefined,
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.scheduled, value: format.dateTime(data.scheduledAt) },
        { label: t.type, value: data.cause.type, code: true },
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: WORDS[otherFormat.locale].summary(otherCause, data, otherFormat),
    },
    footer: t.footer(format.timeZone),
  };
}

function figuresOf(
  { lastProven, attempts }: BackupFailedData,
  age: number | undefined,
  format: Formatter,
): Figure[] {
  const t = WORDS[format.locale];
  const proof = {
    label: t.lastProven,
    value: format.duration(age),
    note: lastProven ? t.earlier : t.noneKnown,
  };
  const tries = { label: t.attempts, value: format.number(attempts), note: t.attemptsNote };
  // What nobody looked up is left out: a dash would say that there is none.
  return [...(lastProven === undefined ? [] : [proof]), ...(attempts === undefined ? [] : [tries])];
}

const shortened = (message: string): string =>
  message.length > MESSAGE_SHOWN ? `${message.slice(0, MESSAGE_SHOWN)} …` : message;

type Cause = { title: string; meaning: string; steps: readonly string[] };

const FR = {
  subject: (title: string, day: string) => fr`Échec de la sauvegarde : ${title}, ${day}`,
  preheader: (age: string) =>
    fr`Dernière preuve : ${age} plus tôt. Ce qui a échoué, que faire, comment restaurer.`,
  preheaderNone: fr`Aucune sauvegarde prouvée n'est connue. Ce qui a échoué, et que faire.`,
  preheaderUnknown: fr`Ce qui a échoué, ce qu'il faut faire, et comment relancer.`,
  word: fr`Échec`,
  line: (at: string, title: string) => fr`La sauvegarde prévue le ${at} n'a pas été faite : ${title}.`,
  lastProven: fr`Dernière preuve`,
  earlier: fr`avant cette échéance`,
  noneKnown: fr`aucune connue`,
  attempts: 'Tentatives',
  attemptsNote: fr`avant d'abandonner`,
  message: 'Message du programme',
  stepsTitle: fr`Que faire`,
  again: fr`Relancer ensuite : \`npx talos run backup-database --wait\``,
  withoutProof: fr`Aucune sauvegarde prouvée n'est connue : tant que celle-ci échoue, rien ne garantit une restauration.`,
  restoreTitle: fr`S'il faut restaurer maintenant`,
  restoreNote: (at: string) => fr`Dernière sauvegarde prouvée : ${at}.`,
  key: 'cle-age.txt',
  factsTitle: fr`Détails`,
  scheduled: fr`Échéance`,
  type: 'Type',
  run: fr`Exécution`,
  open: fr`Ouvrir l'exécution`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · backup-database · heures : ${zone}`,
  summary: (cause: Cause, data: BackupFailedData, f: Formatter) =>
    fr`Échec de la sauvegarde prévue le ${f.dateTime(data.scheduledAt)} : ${cause.title}. ${cause.meaning} ${cause.steps[0] ?? ''}`,
};

const EN: typeof FR = {
  subject: (title, day) => en`Backup failed: ${title}, ${day}`,
  preheader: (age) => en`Last proof: ${age} earlier. What failed, what to do, how to restore.`,
  preheaderNone: en`No proven backup is known. What failed, and what to do about it.`,
  preheaderUnknown: en`What failed, what to do about it, and how to run it again.`,
  word: 'Failed',
  line: (at, title) => en`The backup due on ${at} was not taken: ${title}.`,
  lastProven: 'Last proof',
  earlier: 'before this one was due',
  noneKnown: 'none known',
  attempts: 'Attempts',
  attemptsNote: 'before giving up',
  message: en`The program's message`,
  stepsTitle: 'What to do',
  again: en`Then run it again: \`npx talos run backup-database --wait\``,
  withoutProof: en`No proven backup is known: as long as this one fails, nothing guarantees a restore.`,
  restoreTitle: 'If you must restore now',
  restoreNote: (at) => en`Last proven backup: ${at}.`,
  key: 'age-key.txt',
  factsTitle: 'Details',
  scheduled: 'Due',
  type: 'Type',
  run: 'Run',
  open: 'Open the run',
  footer: (zone) => en`TalosPrimes Maintenance · backup-database · times: ${zone}`,
  summary: (cause, data, f) =>
    en`The backup due on ${f.dateTime(data.scheduledAt)} failed: ${cause.title}. ${cause.meaning} ${cause.steps[0] ?? ''}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
