import { distance } from 'fastest-levenshtein';
import { DUMP } from './layout.ts';
import { dumpFacts, type DatabaseContent, type Manifest, type ObjectFacts, type Proof } from './manifest.ts';
import type { SourceDescription } from './manifest.ts';

/** One database of a backup: its dump, and what it held. */
export interface ChosenDatabase {
  /** `main`, or the part's name. */
  part: string;
  object: ObjectFacts;
  content: DatabaseContent;
  source: SourceDescription;
  takenAt: string;
  proof: Proof;
}

export const MAIN = 'main';

const databasesOf = (manifest: Manifest): string[] => [
  MAIN,
  ...(manifest.parts ?? []).filter(({ database, object }) => database && object).map(({ part }) => part),
];

/** The object of a part, with its facts; says in words why it cannot be had. */
export function partObject(manifest: Manifest, part: string): ObjectFacts {
  const found = manifest.parts?.find((other) => other.part === part);
  if (!found)
    throw new Error(
      manifest.parts
        ? `backup ${manifest.backupId} holds no ${part}`
        : `backup ${manifest.backupId} holds the main database only: it was taken before other parts were stored`,
    );
  const object = manifest.objects.find(({ name }) => name === found.object);
  if (!object)
    throw new Error(
      `${part} could not be taken in backup ${manifest.backupId}${found.warnings.length > 0 ? ` (${found.warnings.join('; ')})` : ''}: choose another one (talos backup list)`,
    );
  return object;
}

/** The database that `--database` names: the main one when left out. */
export function chooseDatabase(manifest: Manifest, wanted: string = MAIN): ChosenDatabase {
  if (wanted === MAIN || wanted === manifest.source.database) {
    const { source, takenAt, proof } = manifest;
    return {
      part: MAIN,
      object: { ...dumpFacts(manifest), name: DUMP },
      content: manifest,
      source,
      takenAt,
      proof,
    };
  }
  const found = manifest.parts?.find(
    ({ part, database, result }) => part === wanted && (database ?? result === 'failed'),
  );
  if (!found && manifest.parts)
    throw new Error(
      `backup ${manifest.backupId} holds no database '${wanted}', but ${databasesOf(manifest).join(', ')}`,
    );
  const object = partObject(manifest, wanted);
  if (!found?.database) throw new Error(`backup ${manifest.backupId} does not say what ${wanted} held`);
  const { source, takenAt, proof } = found.database;
  return { part: wanted, object, content: found.database, source, takenAt, proof };
}

export interface NamedTable {
  schema: string;
  name: string;
}

/** `"a b".c` of the catalogue (PostgreSQL's `%I.%I`) as its two names. */
const parsed = (qualified: string): NamedTable | undefined => {
  const found = /^(?:"((?:[^"]|"")+)"|([^".]+))\.(?:"((?:[^"]|"")+)"|([^".]+))$/.exec(qualified);
  if (!found) return undefined;
  const plain = (name: string | undefined): string => (name ?? '').replaceAll('""', '"');
  return { schema: found[2] ?? plain(found[1]), name: found[4] ?? plain(found[3]) };
};

export const display = ({ schema, name }: NamedTable): string => `${schema}.${name}`;

/** A name as it is, and as SQL quotes it. */
export const spellings = (name: string): string[] => [name, `"${name.replaceAll('"', '""')}"`];

/** Both spellings of both names: people write either, and so does PostgreSQL. */
export const qualifiedSpellings = ({ schema, name }: NamedTable): string[] =>
  spellings(schema).flatMap((left) => spellings(name).map((right) => `${left}.${right}`));

/** Every table of the database, partitioned ones too, which hold no row of their own. */
function tablesOf(content: DatabaseContent): NamedTable[] {
  const named = [
    ...content.tables.map(({ schema, name }) => ({ schema, name })),
    ...(content.catalogue['tables'] ?? []).flatMap((name) => parsed(name) ?? []),
  ];
  return [...new Map(named.map((table) => [JSON.stringify([table.schema, table.name]), table])).values()];
}

/** The tables that `--table` names: `schema.name`, `name` where only one schema has it, `schema.*`; quoted or not. */
export function resolveTables(wanted: readonly string[], content: DatabaseContent): NamedTable[] {
  const all = tablesOf(content);
  const found = wanted.flatMap((text) => {
    const matching = (asked: string): NamedTable[] =>
      all.filter(
        (table) =>
          qualifiedSpellings(table).includes(asked) ||
          spellings(table.name).includes(asked) ||
          spellings(table.schema).some((schema) => `${schema}.*` === asked),
      );
    const exact = matching(text);
    // SQL would read an unquoted name in lower case.
    const matches = exact.length > 0 ? exact : matching(text.toLowerCase());
    if (matches.length === 0) {
      const near = all
        .map((table) => ({
          name: display(table),
          far: Math.min(distance(text, display(table)), distance(text, table.name)),
        }))
        .sort((a, b) => a.far - b.far)
        .slice(0, 3);
      throw new Error(
        `the backup holds no table '${text}'. Near to it: ${near.map(({ name }) => name).join(', ')}`,
      );
    }
    if (matches.length > 1 && !text.endsWith('.*'))
      throw new Error(
        `'${text}' is the name of several tables, say which: ${matches.map(display).join(', ')}`,
      );
    return matches;
  });
  return [...new Set(found)];
}
