import type { Formatter } from '../format.ts';
import { fr } from '../typography.ts';

const things = (count: number, f: Formatter): string => f.count(count, 'élément', 'éléments');

export const FR = {
  job: {
    'nettoyage-donnees-temporaires': fr`Nettoyage des données temporaires`,
    'nettoyage-logs': fr`Nettoyage des logs`,
  },
  things,
  subject: {
    done: (job: string, count: number, size: string, f: Formatter) =>
      fr`${job} : ${things(count, f)}, ${size} libérés`,
    nothing: (job: string) => fr`${job} : rien à supprimer`,
    observed: (job: string, count: number, f: Formatter) =>
      fr`${job}, en observation : ${things(count, f)} à supprimer`,
    partly: (job: string, sources: number, f: Formatter) =>
      fr`${job} incomplet : ${f.count(sources, 'source en échec', 'sources en échec')}`,
    held: (job: string) => fr`${job} : retenu par le frein, laissé en place`,
    failed: (job: string) => fr`${job} : échec`,
  },
  preheader: (archived: string, sources: string) =>
    fr`${sources}, ${archived}. Le détail par source et la tendance.`,
  sources: (count: number, f: Formatter) => f.count(count, 'source examinée', 'sources examinées'),
  archivedWords: (count: number, f: Formatter) =>
    count === 0 ? fr`rien à archiver` : f.count(count, fr`ligne archivée`, fr`lignes archivées`),
  word: {
    done: fr`Nettoyé`,
    nothing: fr`Rien à supprimer`,
    observed: 'En observation',
    partly: 'Incomplet',
    held: 'Retenu par le frein',
    failed: fr`Échec`,
  },
  line: {
    done: (at: string, count: string, size: string) =>
      fr`Le nettoyage du ${at} a supprimé ${count} et libéré ${size}. Tout avait expiré.`,
    nothing: (at: string) => fr`Le nettoyage du ${at} n'a rien trouvé qui ait expiré.`,
    observed: (at: string, count: string, size: string) =>
      fr`Le nettoyage du ${at} aurait supprimé ${count} et libéré ${size}. Rien n'a été changé.`,
    partly: (at: string, count: string) =>
      fr`Le nettoyage du ${at} a supprimé ${count} ; le reste a échoué et sera repris la prochaine fois.`,
    held: (at: string, count: string) =>
      fr`Le nettoyage du ${at} a supprimé ${count}. Ce que le frein retenait est resté en place.`,
    failed: (at: string) => fr`Le nettoyage du ${at} s'est arrêté avant la fin. Rien n'est perdu.`,
  },
  removed: fr`Supprimés`,
  wouldGo: fr`À supprimer`,
  freed: fr`Espace libéré`,
  wouldFree: fr`Espace à libérer`,
  freedNote: fr`dans une table : réutilisable`,
  archived: fr`Archivées`,
  archivedNote: fr`relues avant suppression`,
  usual: 'Moyenne',
  usualNote: (runs: number) =>
    runs === 1 ? fr`de la dernière exécution` : fr`des ${runs} dernières exécutions`,
  bySource: 'Par source',
  bySourceHead: ['Source', fr`Supprimés`, 'Taille'],
  bySourceHeadWould: ['Source', fr`À supprimer`, 'Taille'],
  empty: (names: string) => fr`Rien à supprimer : ${names}.`,
  more: (count: number, f: Formatter) => f.count(count, 'autre source', 'autres sources'),
  archivedOf: (count: string) => fr`dont ${count} archivées et vérifiées`,
  left: (reason: string, count: string) => fr`${count} laissés : ${reason}`,
  leftReasons: {
    open: 'fichier ouvert',
    symlink: 'lien symbolique',
    denied: 'suppression refusée',
    unreadable: 'illisible',
    notAllowed: fr`non permis`,
    outside: fr`hors du dossier`,
    undated: fr`sans date`,
    unconfirmed: fr`suppression non confirmée`,
    special: 'ni fichier ni dossier',
    locked: fr`ligne verrouillée`,
    changed: fr`modifiés entre-temps`,
    referenced: fr`encore référencés`,
  } as Readonly<Record<string, string>>,
  heldRow: 'retenu par le frein',
  failedRow: fr`échec`,
  unfinishedRow: fr`temps écoulé : la suite à la prochaine exécution`,
  trendChart: fr`Éléments supprimés, exécution par exécution`,
  volumeChart: fr`Lignes de log par jour`,
  trend: fr`Tendance`,
  trendHead: [fr`Exécution`, fr`Supprimés`, fr`Libéré`],
  thisRun: fr`celle-ci`,
  failure: (name: string) => fr`Échec : ${name}`,
  weekFailure: fr`Les logs de la semaine n'ont pas été archivés`,
  /** Failures with words of their own, by type. */
  failureWords: {
    ArchiveTakenOver: {
      text: fr`Un autre passage de ce nettoyage a pris la suite sur cette table, et celui-ci s'est arrêté. Rien n'est perdu, rien n'est archivé deux fois.`,
      todo: (job: string) => [
        fr`Rien à corriger si l'autre passage a réussi ; sinon, relancer : \`npx talos run ${job} --wait\``,
      ],
    },
  } as Readonly<Record<string, { text: string; todo: (job: string) => string[] }>>,
  failureTodo: (job: string) => [
    fr`Corriger ce que dit le message, puis relancer : \`npx talos run ${job} --wait\``,
  ],
  heldTitle: fr`Le frein a retenu une partie`,
  heldText: {
    approved: '',
    rejected: fr`Une personne l'a refusé.`,
    'no answer': fr`Personne n'a répondu en 72 heures : cela compte comme un refus.`,
  },
  heldTodo: (job: string) => [
    fr`Regarder ce qui partirait : \`npx talos run ${job} --dry-run --wait\``,
    fr`La prochaine exécution posera la question de nouveau.`,
  ],
  noted: fr`À savoir`,
  stepsTitle: fr`Que faire`,
  arm: (job: string) => [
    fr`Regarder la liste ci-dessous, puis armer : \`npx talos enable ${job}\``,
    fr`Pour revoir sans rien changer : \`npx talos run ${job} --dry-run --wait\``,
  ],
  open: fr`Ouvrir l'exécution`,
  factsTitle: fr`Détails`,
  scheduled: fr`Échéance`,
  week: fr`Logs de la semaine`,
  weekValue: (week: string, rows: string, size: string) =>
    fr`${week} : ${rows}, ${size} compressés et chiffrés`,
  rows: (count: number, f: Formatter) => f.count(count, 'ligne', 'lignes'),
  pruned: fr`Archives arrivées à terme`,
  prunedValue: (count: number, f: Formatter) => f.count(count, fr`effacée`, fr`effacées`),
  type: 'Type',
  run: fr`Exécution`,
  footer: (job: string, zone: string) => fr`TalosPrimes Maintenance · ${job} · heures : ${zone}`,
  volume: (from: string, to: string) => fr`Volume des logs, du ${from} au ${to}`,
  volumeHead: ['Table', 'Semaine', fr`Évolution`, 'Sur disque'],
  unread: (why: string) => fr`chiffres non lus : ${why}`,
  levels: (table: string) => fr`Niveaux par jour : ${table}`,
  day: 'Jour',
  noLevel: 'sans niveau',
  total: 'Total',
  topSources: (table: string) => fr`Sources les plus bavardes : ${table}`,
  topMessages: (table: string) => fr`Messages les plus répétés : ${table}`,
  source: 'Source',
  message: 'Message',
  linesHead: 'Lignes',
  unknownMessage: (hash: string) => fr`message ${hash}`,
  messagesNote: (count: string) => fr`Compté sur les ${count} lignes les plus récentes.`,
  normalNote: fr`Nombres, adresses et noms entre guillemets sont remplacés.`,
  warnings: {
    TimeNotIndexed: fr`index manquant, chaque nettoyage lit toute la table :`,
    Cascades: fr`d'autres lignes partent avec :`,
    Detaches: fr`des références seront vidées :`,
    Referenced: fr`référencée par, et donc gardée tant qu'elle l'est :`,
    DeleteTrigger: fr`un trigger s'exécute à chaque suppression :`,
    PartitionNotOwned: fr`partition qui appartient à un autre rôle, vidée ligne par ligne :`,
    PartitionNotDetached: fr`partition non détachée :`,
    PartitionLocked: fr`partition occupée, la prochaine exécution réessaiera :`,
    FolderMissing: fr`dossier absent :`,
    FolderUnreadable: fr`dossier en partie illisible :`,
    ExecutionsNotAllowed: fr`exécutions que la clé ne permet pas de supprimer`,
    BinaryDataStays: fr`les fichiers binaires de n8n restent sur son disque (nettoyage direct en base)`,
    ExecutionDataElsewhere: fr`exécutions dont les données ne sont pas en base : laissées à n8n`,
  } as Readonly<Record<string, string>>,
  gist: {
    done: (job: string, count: string, size: string) => fr`${job} : ${count} supprimés, ${size} libérés.`,
    nothing: (job: string) => fr`${job} : rien à supprimer.`,
    observed: (job: string, count: string, size: string) =>
      fr`${job}, en observation : ${count} seraient supprimés, ${size} libérés. Rien n'a été changé.`,
    partly: (job: string, count: string) => fr`${job} incomplet : ${count} supprimés, une partie a échoué.`,
    held: (job: string, count: string) => fr`${job} : ${count} supprimés, une partie retenue par le frein.`,
    failed: (job: string) => fr`${job} : échec, rien n'est perdu.`,
  },
};
