import { createMissingRoles, restoreDump } from './restore.ts';
import { compareTarget } from './restore-compare.ts';
import {
  planOf,
  prepareRestore,
  type Prepared,
  type RestoreIntoOptions,
  type RestorePlan,
} from './restore-plan.ts';
import { qualified } from './facts.ts';
import { restoreSome } from './restore-some.ts';
import { openTarget } from './restore-target.ts';

export type { RestoreGate, RestoreIntoOptions, RestorePlan } from './restore-plan.ts';

export interface RestoreReport {
  equal: boolean;
  differences: string[];
  /** What could not be restored there, and why: extensions the server lacks. */
  exceptions: string[];
  /** Of the named tables, what needs tables that were not named. */
  leftOut: string[];
  tables: number;
  rolesCreated: string[];
  /** What was done before the database was opened to the application. */
  erasures?: string;
  seconds: number;
}

/** Says what a restore would do, and what forbids it; changes nothing. */
export async function planRestore(options: RestoreIntoOptions): Promise<RestorePlan> {
  const session = await openTarget(options.url);
  return prepareRestore(options, session)
    .then((prepared) => planOf(prepared, options.owners))
    .finally(() => session.close());
}

/** How to be rid of what a restore that broke off has left. */
const mendOf = ({ selection, target }: Prepared): string =>
  selection
    ? `some of the tables may be half restored. Drop them before another try: ${selection.tables
        .map(({ schema, name }) => `drop table if exists ${qualified(schema, name)} cascade;`)
        .join(' ')}`
    : `the target is half restored. Drop it and begin with a new one: drop database ${qualified('', target.database).slice(3)}`;

/** Runs what changes the target; whatever ends it early, the error says what is left there. */
async function changing<Result>(
  prepared: Prepared,
  signal: AbortSignal | undefined,
  work: () => Promise<Result>,
) {
  try {
    return await work();
  } catch (error) {
    const why = signal?.aborted ? 'stopped before the end' : (error as Error).message;
    throw new Error(`${why}; ${mendOf(prepared)}`, { cause: error });
  }
}

/** Restores one backup, or some tables of it, and compares every row with the manifest; refuses a target that holds them. */
export async function restoreInto(options: RestoreIntoOptions): Promise<RestoreReport> {
  const { store, folder, identities, url, owners, signal, onProgress } = options;
  const begun = performance.now();
  const session = await openTarget(url);
  try {
    const prepared = await prepareRestore(options, session);
    const { chosen, problems, selection, fallen, tools, list } = prepared;
    if (problems.length > 0) throw new Error(problems.join('\n'));
    signal?.throwIfAborted();
    const gate = options.database === undefined && options.tables === undefined ? options.gate : undefined;
    const { bytes: total, sha256, name } = chosen.object;
    const { rolesCreated, complaints } = await changing(prepared, signal, async () => {
      await gate?.close(session);
      const created = owners
        ? await createMissingRoles(session, prepared.target.rolesMissing, 'nologin')
        : [];
      const how = {
        ...{ store, identities, url, owners, signal, tools, key: `${folder}/${name}` },
        onRead: (bytes: number) =>
          onProgress(
            `restored ${String(Math.floor((bytes / total) * 100))} % of ${(total / 1e6).toFixed(1)} MB`,
          ),
      };
      const restored = await (list ? restoreSome({ ...how, list }) : restoreDump(how));
      // Not all is read when not all is wanted.
      if ((restored.bytes >= total || !list) && restored.sha256 !== sha256)
        throw new Error(
          `${store.url(folder)}/${name} is not the object that the manifest names: do not use it`,
        );
      return { rolesCreated: created, complaints: restored.complaints };
    });
    const compared = await compareTarget(session, {
      ...{ expected: prepared.expected, fallen: fallen.dependents, owners, signal },
      onTable: (done, of) => onProgress(`restored; compared ${String(done)} of ${String(of)} tables`),
    }).catch((error: unknown) => {
      const why = signal?.aborted ? 'stopped before the end' : (error as Error).message;
      throw new Error(`${why}; the target is restored, but not compared with the manifest to the end`, {
        cause: error,
      });
    });
    const erasures = await gate?.open();
    const differences = [...compared, ...complaints];
    return {
      equal: differences.length === 0,
      differences,
      exceptions: fallen.exceptions,
      leftOut: selection?.leftOut ?? [],
      tables: prepared.expected.tables.length,
      rolesCreated,
      ...(erasures && { erasures }),
      seconds: Math.round((performance.now() - begun) / 100) / 10,
    };
  } finally {
    await session.close();
  }
}
