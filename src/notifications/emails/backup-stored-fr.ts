import type { Formatter } from '../format.ts';
import type { BackupStoredData } from '../notice.ts';
import { fr } from '../typography.ts';

type Data = BackupStoredData;

const compared = (counted: boolean): string =>
  counted ? fr`comptée : aucune ligne ne manque` : fr`comparée à l'original : tout est identique`;
const end = (counted: boolean): string =>
  counted ? fr`. Contenu non comparé aujourd'hui (base volumineuse).` : '.';

const subject = (verdict: string) => (wrong: string, database: string, day: string) =>
  fr`${verdict}${wrong} : ${database}, ${day}`;

export const FR = {
  subject: {
    proven: subject(fr`Sauvegarde prouvée`),
    except: subject(fr`Sauvegarde prouvée, avec exceptions`),
    unproven: subject(fr`Sauvegarde stockée, non prouvée`),
    different: subject(fr`Sauvegarde différente de l'original`),
  },
  /** After the verdict, in subject and heading. */
  but: (what: string) => fr`, mais ${what}`,
  and: (what: string) => fr`, et ${what}`,
  toSettle: (count: number) => (count === 1 ? fr`un point à régler` : fr`${count} points à régler`),
  databaseShrank: fr`la base a rétréci`,
  tablesShrank: (count: number) => (count === 1 ? fr`une table a rétréci` : fr`${count} tables ont rétréci`),
  preheader: (data: Data, f: Formatter) =>
    fr`${f.bytes(data.storedBytes)} en ${f.duration(data.backupSeconds)}, ${data.restoreSeconds === undefined ? 'non restaurée' : fr`restaurée en ${f.duration(data.restoreSeconds)}`}, ${f.count(data.tables, 'table', 'tables')}, ${f.count(data.rows, 'ligne', 'lignes')}`,
  word: {
    proven: fr`Prouvée`,
    except: fr`Prouvée, avec exceptions`,
    unproven: fr`Non prouvée`,
    different: fr`Non prouvée`,
  },
  line: {
    proven: (at: string, counted: boolean) =>
      fr`La sauvegarde du ${at} a été relue dans le bucket, restaurée et ${compared(counted)}${end(counted)}`,
    except: (at: string, counted: boolean) =>
      fr`La sauvegarde du ${at} a été relue dans le bucket, restaurée et ${compared(counted)}, sauf ce qui n'a pas pu être restauré ici${end(counted)}`,
    unproven: (at: string) =>
      fr`La sauvegarde du ${at} est stockée et complète, mais sa restauration n'a pas pu être vérifiée.`,
    different: (at: string) =>
      fr`La sauvegarde du ${at} a été restaurée, mais la copie n'est pas identique à l'original.`,
  },
  reason: fr`Raison :`,
  size: 'Taille stockée',
  sizeNote: (raw: string) => fr`de ${raw} lus`,
  took: fr`Durée`,
  tookNote: fr`copie, chiffrement, envoi`,
  rate: fr`Débit`,
  rateNote: fr`données lues`,
  restore: 'Restauration',
  restoreNote: fr`RTO mesuré`,
  notMeasured: fr`non mesurée`,
  tables: 'Tables',
  rows: 'Lignes',
  tablesNote: {
    proven: 'toutes comparées',
    except: 'comparées, sauf exceptions',
    unproven: 'non comparées',
    different: 'comparées',
  },
  countedNote: fr`comptées, non comparées`,
  findings: fr`Ce qui diffère`,
  hidden: (count: number) =>
    count === 1
      ? fr`… et 1 autre, dans le résultat de l'exécution`
      : fr`… et ${count} autres, dans le résultat de l'exécution`,
  exceptions: fr`Ce qui n'a pas pu être restauré ici`,
  exceptionsMeaning: fr`Ces données sont dans la sauvegarde ; le PostgreSQL de la preuve n'a pas l'extension, rien de plus. Pour tout prouver : un serveur qui l'a, dans VERIFY_DATABASE_URL.`,
  /** Also tables that the service keeps to itself, which no dump holds. */
  exceptionsMeaningMixed: fr`Une extension manque au PostgreSQL de la preuve : ses données sont dans la sauvegarde. Seul ce qui est dit « not in the dump » n'y est pas : le service hébergeur le garde pour lui.`,
  stepsTitle: fr`Que faire`,
  steps: {
    unproven: [
      fr`La sauvegarde reste utilisable : la garder jusqu'à la prochaine qui soit prouvée.`,
      fr`Réparer la raison ci-dessus, puis relancer : \`npx talos run backup-database --wait\``,
    ],
    different: [
      fr`Ne pas compter sur cette sauvegarde. Garder la dernière qui soit prouvée.`,
      fr`Relancer maintenant : \`npx talos run backup-database --wait\``,
      fr`Si la différence revient, ouvrir l'exécution et examiner les tables nommées.`,
    ],
  },
  restoreTitle: fr`Restaurer cette sauvegarde`,
  target: 'postgresql://…',
  key: 'cle-age.txt',
  restoreHelp: fr`Sans cet outil : RESTORE.md, à côté de la sauvegarde, donne les commandes age, zstd et pg_restore.`,
  factsTitle: fr`Détails`,
  database: 'Base',
  proofTook: fr`Durée de la preuve`,
  backup: 'Sauvegarde',
  bucket: 'Bucket',
  objects: 'Objets',
  localCopy: 'Copie locale',
  privateKey: fr`Clé privée`,
  keyTried: (day: string, ago: string) => fr`essayée le ${day}, il y a ${ago}`,
  copied: fr`Copiée vers`,
  deleted: fr`Effacées`,
  run: fr`Exécution`,
  open: fr`Ouvrir l'exécution`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · backup-database · heures : ${zone}`,
  summary: {
    proven: (data: Data, f: Formatter) =>
      fr`Sauvegarde prouvée. ${data.database}, ${f.dateTime(data.startedAt)} : ${f.bytes(data.storedBytes)} stockés en ${f.duration(data.backupSeconds)}, relus, restaurés en ${f.duration(data.restoreSeconds)} et ${data.digests === false ? fr`comptés (contenu non comparé aujourd'hui)` : fr`identiques à l'original`}.`,
    except: (data: Data, f: Formatter) =>
      fr`Sauvegarde prouvée, avec exceptions. ${data.database}, ${f.dateTime(data.startedAt)} : ${f.bytes(data.storedBytes)} stockés, relus et restaurés en ${f.duration(data.restoreSeconds)}, sauf ${f.count(data.proof.exceptions?.length ?? 0, 'exception nommée', 'exceptions nommées')} plus haut.`,
    unproven: (data: Data, f: Formatter) =>
      fr`Sauvegarde stockée, non prouvée. ${data.database}, ${f.dateTime(data.startedAt)} : ${f.bytes(data.storedBytes)} stockés, mais la restauration n'a pas pu être vérifiée.`,
    different: (data: Data, f: Formatter) =>
      fr`Sauvegarde différente de l'original. ${data.database}, ${f.dateTime(data.startedAt)} : la copie restaurée n'est pas identique (${f.count(data.proof.differences.length, 'différence', 'différences')}). Ne pas compter sur elle.`,
  },
};
