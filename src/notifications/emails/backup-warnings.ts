import type { Formatter } from '../format.ts';
import type { BackupStoredData } from '../notice.ts';
import { partName } from './backup-tables.ts';
import { WARNING_WORDS } from './backup-warning-words.ts';
import { failureWords } from './failures.ts';
import type { Warning } from './letter.ts';

const DAY_MS = 86_400_000;
const TABLES_SHOWN = 6;
const WARNINGS_SHOWN = 6;

type Data = BackupStoredData;

/** Days since somebody opened a backup with the private key; undefined when never, or when nobody looked. */
export const keyAgeDays = ({ keyCheckedAt, startedAt }: Data): number | undefined =>
  keyCheckedAt == null ? undefined : (Date.parse(startedAt) - Date.parse(keyCheckedAt)) / DAY_MS;

/** How the database shrank, in words: undefined when it did not. */
export function shrinkOf(
  { changes }: Data,
  words: { databaseShrank: string; tablesShrank: (count: number) => string },
): string | undefined {
  if (!changes) return undefined;
  if (changes.databaseShrunk) return words.databaseShrank;
  return changes.shrunk.length > 0 ? words.tablesShrank(changes.shrunk.length) : undefined;
}

/** What spoils an otherwise good backup: the mail is then no longer green. */
export function troublesOf(data: Data, shrink: string | undefined, format: Formatter): Warning[] {
  const t = WARNING_WORDS[format.locale];
  const { parts = [], retention, localCopy, changes } = data;
  const troubles: Warning[] = [];
  if (shrink !== undefined && changes)
    troubles.push({ title: capital(shrink), ...shrinkDetails(data, changes, format), todo: t.shrunkTodo });
  for (const [result, title, todo] of [
    ['failed', t.failedParts, t.failedTodo],
    ['not proven', t.unprovenParts, t.unprovenTodo],
  ] as const) {
    const bad = parts.filter((part) => part.result === result);
    if (bad.length > 0) {
      const items = bad.flatMap(({ part, warnings }) => warnings.map((warning) => `${part}: ${warning}`));
      const names = bad.map(({ part }) => partName(part, format)).join(', ');
      troubles.push({ title: title(names), items: items.slice(0, WARNINGS_SHOWN), todo });
    }
  }
  if (retention?.refused !== undefined)
    troubles.push({ title: t.refused, items: [retention.refused], todo: t.refusedTodo });
  if (retention?.lockProblem !== undefined)
    troubles.push({ title: t.unlocked, items: [retention.lockProblem], todo: t.unlockedTodo });
  if (localCopy?.failure !== undefined) {
    const known = failureWords(format.locale, localCopy.failure);
    const why = known ? { text: `${capital(known.title)}.` } : { items: [localCopy.failure] };
    troubles.push({ title: t.localCopy, ...why, todo: t.localCopyTodo });
  }
  return troubles;
}

/** The reminder about the private key: it says nothing against today's backup. */
export function keyReminder(data: Data, format: Formatter): Warning | undefined {
  const t = WARNING_WORDS[format.locale];
  if (data.keyCheckedAt === null) return { title: t.keyNever, todo: t.keyTodo };
  const days = keyAgeDays(data);
  if (days === undefined || days <= (data.keyCheckDays ?? Number.POSITIVE_INFINITY)) return undefined;
  return { title: t.keyOld(daysIn(days, format)), todo: t.keyTodo };
}

export const daysIn = (days: number, format: Formatter): string =>
  format.locale === 'fr'
    ? format.count(Math.floor(days), 'jour', 'jours')
    : format.count(Math.floor(days), 'day', 'days');

function shrinkDetails(
  { rawBytes }: Data,
  { since, rawBytesBefore, databaseShrunk, shrunk }: NonNullable<Data['changes']>,
  format: Formatter,
): Pick<Warning, 'text' | 'items'> {
  const t = WARNING_WORDS[format.locale];
  const day = format.day(since);
  const hidden = shrunk.length - TABLES_SHOWN;
  const lines = shrunk.slice(0, TABLES_SHOWN).map(({ name, rows, before }) => {
    const change = format.percent((rows - before) / before);
    return `${name} ${format.number(before)} → ${format.number(rows)} (${change})`;
  });
  return {
    text: databaseShrunk ? t.less(format.bytes(rawBytes), format.bytes(rawBytesBefore), day) : t.since(day),
    items: hidden > 0 ? [...lines, `… +${format.number(hidden)}`] : lines,
  };
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
