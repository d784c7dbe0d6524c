import { resolveTools } from '../tools/index.ts';
import type { Manifest, PartFacts, Proof } from './manifest.ts';
import { prove } from './prove.ts';
import { readBack } from './read-back.ts';
import { chooseDatabase, partObject } from './restore-source.ts';
import { readArchive } from './service/index.ts';
import type { VerifyOptions } from './verify.ts';

/** What became of one part: a database is restored and compared, anything else opened and read to its end. */
export interface VerifiedPart {
  part: string;
  /** `not stored`: the backup says itself that it lacks the part. */
  result: Proof['result'] | 'read back' | 'not stored';
  restoreSeconds?: number;
}

/** Where to find a backup, and one private key that fits. */
export interface Opened {
  folder: string;
  manifest: Manifest;
  identity: string;
}

/** Restores one database of a backup, the main one when none is named, into a throw-away one, as the daily proof does. */
export async function restoreAndCompare(
  options: VerifyOptions,
  { folder, manifest, identity }: Opened,
  part?: string,
): Promise<Proof> {
  const { store, workDir, verifyDatabaseUrl, signal, onProgress } = options;
  const { object, content, source, part: name } = chooseDatabase(manifest, part);
  const serverMajor = Number.parseInt(source.serverVersion, 10);
  const tools = await resolveTools(['zstd', 'pg_restore', 'initdb', 'postgres', 'pg_amcheck'], {
    ...options.tools,
    minPostgresMajor: serverMajor,
  });
  return prove({
    ...{ store, key: `${folder}/${object.name}`, identity, dump: object, manifest: content, tools },
    source: { ...source, serverMajor, bytes: object.rawBytes ?? 0 },
    roles: source.roles,
    ...{ workDir, verifyDatabaseUrl, signal },
    onRead: (bytes) =>
      onProgress(`restored ${String(Math.floor((bytes / object.bytes) * 100))} % of ${name}`),
  });
}

/** Archives count their entries while they are read; SQL only has to come out whole. */
async function readPart(options: VerifyOptions, opened: Opened, { part, entries }: PartFacts): Promise<void> {
  const { store, signal } = options;
  const { folder, manifest, identity } = opened;
  const object = partObject(manifest, part);
  const { zstd } = await resolveTools(['zstd'], options.tools);
  const from = { store, key: `${folder}/${object.name}`, identity, object, zstd, signal };
  if (!object.name.includes('.tar.')) return void (await readBack(from));
  const found = await readBack(from, readArchive);
  if (entries !== undefined && found.entries !== entries)
    throw new Error(`holds ${String(found.entries)} entries instead of ${String(entries)}`);
}

/** Checks what lies beside the main database, one after the other: a part that is wrong does not hide another one. */
export async function verifyParts(
  options: VerifyOptions,
  opened: Opened,
): Promise<{ parts: VerifiedPart[]; differences: string[] }> {
  const parts: VerifiedPart[] = [];
  const differences: string[] = [];
  for (const facts of opened.manifest.parts ?? []) {
    const { part, object, database } = facts;
    try {
      if (!object) parts.push({ part, result: 'not stored' });
      else if (database) {
        const proof = await restoreAndCompare(options, opened, part);
        parts.push({ part, result: proof.result, restoreSeconds: proof.restoreSeconds });
        differences.push(...proof.differences.map((line) => `${part}: ${line}`));
      } else {
        await readPart(options, opened, facts);
        parts.push({ part, result: 'read back' });
      }
    } catch (error) {
      options.signal.throwIfAborted();
      parts.push({ part, result: 'not proven' });
      differences.push(`${part}: ${(error as Error).message}`);
    }
  }
  return { parts, differences };
}
