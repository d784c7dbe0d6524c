import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

const RUN = '`npx talos run backup-database --wait`';
const UNPAUSE = '`temporal schedule toggle --schedule-id backup-database --unpause`';

const FR = {
  subject: (age: string) => fr`Aucune sauvegarde prouvée depuis ${age}`,
  subjectNever: fr`Aucune sauvegarde prouvée n'existe encore`,
  preheader: (limit: string, state: string) =>
    fr`Limite : ${limit}. Planification ${state}. Pourquoi, et que faire maintenant.`,
  word: fr`Aucune sauvegarde prouvée`,
  line: (age: string, limit: string) =>
    fr`La dernière sauvegarde prouvée remonte à ${age} ; il en faut une toutes les ${limit}.`,
  lineNever: (limit: string) =>
    fr`Aucune sauvegarde prouvée n'est connue ; il en faut une toutes les ${limit}.`,
  risk: fr`Tant que cela dure, une restauration perdrait tout ce qui a été écrit depuis la dernière preuve.`,
  riskNever: fr`Tant que cela dure, rien ne garantit que les données puissent être restaurées.`,
  why: {
    missing: fr`La planification backup-database n'existe pas dans Temporal : aucune sauvegarde ne part d'elle-même.`,
    paused: (note: string | undefined) =>
      note
        ? fr`La planification backup-database est en pause : aucune sauvegarde ne part d'elle-même. Motif noté : « ${note} ».`
        : fr`La planification backup-database est en pause : aucune sauvegarde ne part d'elle-même.`,
    running: (at: string) => fr`Une exécution est en cours depuis le ${at}.`,
    failed: (at: string, cause: string) =>
      fr`La dernière exécution, le ${at}, a échoué : ${cause}. Un e-mail d'échec en donne le détail.`,
    idle: (at: string) =>
      fr`La planification est active, mais rien n'a été exécuté depuis le ${at}. Le programme ou Temporal a pu être arrêté.`,
    unproven: (at: string) =>
      fr`La dernière exécution, le ${at}, s'est terminée sans preuve : la sauvegarde n'a pas pu être restaurée et comparée.`,
    neverRun: fr`La planification est active, mais aucune exécution n'est connue.`,
  },
  lastProof: fr`Dernière preuve`,
  unprovenFor: fr`Sans preuve depuis`,
  none: 'aucune',
  limit: 'Limite',
  limitNote: fr`entre deux preuves`,
  stepsTitle: fr`Que faire`,
  mend: {
    missing: [
      fr`Recréer la planification : \`npx talos schedules apply\``,
      fr`Sauvegarder maintenant : ${RUN}`,
    ],
    paused: [
      fr`Si la pause n'est plus voulue, la lever : ${UNPAUSE}`,
      fr`Sauvegarder maintenant, même en pause : ${RUN}`,
    ],
    running: [fr`Attendre la fin de l'exécution en cours : un e-mail dira si elle est prouvée.`],
    failed: [fr`Corriger ce que dit l'e-mail d'échec.`, fr`Relancer ensuite : ${RUN}`],
    idle: [
      fr`Voir l'état des planifications : \`npx talos schedules list\``,
      fr`Sauvegarder maintenant : ${RUN}`,
    ],
    unproven: [
      fr`Lire dans l'e-mail de cette sauvegarde ce qui manque à la preuve.`,
      fr`Relancer ensuite : ${RUN}`,
    ],
  },
  list: fr`Voir ce que contient le stockage : \`npx talos backup list\``,
  restoreTitle: fr`S'il faut restaurer maintenant`,
  restoreNote: (at: string) => fr`Dernière sauvegarde prouvée : ${at}.`,
  key: 'cle-age.txt',
  open: fr`Ouvrir la dernière exécution`,
  factsTitle: fr`Détails`,
  lookedAt: fr`Constaté`,
  lastBackup: fr`Dernière prouvée`,
  noneKnown: 'aucune connue',
  schedule: 'Planification',
  scheduleStates: { active: 'active', paused: 'en pause', missing: 'absente' },
  pauseNote: fr`Motif de la pause`,
  lastRun: fr`Dernière exécution`,
  outcomes: { running: 'en cours', succeeded: fr`terminée`, failed: fr`échouée`, skipped: fr`sautée` },
  installed: fr`Planifiée depuis`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · talos-guard · heures : ${zone}`,
  gist: (age: string | undefined) =>
    age === undefined
      ? fr`Aucune sauvegarde prouvée n'est connue.`
      : fr`Aucune sauvegarde prouvée depuis ${age}.`,
};

