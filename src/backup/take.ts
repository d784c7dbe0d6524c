import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { createEphemeralKey } from '../vault/index.ts';
import { toolVersion } from './dump.ts';
import { restoreGuide } from './guide.ts';
import { backupIdOf, DUMP, GUIDE, MANIFEST, RESTORE_LIST, SUMS, sumsFile } from './layout.ts';
import type { Manifest, Proof } from './manifest.ts';
import type { Progress } from './progress.ts';
import { takeParts, type FurtherDatabase } from './parts.ts';
import { prove, type ProofTools } from './prove.ts';
import type { ServiceSettings } from './service-part.ts';
import { isSupabase, projectList } from './supabase.ts';
import { takeDatabase } from './take-database.ts';
import { readToc } from './toc.ts';

export interface TakeOptions {
  store: ObjectStore;
  folder: string;
  databaseUrl: string;
  verifyDatabaseUrl?: string;
  recipients: readonly string[];
  endpoint?: string;
  compressionLevel: number;
  /** Whether a database of so many bytes is digested, or its rows only counted today; always when left out. */
  digests?: (databaseBytes: number) => boolean;
  databases?: readonly FurtherDatabase[];
  service?: ServiceSettings;
  /** False: stored only (a proof that killed earlier workers must not cost the backup). */
  prove: boolean;
  tools: ProofTools & { pg_dump: string };
  workDir: string;
  run: Manifest['run'];
  progress: Progress;
  signal: AbortSignal;
}

/**
 * Failures of a proof that say something of the stored object, and are worth another backup. A key that does not fit
 * is one: the proof's own key was a recipient, so the header is no longer what was written.
 */
const ABOUT_THE_OBJECT = new Set(['ObjectDamaged', 'ObjectMissing', 'WrongKey']);

async function proofOrReason(work: () => Promise<Proof>, signal: AbortSignal): Promise<Proof> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    const { type, message } = error as { type?: string; message: string };
    if (type && ABOUT_THE_OBJECT.has(type)) throw ApplicationFailure.retryable(message, 'ObjectDamaged');
    return { result: 'not proven', reason: message, differences: [] };
  }
}

/** A successor clears the folder of an attempt that it took for lost: then this one must not call it a backup. */
async function refuseIfSwept(store: ObjectStore, folder: string): Promise<void> {
  for await (const { key } of store.list(`${folder}/`)) if (key === `${folder}/${DUMP}`) return;
  throw ApplicationFailure.create({
    type: 'ObjectMissing',
    message: `${store.url(folder)} was cleared by another attempt`,
  });
}

/**
 * Takes one backup into an empty folder of the bucket: one snapshot, dumped, digested, stored, read back and compared,
 * with what stands beside it; the manifest, written last, makes it a backup. Leaves nothing valid behind when it throws.
 */
export async function takeBackup(options: TakeOptions): Promise<Manifest> {
  const { store, folder, tools, progress, signal } = options;
  const begun = performance.now();
  progress.enter('checking the source');
  const pgDumpVersion = await toolVersion(tools.pg_dump);
  // The proof's own recipient: its identity lives in this call, so that proving needs no private key on this machine.
  const ephemeral = await createEphemeralKey();
  const sealing = {
    ...options,
    digests: options.digests ?? (() => true),
    recipients: [...options.recipients, ephemeral.recipient],
    pgDumpVersion,
  };

  const main = await takeDatabase({
    ...sealing,
    name: DUMP,
    url: options.databaseUrl,
    setting: 'BACKUP_DATABASE_URL',
  });
  const secondsToStore = Math.round((performance.now() - begun) / 10) / 100;
  const { facts, source, takenAt, content, dump } = main;
  if (options.prove) progress.enter('proving');
  const proof: Proof = options.prove
    ? await proofOrReason(
        () =>
          prove({
            ...{ store, key: `${folder}/${DUMP}`, identity: ephemeral.identity, source: facts, dump },
            ...{ manifest: content, roles: source.roles, tools, workDir: options.workDir, signal },
            verifyDatabaseUrl: options.verifyDatabaseUrl,
            onRead: (bytes) => progress.bytes(bytes),
          }),
        signal,
      )
    : { result: 'not proven', reason: 'the proof was left out', differences: [] };

  const { parts, objects } = await takeParts({
    ...sealing,
    databases: options.databases ?? [],
    service: options.service,
    ephemeral,
  });

  progress.enter('completing');
  const manifest: Manifest = {
    format: 1,
    backupId: backupIdOf(folder),
    takenAt,
    run: options.run,
    source,
    tools: { pgDump: pgDumpVersion },
    recipients: [...options.recipients],
    objects: [dump, ...objects],
    parts,
    ...content,
    seconds: secondsToStore,
    proof,
  };
  if (isSupabase(manifest)) {
    const from = { store, key: `${folder}/${DUMP}`, identities: [ephemeral.identity], tools, signal };
    // A store that does not give the dump back has cost the proof, which says why: it must not cost the backup.
    const toc = await readToc(from).catch(() => undefined);
    signal.throwIfAborted();
    manifest.restoreList = toc !== undefined;
    if (toc) await store.put(`${folder}/${RESTORE_LIST}`, projectList(toc), 'text/plain; charset=utf-8');
  }
  await store.put(`${folder}/${SUMS}`, sumsFile(manifest), 'text/plain; charset=utf-8');
  await store.put(
    `${folder}/${GUIDE}`,
    restoreGuide(manifest, store.url(folder), options.endpoint),
    'text/markdown; charset=utf-8',
  );
  signal.throwIfAborted();
  await refuseIfSwept(store, folder);
  await store.put(`${folder}/${MANIFEST}`, `${JSON.stringify(manifest, undefined, 1)}\n`, 'application/json');
  return manifest;
}
