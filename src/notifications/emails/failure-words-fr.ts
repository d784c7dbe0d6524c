import { fr } from '../typography.ts';
import type { FailureWords } from './failures.ts';

export const FAILURES_FR: FailureWords = {
  DatabaseUnreachable: {
    title: fr`la base de données ne répond pas`,
    meaning: fr`Aucune connexion n'a pu être ouverte, ou elle a été coupée en route.`,
    steps: [
      fr`Vérifier que le serveur PostgreSQL est démarré et que le réseau passe.`,
      fr`L'hôte direct de Supabase n'est joignable qu'en IPv6 : sans IPv6, mettre le pooler de session (port 5432) dans BACKUP_DATABASE_URL.`,
    ],
  },
  DatabaseRefused: {
    title: fr`la base de données refuse la connexion`,
    meaning: fr`Le serveur répond, mais il n'accepte pas cet utilisateur, ce mot de passe ou cette base.`,
    steps: [
      fr`Corriger BACKUP_DATABASE_URL (utilisateur, mot de passe, nom de la base), puis redémarrer le worker.`,
    ],
  },
  TransactionPooler: {
    title: fr`la connexion passe par un pooler de transactions`,
    meaning: fr`Un pooler de transactions (port 6543 chez Supabase) ne garde pas la session : l'instantané serait perdu et la copie incohérente.`,
    steps: [fr`Mettre dans BACKUP_DATABASE_URL la connexion directe ou le pooler de session (port 5432).`],
  },
  MissingBypassRls: {
    title: fr`le rôle de sauvegarde ne voit pas toutes les lignes`,
    meaning: fr`Sans BYPASSRLS, les règles de sécurité cachent des lignes à la sauvegarde sans le dire.`,
    steps: [
      fr`Exécuter \`npx talos database apply\`, qui crée le rôle talos_backup, ou en SQL : \`alter role … bypassrls\`.`,
      fr`Vérifier que BACKUP_DATABASE_URL utilise ce rôle.`,
    ],
  },
  DumpToolOlderThanServer: {
    title: fr`pg_dump est plus ancien que le serveur`,
    meaning: fr`Une version majeure de pg_dump ne sait pas lire un serveur plus récent.`,
    steps: [
      fr`Installer les outils PostgreSQL de la version du serveur, ou indiquer leur dossier dans PG_BIN.`,
    ],
  },
  DumpFailed: {
    title: fr`pg_dump s'est arrêté en erreur`,
    meaning: fr`La copie a commencé et n'est pas allée au bout. Rien d'incomplet ne reste dans le bucket.`,
    steps: [
      fr`Lire le message ci-dessus : il nomme souvent la table ou le droit qui manque.`,
      fr`Relancer une fois. Si l'erreur revient, chercher un verrou long ou une table illisible.`,
    ],
  },
  RestoreFailed: {
    title: fr`la restauration d'essai a échoué`,
    meaning: fr`La sauvegarde a été relue, mais PostgreSQL n'a pas pu la recharger en entier.`,
    steps: [
      fr`Lire le message : une extension absente de la base d'essai est la cause la plus fréquente.`,
      fr`Indiquer au besoin dans VERIFY_DATABASE_URL un serveur qui a les mêmes extensions.`,
    ],
  },
  BucketUnreachable: {
    title: fr`le stockage ne répond pas`,
    meaning: fr`Le bucket n'a pas pu être joint, ou l'envoi a été coupé.`,
    steps: [fr`Vérifier S3_ENDPOINT, le réseau, et la page d'état du fournisseur de stockage.`],
  },
  BucketRefused: {
    title: fr`le stockage refuse l'accès`,
    meaning: fr`Le bucket n'existe pas, ou la clé n'a pas les droits qu'il faut.`,
    steps: [
      fr`Vérifier BACKUP_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY et AWS_REGION.`,
      fr`La clé doit pouvoir lister, lire, écrire et effacer dans le bucket.`,
    ],
  },
  ObjectDamaged: {
    title: fr`la sauvegarde relue est abîmée`,
    meaning: fr`Ce qui est revenu du bucket n'est pas ce qui y a été écrit.`,
    steps: [
      fr`Ne pas compter sur cet objet. Relancer une sauvegarde maintenant.`,
      fr`Si cela se répète, changer de bucket ou de fournisseur avant toute autre chose.`,
    ],
  },
  ObjectMissing: {
    title: fr`la sauvegarde n'est plus dans le bucket`,
    meaning: fr`Un objet écrit plus tôt ne s'y trouve plus.`,
    steps: [
      fr`Chercher une règle de cycle de vie ou une personne qui l'a effacé, puis relancer une sauvegarde.`,
    ],
  },
  ObjectExists: {
    title: fr`un objet de ce nom existe déjà dans le bucket`,
    meaning: fr`Le bucket garde ce qui y est écrit : un objet présent n'est jamais remplacé.`,
    steps: [
      fr`Relancer : la nouvelle sauvegarde prend un autre nom.`,
      fr`Si cela revient, chercher un second worker qui écrit au même endroit (BACKUP_BUCKET et son préfixe).`,
    ],
  },
  ObjectLocked: {
    title: fr`le bucket protège encore cet objet`,
    meaning: fr`Le verrou du bucket (Object Lock) interdit d'effacer ou de remplacer avant son terme. Rien n'est perdu.`,
    steps: [
      fr`Attendre le terme du verrou : l'effacement sera tenté à nouveau.`,
      fr`Si le verrou dure plus longtemps que la rétention, raccourcir celui du bucket ou garder plus de sauvegardes.`,
    ],
  },
  SshHostKeyChanged: {
    title: fr`le serveur SSH n'a plus la même clé`,
    meaning: fr`Le serveur a été réinstallé, ou quelqu'un se met entre lui et nous. Rien ne lui a été envoyé.`,
    steps: [
      fr`Demander à qui administre ce serveur si sa clé a changé. Sans réponse claire, ne rien accepter.`,
      fr`Si le changement est voulu, remplacer la ligne de VPS_SSH_KNOWN_HOSTS par celle du serveur même : \`cat /etc/ssh/ssh_host_ed25519_key.pub\``,
    ],
  },
  SshHostKeyUnknown: {
    title: fr`la clé du serveur SSH n'est pas connue`,
    meaning: fr`VPS_SSH_KNOWN_HOSTS n'a pas de clé pour ce serveur : rien ne dit que c'est le bon.`,
    steps: [
      fr`Lire la clé sur le serveur même (\`cat /etc/ssh/ssh_host_ed25519_key.pub\`), puis la mettre, précédée du nom du serveur, dans VPS_SSH_KNOWN_HOSTS.`,
    ],
  },
  SshRefused: {
    title: fr`le serveur SSH refuse la connexion`,
    meaning: fr`Le serveur répond, mais il n'accepte pas cet utilisateur ou cette clé.`,
    steps: [fr`Vérifier l'utilisateur et VPS_SSH_KEY, et authorized_keys sur le serveur.`],
  },
  SshUnreachable: {
    title: fr`le serveur SSH ne répond pas`,
    meaning: fr`Aucune connexion SSH n'a pu être ouverte, ou elle a été coupée en route.`,
    steps: [fr`Vérifier que le serveur est démarré, l'adresse et le port des réglages, et le pare-feu.`],
  },
  DiskFull: {
    title: fr`le disque est plein`,
    meaning: fr`Il n'y a plus de place sur la machine du worker pour la suite.`,
    steps: [
      fr`Faire de la place, ou donner un disque plus grand : TALOS_WORK_DIR pour la preuve, BACKUP_LOCAL_DIR pour la copie locale.`,
    ],
  },
  ManifestUnreadable: {
    title: fr`le manifeste d'une sauvegarde est illisible`,
    meaning: fr`manifest.json dit ce que contient une sauvegarde. Celui-ci est abîmé, ou d'une version plus récente du programme.`,
    steps: [
      fr`Comparer la version du programme avec celle qui a écrit cette sauvegarde.`,
      fr`Les données restent lisibles sans manifeste : RESTORE.md, à côté d'elles, donne les commandes.`,
    ],
  },
  PartFailed: {
    title: fr`un élément à côté de la base n'a pas été sauvegardé`,
    meaning: fr`La base elle-même n'est pas en cause : un autre élément (fichiers, rôles, autre base) manque.`,
    steps: [fr`Lire le message : il nomme l'élément et la raison.`],
  },
  ToolMissing: {
    title: fr`un outil manque sur la machine`,
    meaning: fr`pg_dump, pg_restore ou un autre programme n'a été trouvé nulle part.`,
    steps: [
      fr`Exécuter la ligne d'installation du message ci-dessus, ou \`npx talos doctor\` pour la liste.`,
    ],
  },
  SettingsMissing: {
    title: fr`des réglages manquent`,
    meaning: fr`La sauvegarde n'est pas configurée jusqu'au bout.`,
    steps: [fr`Compléter .env avec les noms du message ci-dessus, puis redémarrer le worker.`],
  },
  WorkerLost: {
    title: fr`le worker a disparu en cours de route`,
    meaning: fr`Le programme a été arrêté à chaque tentative : panne, mémoire épuisée ou redémarrages.`,
    steps: [
      fr`Vérifier que le worker tourne, puis chercher un arrêt par manque de mémoire dans le journal du système.`,
    ],
  },
  Unknown: {
    title: fr`une erreur inattendue`,
    meaning: fr`Cette erreur n'a pas encore d'explication écrite : le message est celui du programme.`,
    steps: [
      fr`Ouvrir l'exécution dans l'interface de Temporal, puis \`npx talos doctor\` pour vérifier chaque connexion.`,
    ],
  },
};
