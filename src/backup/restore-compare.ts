import type { PostgresSession } from '../clients/postgres.ts';
import { readCatalogue } from './catalogue.ts';
import { compareWithManifest } from './compare.ts';
import { FACTS_SESSION, listTables, readSequences, tableFacts } from './facts.ts';
import type { Catalogue, DatabaseContent, Dependent, TableFacts } from './manifest.ts';
import { qualifiedSpellings, spellings } from './restore-source.ts';
import type { Selection } from './restore-tables.ts';

export type Expected = Pick<DatabaseContent, 'tables' | 'sequences' | 'catalogue'>;

/** What of the manifest a restore of some tables must show: nothing else of the target is read or judged. */
export function expectedOf(content: DatabaseContent, selection: Selection): Expected {
  const { tables, entries } = selection;
  const isOurs = (schema: string, name: string): boolean =>
    tables.some((table) => table.schema === schema && table.name === name);
  const names = tables.flatMap(qualifiedSpellings);
  const listed = (...descs: string[]): Set<string> =>
    new Set(
      entries
        .filter(({ desc }) => descs.includes(desc))
        .flatMap(({ namespace, tag, desc }) =>
          qualifiedSpellings({
            schema: namespace,
            name: desc === 'CONSTRAINT' ? tag.slice(tag.indexOf(' ') + 1) : tag,
          }),
        ),
    );
  const indexes = listed('INDEX', 'CONSTRAINT');
  // `pg_restore --list` names the table before a constraint, a policy or a trigger.
  const left = new Set(selection.left.flatMap(({ tag }) => spellings(tag.slice(tag.indexOf(' ') + 1))));
  const onOurs = (name: string): boolean =>
    names.some((table) => name.endsWith(` on ${table}`) && !left.has(name.slice(0, -` on ${table}`.length)));
  const keep: Record<string, (name: string) => boolean> = {
    tables: (name) => names.includes(name),
    columns: (name) => names.some((table) => name.startsWith(`${table}.`)),
    'valid indexes': (name) => indexes.has(name),
    'valid constraints': onOurs,
    triggers: onOurs,
    policies: onOurs,
    'tables with row security': (name) => names.includes(name),
    grants: (name) => names.some((table) => name.includes(` on ${table} to `)),
  };
  const catalogue: Catalogue = Object.fromEntries(
    Object.entries(keep).map(([kind, fits]) => [kind, (content.catalogue[kind] ?? []).filter(fits)]),
  );
  return {
    tables: content.tables.filter(({ schema, name }) => isOurs(schema, name)),
    sequences: content.sequences.filter(({ column }) => column && isOurs(column.schema, column.table)),
    catalogue,
  };
}

export interface CompareOptions {
  expected: Expected;
  fallen: readonly Dependent[];
  /** False: grants were not restored. */
  owners: boolean;
  signal?: AbortSignal;
  onTable: (done: number, of: number) => void;
}

/** Counts and digests in the target what the manifest names, and says in words what differs. */
export async function compareTarget(session: PostgresSession, options: CompareOptions): Promise<string[]> {
  const { expected, signal } = options;
  await session.query(FACTS_SESSION);
  const there = new Set(
    (await listTables(session)).map(({ schema, name }) => JSON.stringify([schema, name])),
  );
  const tables: TableFacts[] = [];
  for (const [index, table] of expected.tables.entries()) {
    signal?.throwIfAborted();
    options.onTable(index, expected.tables.length);
    if (there.has(JSON.stringify([table.schema, table.name])))
      tables.push(await tableFacts(session, table, table.digest !== undefined));
  }
  // Only the source's own maximum of a column is compared with.
  const restored = {
    tables,
    sequences: await readSequences(session, false),
    catalogue: await readCatalogue(session),
  };
  return compareWithManifest(expected, restored, options.owners ? [] : ['grants'], options.fallen);
}
