import type { Queryable } from '../clients/postgres.ts';
import { LEFT_OUT } from './catalogue.ts';
import type { DatabaseContent, Dependent } from './manifest.ts';

/** Objects named in one line before the rest is only counted. */
const NAMED_AT_MOST = 6;
/** Kinds that a person looks for; the others (columns, indexes, grants, …) go without saying. */
const TELLING = ['tables', 'views', 'materialised views', 'routines', 'types', 'schemas', 'foreign tables'];

export interface Fallen {
  dependents: Dependent[];
  /** One line for each extension that is missing, and for the tables left out. */
  exceptions: string[];
}

/**
 * The extensions that cannot be created in this database, with the server's reason: not installed, not preloaded, not
 * allowed. Each is tried for real and undone.
 */
export async function missingExtensions(
  db: Queryable,
  { catalogue }: Pick<DatabaseContent, 'catalogue'>,
): Promise<ReadonlyMap<string, string>> {
  const missing = new Map<string, string>();
  for (const name of catalogue['extensions'] ?? []) {
    if (name === 'plpgsql') continue;
    await db.query('begin');
    await db
      .query(`create extension if not exists "${name.replaceAll('"', '""')}" cascade`)
      .catch((error: unknown) => missing.set(name, (error as Error).message));
    await db.query('rollback');
  }
  return missing;
}

const named = (dependents: readonly Dependent[]): string => {
  const telling = dependents.filter(({ kind }) => TELLING.includes(kind));
  const names = telling.map(({ kind, name }) => `${kind === 'tables' ? 'table ' : ''}${name}`);
  const rest = names.length - NAMED_AT_MOST;
  return names.slice(0, NAMED_AT_MOST).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
};

/** What of a database cannot be restored on a server that lacks these extensions. Pure. */
export function fallenOn(missing: ReadonlyMap<string, string>, content: DatabaseContent): Fallen {
  const { dependents = {}, leftOut = [] } = content;
  const exceptions = [...missing].map(([name, reason]) => {
    const objects = named(dependents[name] ?? []);
    return `extension ${name} cannot be created there (${reason})${objects ? `; with it fall ${objects}` : '; nothing else needs it'}`;
  });
  if (leftOut.length > 0) {
    const others = (dependents[LEFT_OUT] ?? []).filter(({ kind }) => kind !== 'tables');
    const objects = named(others);
    exceptions.push(
      `not in the dump, the service keeps them to itself: ${leftOut.join(', ')}${objects ? `; with them fall ${objects}` : ''}`,
    );
  }
  return {
    dependents: [...missing.keys(), LEFT_OUT].flatMap((because) => dependents[because] ?? []),
    exceptions,
  };
}
