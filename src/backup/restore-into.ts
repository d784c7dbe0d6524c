import type { ObjectStore } from '../clients/object-store.ts';
import { openPostgresSession } from '../clients/postgres.ts';
import { resolveTools, type ToolOptions } from '../tools/index.ts';
import { compareWithManifest } from './compare.ts';
import { listTables } from './facts.ts';
import { DUMP } from './layout.ts';
import { dumpFacts, type Manifest } from './manifest.ts';
import { createMissingRoles, readRestored, restoreDump } from './restore.ts';

export interface RestoreIntoOptions {
  store: ObjectStore;
  folder: string;
  manifest: Manifest;
  identities: readonly string[];
  /** The target: a database that exists and holds no table yet. */
  url: string;
  owners: boolean;
  tools: ToolOptions;
  onProgress: (line: string) => void;
}

export interface RestoreReport {
  equal: boolean;
  differences: string[];
  tables: number;
  rolesCreated: string[];
  seconds: number;
}

/** Restores one backup into an empty database and compares every row with the manifest; refuses any other target. */
export async function restoreInto(options: RestoreIntoOptions): Promise<RestoreReport> {
  const { store, folder, manifest, url, onProgress } = options;
  const begun = performance.now();
  const tools = await resolveTools(['zstd', 'pg_restore'], {
    ...options.tools,
    minPostgresMajor: Number.parseInt(manifest.source.serverVersion, 10),
  });
  const session = await openPostgresSession({ url, applicationName: 'talos-restore' });
  let rolesCreated: string[] = [];
  try {
    const there = await listTables(session);
    if (there.length > 0)
      throw new Error(
        `the target already holds ${String(there.length)} table(s) (${there
          .slice(0, 3)
          .map(({ schema, name }) => `${schema}.${name}`)
          .join(', ')} …): restore into a new, empty database`,
      );
    if (options.owners) {
      rolesCreated = await createMissingRoles(session, manifest.source.roles, 'nologin');
      if (rolesCreated.length > 0) onProgress(`created roles without login: ${rolesCreated.join(', ')}`);
    }
  } finally {
    await session.close();
  }
  const total = dumpFacts(manifest).bytes;
  const restored = await restoreDump({
    store,
    key: `${folder}/${DUMP}`,
    identities: options.identities,
    url,
    tools,
    owners: options.owners,
    onRead: (bytes) =>
      onProgress(`read ${String(Math.floor((bytes / total) * 100))} % of ${(total / 1e6).toFixed(1)} MB`),
  });
  if (restored.sha256 !== dumpFacts(manifest).sha256)
    throw new Error(
      `${store.url(folder)}/${DUMP} is not the object that the manifest names: do not use this copy`,
    );
  onProgress('comparing every table with the manifest');
  const differences = [
    ...compareWithManifest(manifest, await readRestored(url), options.owners ? [] : ['grants']),
    ...restored.complaints,
  ];
  return {
    equal: differences.length === 0,
    differences,
    tables: manifest.tables.length,
    rolesCreated,
    seconds: Math.round((performance.now() - begun) / 100) / 10,
  };
}
