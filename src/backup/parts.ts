import { Readable } from 'node:stream';
import type { ObjectStore } from '../clients/object-store.ts';
import { seal, type EphemeralKey, type Sealed } from '../vault/index.ts';
import { readGlobals } from './globals.ts';
import type { ObjectFacts, PartFacts } from './manifest.ts';
import { prove, type ProofTools } from './prove.ts';
import { readBack } from './read-back.ts';
import { readArchive } from './service/index.ts';
import { openService, type ServiceSettings } from './service-part.ts';
import { takeDatabase, type TakeDatabaseOptions } from './take-database.ts';

/** A database beside the application's: our own, Temporal's, n8n's. */
export interface FurtherDatabase {
  /** Names the part and its object: `operations`. */
  part: string;
  url: string;
  setting: string;
}

export interface PartsOptions extends Omit<TakeDatabaseOptions, 'name' | 'url' | 'setting' | 'tools'> {
  store: ObjectStore;
  databaseUrl: string;
  databases: readonly FurtherDatabase[];
  /** nginx, environment files and n8n; undefined where nothing of them is configured. */
  service: ServiceSettings | undefined;
  ephemeral: EphemeralKey;
  prove: boolean;
  tools: ProofTools & { pg_dump: string };
  workDir: string;
  verifyDatabaseUrl?: string;
}

export interface TakenParts {
  parts: PartFacts[];
  objects: ObjectFacts[];
}

type Taken = Omit<PartFacts, 'part'> & { stored?: ObjectFacts };

const stored = (name: string, { bytes, sha256, rawBytes }: Sealed): ObjectFacts => ({
  name,
  bytes,
  sha256,
  rawBytes,
});

async function takeGlobals(options: PartsOptions): Promise<Taken> {
  const { store, folder, tools, signal, ephemeral } = options;
  const name = 'globals.sql.zst.age';
  const { sql, withPasswords } = await readGlobals(tools.pg_dump, options.databaseUrl, signal);
  const sealed = await seal(
    { stream: Readable.from([sql]), done: Promise.resolve() },
    sealOptions(options, name),
  );
  const object = stored(name, sealed);
  await readBack({
    ...{ store, key: `${folder}/${name}`, identity: ephemeral.identity, object, zstd: tools.zstd, signal },
  });
  return {
    stored: object,
    result: 'read back',
    warnings: withPasswords
      ? []
      : ['roles without their passwords (the server does not show them): set them anew after a restore'],
  };
}

const sealOptions = (options: PartsOptions, name: string) => ({
  store: options.store,
  key: `${options.folder}/${name}`,
  recipients: options.recipients,
  zstd: options.tools.zstd,
  level: options.compressionLevel,
  signal: options.signal,
  onStored: (bytes: number) => options.progress.bytes(bytes),
});

async function takeService(options: PartsOptions, settings: ServiceSettings): Promise<Taken> {
  const { store, folder, tools, signal, ephemeral } = options;
  const name = 'files.tar.zst.age';
  const { archive, close } = openService(settings, signal);
  try {
    const sealed = await seal(archive.producer, sealOptions(options, name));
    const { warnings, ...written } = await archive.finished;
    const object = stored(name, sealed);
    const key = `${folder}/${name}`;
    const found = await readBack(
      { store, key, identity: ephemeral.identity, object, zstd: tools.zstd, signal },
      readArchive,
    );
    if (found.digest !== written.digest)
      throw new Error(
        `reads back otherwise than it was written (${String(found.entries)} files of ${String(written.entries)})`,
      );
    return { stored: object, result: 'read back', warnings, entries: written.entries };
  } finally {
    await close();
  }
}

async function takeFurther(options: PartsOptions, { part, url, setting }: FurtherDatabase): Promise<Taken> {
  const { store, folder, signal, ephemeral, progress } = options;
  const name = `${part}.dump.zst.age`;
  const taken = await takeDatabase({ ...options, name, url, setting });
  const { source, content, takenAt, dump } = taken;
  if (options.prove) progress.enter(`proving ${part}`);
  const proof = options.prove
    ? await prove({
        ...{ store, key: `${folder}/${name}`, identity: ephemeral.identity, source: taken.facts, dump },
        ...{ manifest: content, roles: source.roles, tools: options.tools, workDir: options.workDir, signal },
        verifyDatabaseUrl: options.verifyDatabaseUrl,
        onRead: (bytes) => progress.bytes(bytes),
      })
    : { result: 'not proven' as const, reason: 'the proof was left out', differences: [] };
  return {
    stored: dump,
    result: proof.result,
    warnings: [...(proof.reason ? [proof.reason] : []), ...proof.differences.slice(0, 5)],
    database: { ...content, source, takenAt, proof },
  };
}

/**
 * Takes what stands beside the application's database, each part on its own: one that fails is named with its reason,
 * and costs neither the others nor the backup.
 */
export async function takeParts(options: PartsOptions): Promise<TakenParts> {
  const { service, progress, signal, store, folder } = options;
  const works: [string, () => Promise<Taken>][] = [
    ['globals', () => takeGlobals(options)],
    ...(service ? [['files', () => takeService(options, service)] as [string, () => Promise<Taken>]] : []),
    ...options.databases.map((database): [string, () => Promise<Taken>] => [
      database.part,
      () => takeFurther(options, database),
    ]),
  ];
  const parts: PartFacts[] = [];
  const objects: ObjectFacts[] = [];
  for (const [part, work] of works) {
    progress.enter(`storing ${part}`);
    try {
      const { stored: object, ...facts } = await work();
      parts.push({ part, ...(object ? { object: object.name } : {}), ...facts });
      if (object) objects.push(object);
    } catch (error) {
      signal.throwIfAborted();
      parts.push({ part, result: 'failed', warnings: [(error as Error).message] });
      // An object that could not be read back must not lie beside those that were.
      for (const name of [`${part}.dump.zst.age`, `${part}.sql.zst.age`, `${part}.tar.zst.age`])
        await store.remove(`${folder}/${name}`).catch(() => undefined);
    }
  }
  return { parts, objects };
}
