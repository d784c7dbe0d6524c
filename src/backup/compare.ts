import type { Catalogue, DatabaseContent, Dependent, TableFacts } from './manifest.ts';
import type { SequenceReading } from './facts.ts';

/** What a restored copy holds, read with the same queries as the source. */
export interface RestoredFacts {
  tables: TableFacts[];
  sequences: SequenceReading[];
  catalogue: Catalogue;
}

/** Differences listed by name for each kind before the rest is only counted. */
const NAMED_AT_MOST = 5;

const sample = (names: string[]): string =>
  names.slice(0, NAMED_AT_MOST).join(', ') +
  (names.length > NAMED_AT_MOST ? ` and ${String(names.length - NAMED_AT_MOST)} more` : '');

function compareTables(expected: TableFacts[], restored: TableFacts[]): string[] {
  const found = new Map(restored.map((table) => [`${table.schema}.${table.name}`, table]));
  return expected.flatMap((table) => {
    const name = `${table.schema}.${table.name}`;
    const copy = found.get(name);
    if (!copy) return [`table ${name} is missing`];
    if (copy.rows !== table.rows)
      return [`table ${name} has ${String(copy.rows)} rows instead of ${String(table.rows)}`];
    // A big database is digested on some days only: then the rows are counted.
    if (table.digest !== undefined && copy.digest !== undefined && copy.digest !== table.digest)
      return [`table ${name}: the content differs (same number of rows)`];
    return [];
  });
}

function compareCatalogues(
  expected: Catalogue,
  restored: Catalogue,
  leaveOut: readonly string[],
  fallen: ReadonlySet<string>,
): string[] {
  return Object.entries(expected).flatMap(([kind, names]) => {
    if (leaveOut.includes(kind)) return [];
    const found = new Set(restored[kind]);
    const missing = names.filter((name) => !found.has(name) && !fallen.has(`${kind} ${name}`));
    return missing.length > 0 ? [`${kind} missing: ${sample(missing)}`] : [];
  });
}

function compareSequences(expected: DatabaseContent['sequences'], restored: SequenceReading[]): string[] {
  const found = new Map(restored.map((sequence) => [`${sequence.schema}.${sequence.name}`, sequence]));
  return expected.flatMap((sequence) => {
    const name = `${sequence.schema}.${sequence.name}`;
    const copy = found.get(name);
    if (!copy) return [`sequence ${name} is missing`];
    // A sequence that cycles may stand anywhere.
    if (sequence.cycles) return [];
    const [before, after, value] = [BigInt(sequence.before), BigInt(sequence.after), BigInt(copy.value)];
    const [low, high] = before < after ? [before, after] : [after, before];
    if (value < low || value > high)
      return [
        `sequence ${name} stands at ${String(value)}, outside its readings ${String(low)} to ${String(high)}`,
      ];
    const max = sequence.column?.max;
    // A source whose sequence already lags behind its column is the source's fault, not the backup's.
    if (max != null && BigInt(sequence.increment) > 0n && value < BigInt(max) && before >= BigInt(max))
      return [`sequence ${name} stands at ${String(value)}, below its column's maximum ${max}`];
    return [];
  });
}

/**
 * Says in words all that a restored copy lacks or has otherwise; empty means equal.
 * `leaveOut`: kinds of the catalogue that the restore did not aim at (grants, with `--no-owner`).
 * `fallen`: what cannot be restored where an extension is missing.
 */
export function compareWithManifest(
  manifest: Pick<DatabaseContent, 'tables' | 'sequences' | 'catalogue'>,
  restored: RestoredFacts,
  leaveOut: readonly string[] = [],
  fallen: readonly Dependent[] = [],
): string[] {
  const gone = new Set(fallen.map(({ kind, name }) => `${kind} ${name}`));
  const stays = ({ schema, name }: { schema: string; name: string }): boolean =>
    !gone.has(`rows ${schema}.${name}`);
  return [
    ...compareTables(manifest.tables.filter(stays), restored.tables),
    ...compareCatalogues(manifest.catalogue, restored.catalogue, leaveOut, gone),
    ...compareSequences(manifest.sequences.filter(stays), restored.sequences),
  ];
}
