import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

const TRY_MAIL = '`npx talos notify test email`';
const DOCTOR = '`npx talos doctor`';
const run = (job: string, period: string) => `\`npx talos run ${job} --period ${period} --wait\``;
const look = (job: string, period: string) => `\`npx talos run ${job} --period ${period} --dry-run --wait\``;

const FR = {
  daily: (day: string) => fr`Rapport quotidien du ${day}`,
  weekly: (week: string, year: string) => fr`Rapport hebdomadaire, semaine ${week} de ${year}`,
  subject: (name: string) => fr`${name} : pas parti`,
  preheader: (limit: string) =>
    fr`Non accepté par la messagerie ${limit} après l'heure : pourquoi, que faire.`,
  word: fr`Rapport pas parti`,
  due: (due: string, limit: string) =>
    fr`Il était prévu le ${due}. Le serveur de messagerie devait l'avoir accepté ${limit} plus tard. Cette alerte ne passe pas par l'e-mail.`,
  why: (code: string | undefined) => {
    const answer = code === undefined ? '' : ` (${code})`;
    return {
      trying: fr`Le serveur de messagerie ne l'a pas encore accepté${answer} ; l'envoi est répété.`,
      refused: fr`Le serveur de messagerie l'a refusé pour de bon${answer}.`,
      unknown: fr`La connexion a été coupée deux fois pendant l'envoi : nul ne sait s'il est arrivé.`,
      kept: fr`Il a été établi trop tard pour partir de lui-même ; il est gardé.`,
      running: fr`Son exécution est en cours et n'a encore rien établi.`,
      failed: fr`Son exécution a échoué avant qu'il soit établi.`,
      'never run': fr`Aucune exécution n'a commencé depuis : le programme ou Temporal a pu être arrêté.`,
      ended: fr`Une exécution s'est terminée sans établir ce rapport.`,
    };
  },
  lateBy: 'Retard',
  limit: 'Limite',
  limitNote: fr`après l'heure prévue`,
  stepsTitle: fr`Que faire`,
  mend: (job: string, period: string) => {
    const show = fr`Lire ses chiffres en attendant : ${look(job, period)}`;
    const send = fr`Le recevoir : ${run(job, period)}`;
    return {
      trying: [
        fr`Vérifier le serveur de messagerie : ${TRY_MAIL}`,
        fr`Rien à relancer : il partira seul.`,
        show,
      ],
      refused: [fr`Corriger SMTP_URL, MAIL_FROM ou ADMIN_EMAIL, puis essayer : ${TRY_MAIL}`, show],
      unknown: [fr`Le chercher dans la boîte de réception.`, show],
      kept: [send],
      running: [fr`Vérifier les bases et les réglages : ${DOCTOR}`, fr`Rien à relancer : il partira seul.`],
      failed: [fr`Vérifier les bases et les réglages : ${DOCTOR}`, send],
      'never run': [fr`Vérifier que le programme et Temporal tournent : ${DOCTOR}`, send],
      ended: [send],
    };
  },
  open: fr`Ouvrir la dernière exécution`,
  factsTitle: fr`Détails`,
  dueAt: fr`Prévu`,
  lookedAt: fr`Constaté`,
  period: fr`Période`,
  answer: fr`Réponse`,
  lastRun: fr`Exécution`,
  none: 'aucune',
  outcomes: { running: 'en cours', succeeded: fr`terminée`, failed: fr`échouée`, skipped: fr`sautée` },
  footer: (zone: string) => fr`TalosPrimes Maintenance · talos-guard · heures : ${zone}`,
};

const EN: typeof FR = {
  daily: (day) => en`Daily report of ${day}`,
  weekly: (week, year) => en`Weekly report, week ${week} of ${year}`,
  subject: (name) => en`${name}: not sent`,
  preheader: (limit) => en`Not accepted by the mail server ${limit} after its time: why, what to do.`,
  word: 'Report not sent',
  due: (due, limit) =>
    en`It was due on ${due}. The mail server should have accepted it ${limit} later. This alert does not go by e-mail.`,
  why: (code) => {
    const answer = code === undefined ? '' : ` (${code})`;
    return {
      trying: en`The mail server has not accepted it yet${answer}; sending is repeated.`,
      refused: en`The mail server has refused it for good${answer}.`,
      unknown: en`The connection was cut twice while sending: nobody can tell whether it arrived.`,
      kept: en`It was made too late to leave by itself; it is kept.`,
      running: en`Its run is under way and has not made it yet.`,
      failed: en`Its run failed before it was made.`,
      'never run': en`No run has begun since: the program or Temporal may have been stopped.`,
      ended: en`A run has ended without making this report.`,
    };
  },
  lateBy: 'Late by',
  limit: 'Limit',
  limitNote: 'after its time',
  stepsTitle: 'What to do',
  mend: (job, period) => {
    const show = en`Read its figures meanwhile: ${look(job, period)}`;
    const send = en`Receive it: ${run(job, period)}`;
    return {
      trying: [en`Check the mail server: ${TRY_MAIL}`, en`Nothing to run again: it leaves by itself.`, show],
      refused: [en`Mend SMTP_URL, MAIL_FROM or ADMIN_EMAIL, then try: ${TRY_MAIL}`, show],
      unknown: [en`Look for it in the inbox.`, show],
      kept: [send],
      running: [en`Check databases and settings: ${DOCTOR}`, en`Nothing to run again: it leaves by itself.`],
      failed: [en`Check databases and settings: ${DOCTOR}`, send],
      'never run': [en`Check that the program and Temporal are running: ${DOCTOR}`, send],
      ended: [send],
    };
  },
  open: 'Open the last run',
  factsTitle: 'Details',
  dueAt: 'Due',
  lookedAt: 'Found',
  period: 'Period',
  answer: 'Answer',
  lastRun: 'Run',
  none: 'none',
  outcomes: { running: 'under way', succeeded: 'ended', failed: 'failed', skipped: 'skipped' },
  footer: (zone) => en`TalosPrimes Maintenance · talos-guard · times: ${zone}`,
};

export const REPORT_LATE_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
