import type { ObjectStore } from '../clients/object-store.ts';
import type { PostgresSession } from '../clients/postgres.ts';
import { resolveTools, type ToolOptions } from '../tools/index.ts';
import { fallenOn, missingExtensions, type Fallen } from './exceptions.ts';
import { findFittingKey, readKeys } from './keys.ts';
import { totalRows, type Manifest } from './manifest.ts';
import { expectedOf, type Expected } from './restore-compare.ts';
import { chooseDatabase, display, resolveTables, type ChosenDatabase } from './restore-source.ts';
import { selectTables, type Selection } from './restore-tables.ts';
import { problemsOf, readPresent, readTarget, type Target } from './restore-target.ts';
import { readLinkedToc } from './restore-toc.ts';
import { withoutFallen, type TocEntry } from './toc.ts';

/** Stands between restored data and the application. */
export interface RestoreGate {
  /** Before the first row is there. */
  close(session: PostgresSession): Promise<void>;
  /** After the last: does what must be done first, and says in a line what that was. Rejects: it stays closed. */
  open(): Promise<string>;
  /** Why these tables must not come without the others. */
  forbids(tables: readonly string[]): Promise<string | undefined>;
}

export interface RestoreIntoOptions {
  store: ObjectStore;
  folder: string;
  manifest: Manifest;
  /** Private keys, any one of which may fit. */
  identities: readonly string[];
  /** The target: a database that exists and holds no table yet; with `tables`, none of these. */
  url: string;
  /** A database beside the main one (`operations`, …); the main one when left out. */
  database?: string;
  /** Only these tables, with what makes them up and what they need. */
  tables?: readonly string[];
  owners: boolean;
  /** For the main database: the whole of it is closed and opened; some tables alone may be forbidden. */
  gate?: RestoreGate;
  tools: ToolOptions;
  signal?: AbortSignal;
  onProgress: (line: string) => void;
}

/** All that is known before anything is changed. */
export interface Prepared {
  chosen: ChosenDatabase;
  tools: { zstd: string; pg_restore: string };
  target: Target;
  selection?: Selection;
  fallen: Fallen;
  expected: Expected;
  /** Lines for `pg_restore --use-list`, where not all is restored. */
  list?: string[];
  problems: string[];
}

const NOTHING_FALLEN: Fallen = { dependents: [], exceptions: [] };

const extensionsOf = ({ entries }: Selection): string[] =>
  entries.filter(({ desc }) => desc === 'EXTENSION').map(({ tag }) => tag);

/** Looks at backup, key and target, and changes nothing. */
export async function prepareRestore(
  options: RestoreIntoOptions,
  session: PostgresSession,
): Promise<Prepared> {
  const { store, folder, manifest, signal, owners } = options;
  const chosen = chooseDatabase(manifest, options.database);
  const wanted = options.tables && resolveTables(options.tables, chosen.content);
  const tools = await resolveTools(['zstd', 'pg_restore'], {
    ...options.tools,
    minPostgresMajor: Number.parseInt(chosen.source.serverVersion, 10),
  });
  const target = await readTarget(session, chosen.source.roles);
  // A wrong key must not be found out after roles were made.
  const found = await findFittingKey(store, folder, manifest, await readKeys(options.identities.join('\n')));
  if ('problem' in found) throw new Error(found.problem);
  const identities = [found.key.identity];
  const key = `${folder}/${chosen.object.name}`;
  const toc = await readLinkedToc({ ...{ store, key, identities, tools, signal } });
  const selection =
    wanted &&
    selectTables(
      toc,
      wanted,
      { tables: chosen.content.tables, roles: chosen.source.roles },
      await readPresent(session),
    );
  const problems = problemsOf(target, chosen, selection?.tables, owners);
  const forbidden =
    selection &&
    options.database === undefined &&
    (await options.gate?.forbids(selection.tables.map(display)));
  if (forbidden) problems.push(forbidden);
  // Tried for real, and undone: not in a database that is refused anyhow.
  const extensions = selection ? extensionsOf(selection) : (chosen.content.catalogue['extensions'] ?? []);
  const missing = await missingExtensions(session, {
    catalogue: { extensions: problems.length > 0 ? [] : extensions },
  });
  const fallen = selection ? NOTHING_FALLEN : fallenOn(missing, chosen.content);
  const kept = new Set<TocEntry>(withoutFallen(selection?.entries ?? toc, fallen.dependents).kept);
  const entries = toc.filter((entry) => kept.has(entry));
  // Of the whole database much can be had without an extension; a table that needs it cannot.
  if (selection)
    for (const [name, reason] of missing)
      problems.push(`the tables need the extension ${name}, which cannot be created there (${reason})`);
  return {
    ...{ chosen, tools, target, selection, fallen, problems },
    expected: selection ? expectedOf(chosen.content, selection) : chosen.content,
    ...(entries.length < toc.length ? { list: entries.map(({ line }) => line) } : {}),
  };
}

/** What `--dry-run` says. Sizes in bytes, times in seconds. */
export interface RestorePlan {
  database: string;
  into: string;
  targetVersion: string;
  tables: number;
  rows: number;
  /** Only when some tables were asked for. */
  names?: string[];
  leftOut: string[];
  rolesToCreate: string[];
  /** What cannot be restored there, and why. */
  exceptions: string[];
  storedBytes: number;
  rawBytes?: number;
  /** As measured when the backup was proven. */
  restoreSeconds?: number;
  /** What forbids the restore; empty when it can begin. */
  problems: string[];
}

export const planOf = (
  { chosen, target, selection, fallen, expected, problems }: Prepared,
  owners: boolean,
): RestorePlan => ({
  database: chosen.source.database,
  into: target.database,
  targetVersion: target.serverVersion,
  tables: expected.tables.length,
  rows: totalRows(expected),
  ...(selection ? { names: selection.tables.map(display) } : {}),
  leftOut: selection?.leftOut ?? [],
  rolesToCreate: owners ? target.rolesMissing : [],
  exceptions: fallen.exceptions,
  storedBytes: chosen.object.bytes,
  rawBytes: chosen.object.rawBytes,
  restoreSeconds: chosen.proof.restoreSeconds,
  problems,
});