const EN: typeof FR = {
  subject: (age) => en`No proven backup for ${age}`,
  subjectNever: en`There is no proven backup yet`,
  preheader: (limit, state) => en`Limit: ${limit}. Schedule: ${state}. Why, and what to do about it now.`,
  word: 'No proven backup',
  line: (age, limit) => en`The last proven backup is ${age} old; there must be one every ${limit}.`,
  lineNever: (limit) => en`No proven backup is known; there must be one every ${limit}.`,
  risk: en`As long as this lasts, a restore would lose all that was written since the last proof.`,
  riskNever: en`As long as this lasts, nothing guarantees that the data can be restored.`,
  why: {
    missing: en`Temporal has no Schedule backup-database: no backup starts by itself.`,
    paused: (note) =>
      note
        ? en`The Schedule backup-database is paused: no backup starts by itself. The reason noted: “${note}”.`
        : en`The Schedule backup-database is paused: no backup starts by itself.`,
    running: (at) => en`A run has been under way since ${at}.`,
    failed: (at, cause) => en`The last run, on ${at}, failed: ${cause}. A failure e-mail has the details.`,
    idle: (at) =>
      en`The Schedule is active, but nothing has run since ${at}. The program or Temporal may have been stopped.`,
    unproven: (at) =>
      en`The last run, on ${at}, ended without a proof: the backup could not be restored and compared.`,
    neverRun: en`The Schedule is active, but no run is known.`,
  },
  lastProof: 'Last proof',
  unprovenFor: 'Without a proof for',
  none: 'none',
  limit: 'Limit',
  limitNote: 'between two proofs',
  stepsTitle: 'What to do',
  mend: {
    missing: [en`Create the Schedule again: \`npx talos schedules apply\``, en`Back up now: ${RUN}`],
    paused: [
      en`If the pause is no longer wanted, end it: ${UNPAUSE}`,
      en`Back up now, paused or not: ${RUN}`,
    ],
    running: [en`Wait for the run under way to end: an e-mail will say whether it is proven.`],
    failed: [en`Mend what the failure e-mail says.`, en`Then run it again: ${RUN}`],
    idle: [en`See how the Schedules stand: \`npx talos schedules list\``, en`Back up now: ${RUN}`],
    unproven: [en`Read in that backup's e-mail what the proof lacks.`, en`Then run it again: ${RUN}`],
  },
  list: en`See what the bucket holds: \`npx talos backup list\``,
  restoreTitle: 'If you must restore now',
  restoreNote: (at) => en`Last proven backup: ${at}.`,
  key: 'age-key.txt',
  open: 'Open the last run',
  factsTitle: 'Details',
  lookedAt: 'Found',
  lastBackup: 'Last proven',
  noneKnown: 'none known',
  schedule: 'Schedule',
  scheduleStates: { active: 'active', paused: 'paused', missing: 'missing' },
  pauseNote: 'Reason of the pause',
  lastRun: 'Last run',
  outcomes: { running: 'under way', succeeded: 'ended', failed: 'failed', skipped: 'skipped' },
  installed: 'Scheduled since',
  footer: (zone) => en`TalosPrimes Maintenance · talos-guard · times: ${zone}`,
  gist: (age) => (age === undefined ? en`No proven backup is known.` : en`No proven backup for ${age}.`),
};

export const NO_BACKUP_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
