import { fr } from '../typography.ts';
import type { RuleName, RuleWords } from './index.ts';

const ACTIVE = `select pid, now() - query_start as depuis, application_name, left(query, 80) from pg_stat_activity where state = 'active' order by 2 desc`;
const PM2_LOGS = '`pm2 logs --lines 100`';

/** Titles begin a sentence; in the middle of one their first letter is made small. */
export const RULES_FR: Readonly<Record<RuleName, RuleWords>> = {
  AL1: {
    title: () => fr`Processeur du serveur saturé`,
    meaning: fr`Le processeur est occupé sans répit : les pages deviennent lentes, et des délais expirent.`,
    steps: [
      fr`Sur le serveur, voir qui l'occupe : \`top -o %CPU\``,
      fr`Si c'est l'application, lire ses journaux : ${PM2_LOGS}, puis la redémarrer : \`pm2 restart all\``,
      fr`Si rien ne l'explique, regarder les tâches planifiées et les connexions : \`crontab -l\`, \`who\``,
    ],
  },
  AL2: {
    title: () => fr`Mémoire du serveur presque pleine`,
    meaning: fr`Il ne reste presque plus de mémoire disponible : le noyau peut tuer un processus d'un instant à l'autre, souvent la base.`,
    steps: [
      fr`Sur le serveur, voir qui la prend : \`ps aux --sort=-%mem | head\``,
      fr`Voir si le noyau a déjà tué un processus : \`journalctl -k --since -1h | grep -i oom\``,
      fr`Redémarrer ce qui fuit, par exemple : \`pm2 restart all\``,
    ],
  },
  AL3: {
    title: (part) => fr`Disque presque plein${part ? ` (${part})` : ''}`,
    meaning: fr`Quand il sera plein, la base refusera d'écrire et l'application tombera.`,
    steps: [
      fr`Sur le serveur, voir ce qui le remplit : \`du -xh --max-depth=2 / | sort -h | tail -20\``,
      fr`Alléger les journaux : \`sudo journalctl --vacuum-size=200M\` et \`pm2 flush\``,
      fr`Avec Docker, enlever ce qui ne sert plus : \`docker system df\`, puis \`docker image prune\``,
    ],
  },
  'AL3-inodes': {
    title: (part) => fr`Trop de fichiers sur le disque${part ? ` (${part})` : ''}`,
    meaning: fr`Le disque a encore de la place mais presque plus d'inodes : bientôt aucun fichier ne pourra être créé.`,
    steps: [
      fr`Sur le serveur, trouver le dossier qui déborde : \`du --inodes -x --max-depth=3 / | sort -n | tail\``,
      fr`Supprimer ce qui est périmé : sessions, caches, files de courrier.`,
    ],
  },
  'AL3-read-only': {
    title: (part) => fr`Disque en lecture seule${part ? ` (${part})` : ''}`,
    meaning: fr`Le noyau a remonté le disque en lecture seule, le plus souvent après une erreur matérielle : rien ne s'écrit plus.`,
    steps: [
      fr`Sur le serveur, lire la cause : \`sudo dmesg | tail -50\``,
      fr`Vérifier qu'une sauvegarde prouvée existe : \`npx talos backup list\``,
      fr`Prévenir l'hébergeur avant de remonter ou de réparer : \`fsck\` sur un disque mourant aggrave tout.`,
    ],
  },
  AL4: {
    title: (target) => fr`${target || 'service'} injoignable`,
    meaning: fr`Les sondes n'obtiennent plus de réponse : les utilisateurs non plus.`,
    steps: [
      fr`Sur le serveur, voir ce qui tourne : \`systemctl --failed\`, \`pm2 list\`, \`docker ps\``,
      fr`Lire les journaux du service, puis le redémarrer.`,
    ],
  },
  'AL4-app': {
    title: () => fr`Application injoignable`,
    meaning: fr`Les sondes n'obtiennent plus de réponse de l'application : vos clients non plus.`,
    steps: [
      fr`Sur le serveur, voir si elle tourne : \`pm2 list\`, et pourquoi non : ${PM2_LOGS}`,
      fr`La redémarrer : \`pm2 restart all\``,
      fr`Si elle tourne, vérifier ce qui est devant : \`systemctl status nginx\`, \`sudo nginx -t\``,
    ],
  },
  'AL4-n8n': {
    title: () => fr`n8n injoignable`,
    meaning: fr`n8n ne répond plus, ou dit que sa base n'est pas prête : les automatisations ne tournent pas.`,
    steps: [
      fr`Sur le serveur, voir s'il tourne et pourquoi non : \`docker ps -a\`, \`docker logs --tail 100 n8n\``,
      fr`Le redémarrer : \`docker restart n8n\` ou \`pm2 restart n8n\``,
    ],
  },
  'AL4-supabase': {
    title: () => fr`Supabase injoignable`,
    meaning: fr`Un service de Supabase (connexion, données ou fichiers) ne répond plus : l'application ne peut plus lire ni connecter personne.`,
    steps: [
      fr`Hébergé par Supabase : regarder https://status.supabase.com et si le projet est en pause.`,
      fr`Hébergé par vous : \`docker compose ps\`, puis \`docker compose logs --tail 100\` du service en panne.`,
    ],
  },
  'AL4-database': {
    title: () => fr`Base de données injoignable`,
    meaning: fr`La base n'accepte plus de connexion : l'application ne peut plus rien lire ni écrire.`,
    steps: [
      fr`Sur son serveur : \`systemctl status postgresql\`, \`journalctl -u postgresql --since -15min\``,
      fr`Un disque plein l'arrête : \`df -h\``,
      fr`Si elle est perdue, les sauvegardes : \`npx talos backup list\``,
    ],
  },
  'AL4-outside': {
    title: (target) => fr`Panne vue de l'extérieur (${target})`,
    meaning: fr`Un service de surveillance extérieur n'obtient plus de réponse : ce que nos propres sondes voient peut différer.`,
    steps: [
      fr`Ouvrir ce moniteur dans UptimeRobot ou BetterStack : il dit quelle adresse, et depuis quels pays.`,
      fr`Comparer avec nos sondes : \`npx talos alerts list\``,
      fr`Si elles vont bien, chercher entre les deux : DNS, certificat, pare-feu, hébergeur.`,
    ],
  },
  'AL4-vps': {
    title: () => fr`Serveur injoignable`,
    meaning: fr`Le serveur entier ne répond plus, et avec lui tout ce qu'il porte.`,
    steps: [
      fr`Regarder son état dans la console de l'hébergeur, et la page des incidents de celui-ci.`,
      fr`S'il est allumé, ouvrir sa console de secours ; sinon le redémarrer.`,
      fr`S'il est perdu, les sauvegardes : \`npx talos backup list\``,
    ],
  },
  AL5: {
    title: () => fr`Connexions à la base presque épuisées`,
    meaning: fr`Quand la limite sera atteinte, l'application recevra « too many clients » et tombera.`,
    steps: [
      fr`Voir qui les tient : \`select application_name, state, count(*) from pg_stat_activity group by 1, 2 order by 3 desc\``,
      fr`Redémarrer ce qui en fuit : \`pm2 restart all\``,
      fr`En urgence, fermer les inactives : \`select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle' and state_change < now() - interval '10 min'\``,
    ],
  },
  AL6: {
    title: () => fr`Requête très lente dans la base`,
    meaning: fr`Une requête tourne depuis trop longtemps : elle occupe la base et peut en bloquer d'autres.`,
    steps: [
      fr`La trouver : \`${ACTIVE}\``,
      fr`L'arrêter si elle ne doit pas finir : \`select pg_cancel_backend(<pid>)\``,
    ],
  },
  AL7: {
    title: () => fr`Erreurs en rafale dans la base`,
    meaning: fr`La base refuse beaucoup plus de requêtes que d'ordinaire : souvent une mise en production, ou un disque plein.`,
    steps: [
      fr`Lire les erreurs : \`journalctl -u postgresql --since -10min | grep ERROR | tail -50\`, ou les journaux du projet Supabase`,
      fr`Si une version vient d'être livrée, revenir à la précédente.`,
    ],
  },
  AL8: {
    title: () => fr`Aucun nouveau lead`,
    meaning: fr`Plus personne ne s'est manifesté : un formulaire, une campagne ou une automatisation est peut-être en panne.`,
    steps: [
      fr`Remplir soi-même le formulaire du site, et voir si le lead arrive : \`select max(created_at) from saas.leads\``,
      fr`Voir si l'automatisation qui les enregistre tourne : exécutions en échec dans n8n`,
      fr`Regarder si les campagnes sont encore diffusées, et si le site est bien visité.`,
    ],
  },
  AL9: {
    title: () => fr`Trop de paiements en échec`,
    meaning: fr`Une part anormale des paiements des dernières 24 heures a échoué : cet argent n'est pas encaissé.`,
    steps: [
      fr`Ouvrir le tableau de bord de votre prestataire de paiement : panne en cours, ou un motif de refus qui domine ?`,
      fr`Les compter par jour : \`select at::date, status, count(*) from saas.payments group by 1, 2 order by 1 desc limit 14\``,
      fr`Si une version vient d'être livrée, essayer un paiement soi-même.`,
    ],
  },
  AL10: {
    title: () => fr`Trop de clients perdus en 7 jours`,
    meaning: fr`Une part anormale de ceux qui payaient il y a sept jours ne paie plus : leur revenu récurrent est perdu.`,
    steps: [
      fr`Voir s'ils sont partis ou si leurs paiements échouent : \`select status, count(*) from saas.subscription_terms where valid_to > now() - interval '7 days' group by 1\``,
      fr`Nommer les plus gros, et les appeler : \`select account_id, amount_cents from saas.subscription_terms where valid_to > now() - interval '7 days' order by 2 desc\``,
      fr`Chercher ce qui a changé cette semaine : prix, panne, version, concurrent.`,
    ],
  },
  figures: {
    title: () => fr`Chiffres corrigés par la vérification de la nuit`,
    meaning: fr`Recalculés sur 35 jours depuis les données de l'application, des chiffres de périodes closes n'étaient pas ceux enregistrés. Ils sont corrigés ; un rapport déjà envoyé peut avoir montré les anciens.`,
    steps: [
      fr`Voir ce qui a été ajouté ou changé avec plus de deux jours de retard : import, correction à la main, remboursement daté du passé.`,
      fr`Voir les lignes derrière un chiffre : \`npx talos explain <période> <chiffre>\``,
      fr`Si rien n'est arrivé en retard, signaler un défaut de TalosPrimes Maintenance avec les chiffres ci-dessus.`,
    ],
  },
  PF4: {
    title: () => fr`Application lente`,
    meaning: fr`Plus d'une réponse sur vingt dépasse le seuil : les utilisateurs le sentent.`,
    steps: [
      fr`Sur le serveur, regarder la charge : \`pm2 monit\`, \`top\``,
      fr`Chercher une requête lente dans la base : \`${ACTIVE}\``,
    ],
  },
  PF5: {
    title: () => fr`Base de données lente`,
    meaning: fr`Même la plus simple des requêtes attend : la base est surchargée ou bloquée.`,
    steps: [
      fr`Voir ce qui l'occupe : \`${ACTIVE}\``,
      fr`Regarder le disque de son serveur : \`iostat -x 1 5\``,
    ],
  },
  certificate: {
    title: (target) => fr`Certificat TLS bientôt périmé${target ? ` (${target})` : ''}`,
    meaning: fr`Une fois périmé, les navigateurs refuseront d'ouvrir le site. Le renouvellement automatique n'a pas eu lieu.`,
    steps: [
      fr`Sur le serveur, voir pourquoi : \`sudo certbot renew --dry-run\``,
      fr`Renouveler et recharger : \`sudo certbot renew && sudo systemctl reload nginx\``,
    ],
  },
  restarts: {
    title: (target) => fr`Redémarrages en boucle${target ? ` (${target})` : ''}`,
    meaning: fr`Un processus tombe et redémarre sans cesse : il ne sert presque plus.`,
    steps: [fr`Lire sa dernière erreur : \`pm2 logs --err --lines 200\``, fr`Voir lequel : \`pm2 list\``],
  },
  'no-data': {
    title: (target) => fr`Plus aucune mesure${target ? fr` : ${target}` : ''}`,
    meaning: fr`La surveillance ne voit plus cette cible : elle n'est dite ni bonne ni mauvaise. Une vraie panne passerait inaperçue.`,
    steps: [
      fr`Vérifier les accès : \`npx talos doctor\``,
      fr`Une clé changée, un hôte réinstallé ou un pare-feu en sont les causes ordinaires.`,
    ],
  },
  'own-network': {
    title: () => fr`La surveillance était sans réseau`,
    meaning: fr`La machine qui surveille n'avait plus d'accès au réseau : pendant ce temps, rien n'a pu être mesuré.`,
    steps: [fr`Vérifier la connexion de la machine qui porte la surveillance.`],
  },
  unknown: {
    title: (target) => fr`Alerte${target ? ` (${target})` : ''}`,
    meaning: fr`Une règle sans explication à elle s'est déclenchée : les mesures ci-dessous disent ce qui a été vu.`,
    steps: [fr`Ouvrir l'alerte dans Temporal, ou la lire : \`npx talos alerts list\``],
  },
};
