import type { Formatter, Locale } from '../format.ts';
import type { GuardKeyUncheckedData } from '../notice.ts';
import { en, fr } from '../typography.ts';
import type { Context, Letter } from './letter.ts';

const DAY_MS = 86_400_000;

/** Nobody has tried the private key for long: the one thing about a backup that the program cannot prove. */
export function guardKeyUnchecked(data: GuardKeyUncheckedData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const never = data.lastCheck === null;
  const age = ageOf(data, format);
  const limit = t.days(format, data.limitDays);
  return {
    subject: never ? t.subjectNever : t.subject(age),
    preheader: t.preheader,
    verdict: { tone: 'warn', sign: '!', word: t.word, line: never ? t.lineNever(age) : t.line(age) },
    paragraphs: [t.meaning],
    figures: [
      never ? { label: t.lastCheck, value: t.none } : { label: t.untriedFor, value: age },
      { label: t.limit, value: limit, note: t.limitNote },
    ],
    steps: { title: t.stepsTitle, items: t.steps },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.lookedAt, value: format.dateTime(data.at) },
        {
          label: t.lastCheck,
          value: data.lastCheck === null ? t.noneKnown : format.dateTime(data.lastCheck),
        },
        ...(never ? [{ label: t.countedFrom, value: format.dateTime(data.since) }] : []),
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: WORDS[otherFormat.locale].gist(never, ageOf(data, otherFormat)),
    },
    footer: t.footer(format.timeZone),
  };
}

const ageOf = ({ at, since }: GuardKeyUncheckedData, format: Formatter): string =>
  WORDS[format.locale].days(format, Math.floor((Date.parse(at) - Date.parse(since)) / DAY_MS));

const FR = {
  days: (format: Formatter, count: number) => format.count(count, 'jour', 'jours'),
  subject: (age: string) => fr`Clé des sauvegardes : dernier essai il y a ${age}`,
  subjectNever: fr`Clé des sauvegardes : jamais essayée`,
  preheader: fr`Une commande à lancer là où se trouve la clé privée ; elle prend une minute.`,
  word: fr`Clé à essayer`,
  line: (age: string) => fr`La clé privée n'a pas ouvert de sauvegarde depuis ${age}.`,
  lineNever: (age: string) => fr`Aucune clé privée en service n'a ouvert de sauvegarde en ${age}.`,
  meaning: fr`La preuve quotidienne ne dit rien de votre clé : elle ouvre chaque sauvegarde avec une autre, faite pour elle seule. Si la vôtre est perdue ou ne convient pas, aucune sauvegarde ne pourra être restaurée.`,
  lastCheck: 'Dernier essai',
  none: 'aucun',
  untriedFor: fr`Sans essai depuis`,
  limit: 'Limite',
  limitNote: 'entre deux essais',
  stepsTitle: fr`Que faire`,
  steps: [
    fr`Là où se trouve la clé privée, ouvrir le début de la dernière sauvegarde : \`npx talos backup check-key --identity cle-age.txt\``,
    fr`La date est retenue si cette machine atteint la base des opérations ; sinon la commande le dit.`,
    fr`Si la clé est introuvable ou n'ouvre pas, en créer une autre et la mettre en deux lieux sûrs : \`npx talos backup keygen\`. Sa clé publique va dans BACKUP_AGE_RECIPIENTS, puis le programme redémarre, sauvegarde (\`npx talos run backup-database --wait\`), et la nouvelle clé s'essaie.`,
  ],
  factsTitle: fr`Détails`,
  lookedAt: fr`Constaté`,
  noneKnown: 'aucun connu',
  countedFrom: fr`Compté depuis`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · talos-guard · heures : ${zone}`,
  gist: (never: boolean, age: string) =>
    never
      ? fr`Aucune clé privée en service n'a ouvert de sauvegarde en ${age}. À essayer : npx talos backup check-key.`
      : fr`La clé privée n'a pas ouvert de sauvegarde depuis ${age}. À essayer : npx talos backup check-key.`,
};

const EN: typeof FR = {
  days: (format, count) => format.count(count, 'day', 'days'),
  subject: (age) => en`Backup key: last tried ${age} ago`,
  subjectNever: en`Backup key: never tried`,
  preheader: en`One command to run where the private key is kept; it takes a minute.`,
  word: 'Key to be tried',
  line: (age) => en`The private key has not opened a backup for ${age}.`,
  lineNever: (age) => en`No private key in use has opened a backup in ${age}.`,
  meaning: en`The daily proof says nothing of your key: it opens each backup with another, made for it alone. If yours is lost or does not fit, no backup can be restored.`,
  lastCheck: 'Last tried',
  none: 'never',
  untriedFor: 'Not tried for',
  limit: 'Limit',
  limitNote: 'between two checks',
  stepsTitle: 'What to do',
  steps: [
    en`Where the private key is kept, open the beginning of the newest backup: \`npx talos backup check-key --identity age-key.txt\``,
    en`The date is kept if that machine reaches the operations database; else the command says so.`,
    en`If the key cannot be found or does not open, make another and keep it in two safe places: \`npx talos backup keygen\`. Its public key goes into BACKUP_AGE_RECIPIENTS, then the program restarts and backs up (\`npx talos run backup-database --wait\`), and the new key is tried.`,
  ],
  factsTitle: 'Details',
  lookedAt: 'Found',
  noneKnown: 'none known',
  countedFrom: 'Counted from',
  footer: (zone) => en`TalosPrimes Maintenance · talos-guard · times: ${zone}`,
  gist: (never, age) =>
    never
      ? en`No private key in use has opened a backup in ${age}. Try it: npx talos backup check-key.`
      : en`The private key has not opened a backup for ${age}. Try it: npx talos backup check-key.`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
