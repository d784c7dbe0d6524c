import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

/** Words of the small tables: what changed, what lies beside the database, what is kept. */

const FR = {
  changes: (day: string) => fr`Depuis le ${day}`,
  changesHead: ['Table', 'Lignes', '+/−'],
  total: 'Toutes les tables',
  dumpSize: (now: string, change: string) => fr`Données lues : ${now} (${change}).`,
  parts: fr`Stocké avec la base`,
  partsHead: [fr`Élément`, 'Taille', fr`Résultat`],
  partNames: {
    globals: fr`Rôles et droits`,
    files: 'Fichiers',
    operations: fr`Base d'exploitation`,
    temporal: 'Temporal',
    n8n: 'n8n',
  },
  results: {
    proven: fr`✓ Prouvé`,
    'proven except': '✓ Sauf exceptions',
    'read back': '✓ Relu',
    'not proven': fr`! Non prouvé`,
    failed: fr`✕ Échec`,
  },
  entries: ['fichier', 'fichiers'],
  readBack: fr`Relu : déchiffré jusqu'au bout et conforme à ce qui a été écrit.`,
  kept: fr`Ce qui est gardé`,
  keptHead: ['Une par', fr`Gardées`, fr`Prochain effacement`],
  tiers: { daily: 'Jour', weekly: 'Semaine', monthly: 'Mois' },
  /** One of a tier and many. */
  ofTier: {
    daily: ['quotidienne', 'quotidiennes'],
    weekly: ['hebdomadaire', 'hebdomadaires'],
    monthly: ['mensuelle', 'mensuelles'],
  },
  copied: (tier: string, period: string) => fr`copiée vers les ${tier} (${period})`,
  deleted: (counted: string, one: boolean) => `${counted} ${one ? fr`effacée` : fr`effacées`}`,
  nothing: fr`rien à copier ni à effacer`,
  today: (what: string) => fr`Aujourd'hui : ${what}.`,
};

const EN: typeof FR = {
  changes: (day) => `Since ${day}`,
  changesHead: ['Table', 'Rows', '+/−'],
  total: 'All tables',
  dumpSize: (now, change) => `Data read: ${now} (${change}).`,
  parts: 'Stored with the database',
  partsHead: ['Part', 'Size', 'Result'],
  partNames: {
    globals: 'Roles and grants',
    files: 'Files',
    operations: 'Operations database',
    temporal: 'Temporal',
    n8n: 'n8n',
  },
  results: {
    proven: '✓ Proven',
    'proven except': '✓ With exceptions',
    'read back': '✓ Read back',
    'not proven': '! Not proven',
    failed: '✕ Failed',
  },
  entries: ['file', 'files'],
  readBack: 'Read back: decrypted to its end, and as it was written.',
  kept: 'What is kept',
  keptHead: ['One per', 'Kept', 'Next deletion'],
  tiers: { daily: 'Day', weekly: 'Week', monthly: 'Month' },
  ofTier: { daily: ['daily', 'daily'], weekly: ['weekly', 'weekly'], monthly: ['monthly', 'monthly'] },
  copied: (tier, period) => `copied to ${tier} (${period})`,
  deleted: (counted) => `${counted} deleted`,
  nothing: 'nothing to copy or delete',
  today: (what) => en`Today: ${what}.`,
};

export const TABLE_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
