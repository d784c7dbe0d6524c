import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { openPostgresSession } from '../clients/postgres.ts';
import { compareWithManifest } from './compare.ts';
import { libpqEnvironment } from './dump.ts';
import { fallenOn, missingExtensions } from './exceptions.ts';
import type { DatabaseContent, ObjectFacts, Proof } from './manifest.ts';
import { createMissingRoles, readRestored, restoreDump } from './restore.ts';
import { createScratchDatabase, startScratchServer, sweepScratch, type ScratchDatabase } from './scratch.ts';
import type { SourceFacts } from './source.ts';
import { readToc, withoutFallen } from './toc.ts';

export interface ProofTools {
  zstd: string;
  pg_restore: string;
  initdb: string;
  postgres: string;
  pg_amcheck: string | undefined;
}

export interface ProofOptions {
  store: ObjectStore;
  key: string;
  identity: string;
  source: Omit<SourceFacts, 'leftOut'>;
  dump: ObjectFacts;
  manifest: DatabaseContent;
  roles: readonly string[];
  tools: ProofTools;
  workDir: string;
  verifyDatabaseUrl?: string;
  signal: AbortSignal;
  onRead: (bytes: number) => void;
}

/** What a full disk makes the throw-away server say; what it then lacks says nothing of the backup. */
const NO_ROOM = /could not .*(No space left on device|Disk quota exceeded)/;

const seconds = (since: number): number => Math.round((performance.now() - since) / 10) / 100;

/** Checks the restored heap and indexes; undefined where PostgreSQL's program or extension is not installed. */
async function amcheck(
  tool: string | undefined,
  url: string,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  if (!tool) return undefined;
  const environment = libpqEnvironment(url, 'talos-proof');
  try {
    await promisify(execFile)(tool, ['--install-missing', `--database=${environment.PGDATABASE ?? ''}`], {
      env: environment,
      signal,
      maxBuffer: 16 * 1024 * 1024,
    });
    return [];
  } catch (error) {
    const { code, stdout } = error as { code?: number | string; stdout?: string };
    // 2 is "corruption found"; anything else says that the check itself could not run.
    if (code !== 2) return undefined;
    return (stdout ?? '')
      .split('\n')
      .filter(Boolean)
      .slice(0, 3)
      .map((line) => `pg_amcheck: ${line}`);
  }
}

/**
 * Proves a stored dump: reads it back from the bucket, restores it into a throw-away PostgreSQL of the same major,
 * and compares every row, the catalogue and the sequences with what the source held in the dump's own snapshot.
 * Differences are a result; only a damaged object (worth another backup) and local trouble are thrown.
 */
export async function prove(options: ProofOptions): Promise<Proof> {
  const { store, key, source, dump, tools, workDir, signal } = options;
  const begun = performance.now();
  await sweepScratch(workDir);
  const scratch: ScratchDatabase = options.verifyDatabaseUrl
    ? await createScratchDatabase(options.verifyDatabaseUrl, source)
    : await startScratchServer(tools, workDir, source);
  try {
    const admin = await openPostgresSession({ url: scratch.url, applicationName: 'talos-proof' });
    let missing: ReadonlyMap<string, string>;
    try {
      missing = await missingExtensions(admin, options.manifest);
      await createMissingRoles(
        admin,
        options.roles,
        options.verifyDatabaseUrl ? 'nologin' : 'nologin superuser',
      );
    } finally {
      await admin.close();
    }
    const restoreBegun = performance.now();
    const { dependents, exceptions } = fallenOn(missing, options.manifest);
    const from = { store, key, identities: [options.identity], tools, signal };
    const list = dependents.length > 0 ? withoutFallen(await readToc(from), dependents).kept : undefined;
    const restored = await restoreDump({
      ...from,
      url: scratch.url,
      owners: true,
      list: list?.map(({ line }) => line),
      onRead: options.onRead,
    });
    const restoreSeconds = seconds(restoreBegun);
    if (restored.sha256 !== dump.sha256 || restored.bytes !== dump.bytes)
      throw ApplicationFailure.create({
        type: 'ObjectDamaged',
        message: `${store.url(key)} reads back otherwise than it was written (${String(restored.bytes)} of ${String(dump.bytes)} bytes)`,
      });
    const noRoom = restored.complaints.map((line) => NO_ROOM.exec(line)?.[0]).find(Boolean);
    if (noRoom)
      throw ApplicationFailure.create({
        type: 'ProofServerFailed',
        message: `there was no room to restore it: ${noRoom}`,
      });
    const digests = options.manifest.tables.some(({ digest }) => digest !== undefined);
    const checked = await amcheck(tools.pg_amcheck, scratch.url, signal);
    const differences = [
      ...compareWithManifest(
        options.manifest,
        await readRestored(scratch.url, signal, digests),
        [],
        dependents,
      ),
      ...restored.complaints.slice(0, 5),
      ...(checked ?? []),
    ];
    return {
      result: differences.length > 0 ? 'not proven' : exceptions.length > 0 ? 'proven except' : 'proven',
      ...(exceptions.length > 0 ? { exceptions } : {}),
      differences,
      restoreSeconds,
      seconds: seconds(begun),
      checkedWith: [
        'rows',
        ...(digests ? ['digests'] : []),
        'catalogue',
        'sequences',
        ...(checked ? ['pg_amcheck'] : []),
      ],
    };
  } finally {
    await scratch.close();
  }
}
