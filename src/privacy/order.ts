import type { ForeignKey } from '../database/index.ts';

/**
 * Tables in the order in which their rows may be deleted: who points first. A foreign key whose columns are emptied
 * before (`unlinked`) does not bind. Undefined: they go round in a circle.
 */
export function deletionOrder(
  tables: readonly string[],
  foreignKeys: readonly ForeignKey[],
  unlinked: (key: ForeignKey) => boolean,
): string[] | undefined {
  const binding = foreignKeys.filter(
    (key) => key.from !== key.to && tables.includes(key.from) && tables.includes(key.to) && !unlinked(key),
  );
  const left = new Set(tables);
  const ordered: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter((table) => !binding.some(({ from, to }) => to === table && left.has(from)));
    if (free.length === 0) return undefined;
    for (const table of free) {
      left.delete(table);
      ordered.push(table);
    }
  }
  return ordered;
}
