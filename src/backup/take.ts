import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { createEphemeralKey, seal } from '../vault/index.ts';
import { startDump, toolVersion } from './dump.ts';
import { readSequences } from './facts.ts';
import { backupIdOf, DUMP, GUIDE, MANIFEST, restoreGuide, SUMS, sumsFile } from './layout.ts';
import type { Manifest, Proof } from './manifest.ts';
import type { Progress } from './progress.ts';
import { prove, type ProofTools } from './prove.ts';
import { beginSnapshot, boundSequences, readSnapshot } from './snapshot.ts';
import { checkSource, openSource } from './source.ts';

export interface TakeOptions {
  store: ObjectStore;
  folder: string;
  databaseUrl: string;
  verifyDatabaseUrl?: string;
  recipients: readonly string[];
  endpoint?: string;
  compressionLevel: number;
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
 * Takes one backup into an empty folder of the bucket: one snapshot, dumped, digested, stored, read back and compared;
 * the manifest, written last, makes it a backup. Leaves nothing valid behind when it throws.
 */
export async function takeBackup(options: TakeOptions): Promise<Manifest> {
  const { store, folder, tools, progress, signal } = options;
  const begun = performance.now();
  const session = await openSource(options.databaseUrl);
  // Either of dump and manifest failing ends the other: none runs on for nothing.
  const either = new AbortController();
  const both = AbortSignal.any([signal, either.signal]);
  // A statement that waits at a lock ends only with its connection.
  both.addEventListener('abort', () => void session.close(), { once: true });
  try {
    progress.enter('checking the source');
    const pgDump = await toolVersion(tools.pg_dump);
    const source = await checkSource(session, options.databaseUrl, pgDump);
    // The proof's own recipient: its identity lives in this call, so that proving needs no private key on this machine.
    const ephemeral = await createEphemeralKey();

    progress.enter('dumping');
    const snapshot = await beginSnapshot(session);
    const sequencesBefore = await readSequences(session, true);
    const stop = (error: unknown): never => {
      either.abort(error);
      throw error;
    };
    const [dumping, reading] = await Promise.allSettled([
      seal(
        (stdout) =>
          startDump(stdout, {
            pgDump: tools.pg_dump,
            url: options.databaseUrl,
            snapshot: snapshot.id,
            signal: both,
            onTable: (table) => progress.table(table),
          }),
        {
          store,
          key: `${folder}/${DUMP}`,
          recipients: [...options.recipients, ephemeral.recipient],
          zstd: tools.zstd,
          level: options.compressionLevel,
          signal: both,
          onStored: (bytes) => progress.bytes(bytes),
        },
      ).catch(stop),
      readSnapshot(session, both, (done, of) => progress.digests(done, of)).catch(stop),
    ]);
    // Both have ended here: whatever failed first, no part and no program of this attempt is still under way.
    if (dumping.status === 'rejected' || reading.status === 'rejected') throw either.signal.reason as Error;
    const [stored, facts] = [dumping.value, reading.value];
    const sequences = await boundSequences(session, sequencesBefore);
    await session.query('commit');

    const dump = { name: DUMP, bytes: stored.bytes, sha256: stored.sha256, rawBytes: stored.rawBytes };
    const secondsToStore = Math.round((performance.now() - begun) / 10) / 100;
    const { roles, ...content } = facts;
    if (options.prove) progress.enter('proving');
    const proof: Proof = options.prove
      ? await proofOrReason(
          () =>
            prove({
              store,
              key: `${folder}/${DUMP}`,
              identity: ephemeral.identity,
              source,
              dump,
              manifest: { ...content, sequences },
              roles,
              tools,
              workDir: options.workDir,
              verifyDatabaseUrl: options.verifyDatabaseUrl,
              signal,
              onRead: (bytes) => progress.bytes(bytes),
            }),
          signal,
        )
      : { result: 'not proven', reason: 'the proof was left out', differences: [] };

    progress.enter('completing');
    const manifest: Manifest = {
      format: 1,
      backupId: backupIdOf(folder),
      takenAt: snapshot.takenAt,
      run: options.run,
      source: {
        database: source.database,
        serverVersion: source.serverVersion,
        encoding: source.encoding,
        collate: source.collate,
        ctype: source.ctype,
        roles,
      },
      tools: { pgDump },
      recipients: [...options.recipients],
      objects: [dump],
      ...content,
      sequences,
      seconds: secondsToStore,
      proof,
    };
    await store.put(`${folder}/${SUMS}`, sumsFile(manifest), 'text/plain; charset=utf-8');
    await store.put(
      `${folder}/${GUIDE}`,
      restoreGuide(manifest, store.url(folder), options.endpoint),
      'text/markdown; charset=utf-8',
    );
    signal.throwIfAborted();
    await refuseIfSwept(store, folder);
    await store.put(
      `${folder}/${MANIFEST}`,
      `${JSON.stringify(manifest, undefined, 1)}\n`,
      'application/json',
    );
    return manifest;
  } finally {
    await session.close();
  }
}
