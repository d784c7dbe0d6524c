/** The retention table of docs/privacy.md and of the register, from the map and the policy. */
import type { Policy } from '../config/index.ts';
import type { DataMap, Table } from './map.ts';

type Language = 'fr' | 'en';

const WORDS = {
  fr: {
    head: ['Table', 'Données', 'À l’archivage', 'À l’anonymisation', 'Fondement'],
    categories: {
      identity: 'identité',
      contact: 'coordonnées',
      free_text: 'texte libre',
      secret: 'secrets',
      technical: 'technique',
      accounting: 'comptabilité',
      statistic: 'statistique',
    },
    onArchive: {
      keep: 'reste',
      clear: 'vidée, dans l’archive',
      remove: 'retirée, dans l’archive',
      drop: 'supprimée',
    },
    deleted: 'lignes supprimées',
    files: 'fichiers et lignes supprimés',
    kept: (columns: number, legal: number, years: number) =>
      legal > 0
        ? `ligne conservée ; au coffre légal (${String(years)} ans) : ${String(legal)} ${legal === 1 ? 'colonne' : 'colonnes'}`
        : `ligne conservée, ${String(columns)} colonnes effacées ou généralisées`,
    line: (active: number, grace: string, archive: number, backups: number, total: number) =>
      `${String(active)} mois sans activité + ${grace} pour revenir + ${String(archive)} mois d’archive + jusqu’à ${String(backups)} mois de sauvegardes = **${String(total)} mois** au plus après la dernière activité, hors coffre légal`,
    month: '1 mois',
    days: (count: number) => `${String(count)} jours`,
  },
  en: {
    head: ['Table', 'Data', 'When archived', 'When anonymised', 'Basis'],
    categories: {
      identity: 'identity',
      contact: 'contact',
      free_text: 'free text',
      secret: 'secrets',
      technical: 'technical',
      accounting: 'accounting',
      statistic: 'statistics',
    },
    onArchive: {
      keep: 'stays',
      clear: 'emptied, in the archive',
      remove: 'removed, in the archive',
      drop: 'deleted',
    },
    deleted: 'rows deleted',
    files: 'files and rows deleted',
    kept: (columns: number, legal: number, years: number) =>
      legal > 0
        ? `row kept; to the legal store (${String(years)} years): ${String(legal)} ${legal === 1 ? 'column' : 'columns'}`
        : `row kept, ${String(columns)} columns emptied or generalised`,
    line: (active: number, grace: string, archive: number, backups: number, total: number) =>
      `${String(active)} months without activity + ${grace} to come back + ${String(archive)} months of archive + up to ${String(backups)} months of backups = **${String(total)} months** at the most after the last activity, the legal store apart`,
    month: '1 month',
    days: (count: number) => `${String(count)} days`,
  },
} as const;

/** The longest time for which anything of a customer is anywhere, whole months. */
export function longestMonths({ lifecycle, backup }: Pick<Policy, 'lifecycle' | 'backup'>): number {
  const grace = Math.ceil(lifecycle.reactivationDays / 30);
  return lifecycle.inactiveMonths + grace + lifecycle.anonymiseAfterMonths + backup.retention.monthly;
}

export function retentionLine(policy: Pick<Policy, 'lifecycle' | 'backup'>, language: Language): string {
  const words = WORDS[language];
  const { inactiveMonths, reactivationDays: days, anonymiseAfterMonths } = policy.lifecycle;
  const grace = days === 30 ? words.month : words.days(days);
  return words.line(
    inactiveMonths,
    grace,
    anonymiseAfterMonths,
    policy.backup.retention.monthly,
    longestMonths(policy),
  );
}

export function retentionTable(map: DataMap, language: Language): string {
  const words = WORDS[language];
  const rows = [...map.tables.values()]
    .filter(({ rows: of }) => of !== 'nobody')
    .map((table) => [
      `\`${table.name}\``,
      [...new Set([...table.columns.values()].map(({ category }) => words.categories[category]))].join(', '),
      words.onArchive[table.onArchive],
      atTheEnd(table, map, language),
      typeof table.basis === 'object' ? table.basis[language] : (table.basis ?? ''),
    ]);
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(words.head), line(words.head.map(() => '---')), ...rows.map(line)].join('\n');
}

function atTheEnd(table: Table, map: DataMap, language: Language): string {
  const words = WORDS[language];
  if (map.files.some((file) => file.table === table.name)) return words.files;
  if (table.isDeleted) return words.deleted;
  const changed = [...table.columns.values()].filter(({ strategy }) => strategy.name !== 'keep');
  const legal = changed.filter(({ strategy }) => strategy.name === 'legal_store').length;
  return words.kept(changed.length, legal, map.legalYears);
}
