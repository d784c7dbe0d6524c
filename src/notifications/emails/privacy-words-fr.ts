import { fr } from '../typography.ts';
import type { PrivacyFailureWords } from './failures.ts';

export const PRIVACY_FAILURES_FR: PrivacyFailureWords = {
  PrivacyMapIncomplete: {
    title: fr`la carte des données est incomplète`,
    meaning: fr`Une table ou une colonne n'est pas dans la carte, ou une règle ne peut pas s'appliquer. Rien n'est archivé ni anonymisé tant que c'est ainsi.`,
    steps: [
      fr`Lancer \`npx talos privacy check\` : chaque faute et son remède y sont.`,
      fr`Compléter privacy.tables dans maintenance.yaml, puis redémarrer le worker.`,
    ],
  },
  PrivacyMapBroken: {
    title: fr`la carte des données ne peut pas être lue`,
    meaning: fr`Un fichier de privacy.maps manque ou n'a pas la forme attendue.`,
    steps: [fr`Lire le message : il nomme le fichier et l'endroit.`],
  },
  PrivacyRightsMissing: {
    title: fr`un droit manque pour archiver ou anonymiser`,
    meaning: fr`Le rôle talos_privacy n'existe pas ou n'a pas tous les droits que la carte demande.`,
    steps: [fr`Lancer \`npx talos privacy grants\` et faire exécuter le SQL par un administrateur.`],
  },
  CustomerBlocked: {
    title: fr`ce client ne peut pas être archivé ni anonymisé`,
    meaning: fr`Un abonnement en cours, une facture impayée, un litige ou la présence d'autres membres l'interdit.`,
    steps: [fr`Régler ce que le message nomme, puis relancer.`],
  },
  CustomerChanged: {
    title: fr`les données du client ont changé pendant l'archivage`,
    meaning: fr`Rien n'a été retiré : l'archive est refaite à la tentative suivante.`,
    steps: [fr`Si l'erreur revient, chercher ce qui écrit encore dans les tables de ce compte.`],
  },
  CustomerAnonymized: {
    title: fr`le client est déjà anonymisé`,
    meaning: fr`L'anonymisation est définitive : il n'y a plus rien à rétablir.`,
    steps: [fr`Ouvrir un nouveau compte si la personne revient.`],
  },
  AccountUnknown: {
    title: fr`ce compte n'existe pas`,
    meaning: fr`Aucun compte ne porte cet identifiant, ni dans la base ni dans le registre des effacements.`,
    steps: [fr`Vérifier l'identifiant et la base (DATABASE_URL).`],
  },
  ArchiveDestroyed: {
    title: fr`l'archive du client est détruite`,
    meaning: fr`Sa clé n'est plus dans le bucket : personne ne peut plus l'ouvrir.`,
    steps: [fr`Si ce n'était pas voulu, chercher la clé dans une version antérieure du bucket.`],
  },
  ArchiveDamaged: {
    title: fr`l'archive du client ne se relit pas`,
    meaning: fr`Ce qui est dans le bucket n'est pas ce qui y a été écrit. Rien n'a été retiré de la base.`,
    steps: [fr`Vérifier l'état du stockage, puis relancer.`],
  },
  ArchiveSchemaChanged: {
    title: fr`la base n'a plus ce que l'archive contient`,
    meaning: fr`Une table ou une colonne a disparu depuis l'archivage.`,
    steps: [fr`Recréer ce que le message nomme, rétablir le client, puis déplacer les valeurs.`],
  },
  RestoreConflict: {
    title: fr`une valeur unique du client est prise`,
    meaning: fr`Quelqu'un d'autre a pris entre-temps, par exemple, son adresse e-mail.`,
    steps: [fr`Changer la valeur de l'autre compte, puis réactiver.`],
  },
  LedgerKeyChanged: {
    title: fr`la clé du registre des effacements n'est pas la bonne`,
    meaning: fr`Le registre a été écrit avec une autre ERASURE_LEDGER_KEY : personne n'y serait retrouvé.`,
    steps: [fr`Remettre la clé d'origine.`],
  },
};
