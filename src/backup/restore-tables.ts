import { display, type NamedTable } from './restore-source.ts';
import type { LinkedEntry } from './restore-toc.ts';

/** What comes along with an entry that it depends on: it is a part of that one, or says something of it. */
const PARTS = new Set([
  ...['TABLE DATA', 'TABLE ATTACH', 'DEFAULT', 'ROW SECURITY', 'POLICY', 'RULE', 'TRIGGER', 'STATISTICS'],
  ...['SEQUENCE', 'SEQUENCE OWNED BY', 'SEQUENCE SET', 'STATISTICS DATA'],
  ...['CONSTRAINT', 'CHECK CONSTRAINT', 'FK CONSTRAINT', 'INDEX', 'INDEX ATTACH'],
  ...['COMMENT', 'ACL', 'SECURITY LABEL'],
]);
const RELATIONS = new Set(['TABLE', 'VIEW', 'MATERIALIZED VIEW', 'FOREIGN TABLE']);

export interface Selection {
  /** Entries for `pg_restore -L`, in the order of the dump. */
  entries: LinkedEntry[];
  /** The named tables, with the partitions of those that are partitioned. */
  tables: NamedTable[];
  /** What of these tables is not restored, and the same in words with its reason. */
  left: LinkedEntry[];
  leftOut: string[];
}

/** Whether the target has an object already, so that it need not (and could not) be restored. */
export type Present = (entry: LinkedEntry) => boolean;

/** Names of the entry with the owner after them: any of the names may hold blanks. */
const namesOf = ({ line, desc }: LinkedEntry): string =>
  line.slice(line.indexOf(` ${desc} `) + desc.length + 2);

/** Line breaks in names stand as blanks in the table of contents. */
const listed = ({ schema, name }: NamedTable): string => `${schema} ${name} `.replaceAll(/[\r\n]/g, ' ');

const spoken = ({ desc, namespace, tag }: LinkedEntry): string =>
  `${desc === 'FK CONSTRAINT' ? 'foreign key' : desc.toLowerCase()} ${namespace === '-' ? '' : `${namespace}.`}${tag}`;

/** Chooses from a dump all that makes up the named tables, and what they need. Pure. */
export function selectTables(
  toc: readonly LinkedEntry[],
  wanted: readonly NamedTable[],
  known: { tables: readonly NamedTable[]; roles: readonly string[] },
  present: Present,
): Selection {
  const isOf = (entry: LinkedEntry, table: NamedTable): boolean =>
    namesOf(entry).startsWith(listed(table)) &&
    // Any name may hold blanks: only with its owner behind it is it this one.
    (known.roles.includes(namesOf(entry).slice(listed(table).length)) ||
      (entry.namespace === table.schema && entry.tag === table.name));
  const entryOf = (table: NamedTable): LinkedEntry => {
    const found = toc.find((entry) => entry.desc === 'TABLE' && isOf(entry, table));
    if (!found)
      throw new Error(`the dump's table of contents does not name ${display(table)}: restore the whole`);
    return found;
  };
  const byId = new Map(toc.map((entry) => [entry.id, entry]));
  const attached = toc.filter(({ desc }) => desc === 'TABLE ATTACH').map(({ dependsOn }) => dependsOn);
  const roots = new Set(wanted.map(entryOf));
  for (const root of roots)
    for (const [child = 0, parent] of attached) {
      const partition = byId.get(child);
      if (parent === root.id && partition) roots.add(partition);
    }
  const chosen = new Set<LinkedEntry>(roots);

  /** What an entry needs beside what is chosen; or the table for want of which it cannot be. */
  function needs(
    entry: LinkedEntry,
    seen = new Set<LinkedEntry>(),
  ): { more: LinkedEntry[] } | { lacks: LinkedEntry } {
    const more: LinkedEntry[] = [];
    for (const id of entry.dependsOn) {
      const other = byId.get(id);
      if (!other || chosen.has(other) || seen.has(other)) continue;
      const relation = RELATIONS.has(other.desc);
      // A partition is made by itself, and attached later; a sequence before it is owned.
      if (relation && attached.some(([child, parent]) => child === entry.id && parent === id)) continue;
      if (
        relation &&
        entry.desc === 'SEQUENCE' &&
        toc.some((one) => one.desc === 'SEQUENCE OWNED BY' && one.dependsOn.includes(entry.id))
      )
        continue;
      // Rows that a foreign key needs may be others there: never tied to a table that is not restored.
      if (relation && (entry.desc === 'FK CONSTRAINT' || !present(other))) return { lacks: other };
      if (relation || (PARTS.has(other.desc) && other.desc !== 'SEQUENCE') || present(other)) continue;
      seen.add(other);
      const further = needs(other, seen);
      if ('lacks' in further) return further;
      more.push(other, ...further.more);
    }
    return { more };
  }
  const choose = (entry: LinkedEntry): LinkedEntry | undefined => {
    const found = needs(entry);
    if ('lacks' in found) return found.lacks;
    for (const one of [entry, ...found.more]) chosen.add(one);
    return undefined;
  };

  for (const root of roots) {
    const lacks = choose(root);
    if (lacks)
      throw new Error(
        `${spoken(root)} cannot be without ${spoken(lacks)}: name it too (--table ${lacks.namespace}.${lacks.tag})`,
      );
  }
  const ownNames = [...roots].map((root) => namesOf(root).slice(0, -root.owner.length));
  /** Empty words: it belongs to another table and is none of our business. */
  const leftOut = new Map<LinkedEntry, string>();
  for (let before = -1; before < chosen.size;) {
    before = chosen.size;
    for (const entry of toc) {
      if (!PARTS.has(entry.desc) || chosen.has(entry) || leftOut.has(entry)) continue;
      const on = entry.dependsOn.flatMap((id) => byId.get(id) ?? []).filter((one) => chosen.has(one));
      if (on.length === 0) continue;
      // The table that owns the sequence is none of ours: it was only needed.
      if (
        entry.desc === 'SEQUENCE OWNED BY' &&
        !on[0]?.dependsOn.some((id) => [...roots].some((root) => root.id === id))
      )
        continue;
      const lacks = choose(entry);
      if (lacks)
        leftOut.set(
          entry,
          ownNames.some((name) => namesOf(entry).startsWith(name))
            ? `${spoken(entry)} (needs ${spoken(lacks)})`
            : '',
        );
    }
  }
  const tables = known.tables.filter((table) => [...roots].some((root) => isOf(root, table)));
  const told = [...leftOut].filter(([, words]) => words !== '');
  return {
    entries: toc.filter((entry) => chosen.has(entry)),
    tables,
    left: told.map(([entry]) => entry),
    leftOut: told.map(([, words]) => words),
  };
}
