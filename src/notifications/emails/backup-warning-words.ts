import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

/** A backup that is stored and proven may still have news that a person should act on: one box each. */

const FR = {
  less: (now: string, before: string, day: string) => fr`Données lues : ${now}, contre ${before} le ${day}.`,
  since: (day: string) => fr`Lignes, depuis la sauvegarde du ${day} :`,
  shrunkTodo: [
    fr`Purge voulue ? Rien à faire : la sauvegarde est fidèle à la base.`,
    fr`Sinon, les données sont encore dans les sauvegardes d'avant, tant qu'elles n'expirent pas : \`npx talos backup list\`, puis \`npx talos backup restore\` dans une base à part.`,
  ],
  failedParts: (names: string) => fr`Non sauvegardé : ${names}`,
  failedTodo: [
    fr`La base elle-même est sauvegardée. Réparer, puis relancer : \`npx talos run backup-database --wait\``,
  ],
  unprovenParts: (names: string) => fr`Stocké, mais non prouvé : ${names}`,
  unprovenTodo: [fr`La base elle-même n'est pas touchée. Si cela se répète demain, ouvrir l'exécution.`],
  refused: fr`Rétention suspendue : rien n'a été copié ni effacé`,
  refusedTodo: [
    fr`Rien n'est perdu, mais le bucket grandit. Vérifier l'heure de la machine et \`npx talos backup list\` ; une fois la raison réparée, la prochaine sauvegarde reprend le tri.`,
  ],
  localCopy: fr`Pas de copie locale aujourd'hui`,
  localCopyTodo: [
    fr`La sauvegarde du bucket est complète. Réparer ou changer BACKUP_LOCAL_DIR : la prochaine sauvegarde y sera copiée.`,
  ],
  unlocked: fr`Sauvegardes non verrouillées`,
  unlockedTodo: [
    fr`Elles sont stockées et prouvées, mais qui a la clé du bucket peut les effacer. Donner au bucket Object Lock et à la clé le droit PutObjectRetention, ou changer \`backup.objectLock\`.`,
  ],
  keyNever: fr`La clé privée n'a jamais été essayée`,
  keyOld: (ago: string) => fr`La clé privée n'a pas été essayée depuis ${ago}`,
  keyTodo: [
    fr`Sans elle, aucune sauvegarde ne s'ouvre. Là où elle est gardée : \`npx talos backup check-key --identity cle-age.txt\``,
  ],
};

const EN: typeof FR = {
  less: (now, before, day) => `Data read: ${now}, against ${before} on ${day}.`,
  since: (day) => `Rows, since the backup of ${day}:`,
  shrunkTodo: [
    en`A purge that was meant? Nothing to do: the backup is true to the database.`,
    en`If not, the data is still in the backups before, as long as they do not expire: \`npx talos backup list\`, then \`npx talos backup restore\` into a database of its own.`,
  ],
  failedParts: (names) => `Not backed up: ${names}`,
  failedTodo: [
    en`The database itself is backed up. Mend it, then run it again: \`npx talos run backup-database --wait\``,
  ],
  unprovenParts: (names) => `Stored, but not proven: ${names}`,
  unprovenTodo: [en`The database itself is not concerned. If it happens again tomorrow, open the run.`],
  refused: 'Retention suspended: nothing was copied or deleted',
  refusedTodo: [
    en`Nothing is lost, but the bucket grows. Check the machine's clock and \`npx talos backup list\`; once the reason is mended, the next backup sorts again.`,
  ],
  localCopy: 'No local copy today',
  localCopyTodo: [
    en`The backup in the bucket is complete. Mend or change BACKUP_LOCAL_DIR: the next backup is copied there.`,
  ],
  unlocked: 'Backups not locked',
  unlockedTodo: [
    en`They are stored and proven, but whoever has the bucket's key can delete them. Give the bucket Object Lock and the key the right PutObjectRetention, or change \`backup.objectLock\`.`,
  ],
  keyNever: 'The private key was never tried',
  keyOld: (ago) => `The private key was not tried for ${ago}`,
  keyTodo: [
    en`Without it no backup opens. Where it is kept: \`npx talos backup check-key --identity age-key.txt\``,
  ],
};

export const WARNING_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
