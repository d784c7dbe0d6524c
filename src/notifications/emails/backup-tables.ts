import type { Formatter } from '../format.ts';
import type { BackupStoredData } from '../notice.ts';
import { NOTHING } from '../typography.ts';
import { TABLE_WORDS } from './backup-table-words.ts';
import type { DataTable } from './letter.ts';

const TIERS = ['daily', 'weekly', 'monthly'] as const;

/** The small tables of a stored backup; what the data does not say shows nothing. */
export function tablesOf(data: BackupStoredData, format: Formatter): DataTable[] {
  const tables = [changesTable(data, format), partsTable(data, format), keptTable(data, format)];
  return tables.filter((table) => table !== undefined);
}

function changesTable({ changes, rows, rawBytes }: BackupStoredData, format: Formatter) {
  if (!changes) return undefined;
  const t = TABLE_WORDS[format.locale];
  const row = (name: string, now: number, before: number) => [
    name,
    format.number(now),
    format.signed(now - before),
  ];
  return {
    title: t.changes(format.day(changes.since)),
    head: t.changesHead,
    rows: [
      ...changes.tables.map((table) => ({ cells: row(table.name, table.rows, table.before), code: true })),
      { cells: row(t.total, rows, changes.rowsBefore) },
    ],
    note: t.dumpSize(
      format.bytes(rawBytes),
      format.signed(rawBytes - changes.rawBytesBefore, (bytes) => format.bytes(bytes)),
    ),
  };
}

/** The name of a part that we know, else as it is stored. */
export function partName(part: string, { locale }: Formatter): string {
  const names: Readonly<Record<string, string>> = TABLE_WORDS[locale].partNames;
  return names[part] ?? part;
}

function partsTable({ parts = [] }: BackupStoredData, format: Formatter): DataTable | undefined {
  if (parts.length === 0) return undefined;
  const t = TABLE_WORDS[format.locale];
  const [one = '', many = ''] = t.entries;
  return {
    title: t.parts,
    head: t.partsHead,
    rows: parts.map(({ part, result, storedBytes, entries, warnings }) => ({
      cells: [partName(part, format), format.bytes(storedBytes), t.results[result]],
      notes: [
        ...(entries === undefined ? [] : [format.count(entries, one, many)]),
        // What went wrong stands in a box at the top already.
        ...(result === 'failed' || result === 'not proven' ? [] : warnings),
      ],
    })),
    note: parts.some(({ result }) => result === 'read back') ? t.readBack : undefined,
  };
}

function keptTable({ retention }: BackupStoredData, format: Formatter): DataTable | undefined {
  if (!retention) return undefined;
  const t = TABLE_WORDS[format.locale];
  const { kept, copied, deleted, refused } = retention;
  const news = [
    ...copied.map(({ to, period }) => t.copied(t.ofTier[to][1] ?? to, period)),
    ...TIERS.flatMap((tier) => {
      const count = deleted.filter((backup) => backup.tier === tier).length;
      const [one = '', many = ''] = t.ofTier[tier];
      return count === 0 ? [] : [t.deleted(format.count(count, one, many), count === 1)];
    }),
  ];
  return {
    title: t.kept,
    head: t.keptHead,
    rows: kept.map(({ tier, count, nextExpiry }) => ({
      cells: [
        t.tiers[tier],
        format.number(count),
        nextExpiry === undefined ? NOTHING : format.day(nextExpiry),
      ],
    })),
    note: refused === undefined ? t.today(news.length > 0 ? news.join(', ') : t.nothing) : undefined,
  };
}
