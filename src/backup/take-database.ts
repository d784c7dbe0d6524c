import type { ObjectStore } from '../clients/object-store.ts';
import { seal } from '../vault/index.ts';
import { startDump } from './dump.ts';
import { readSequences } from './facts.ts';
import type { DatabaseContent, ObjectFacts, SourceDescription } from './manifest.ts';
import type { Progress } from './progress.ts';
import { beginSnapshot, boundSequences, readSnapshot } from './snapshot.ts';
import { checkSource, openSource, type SourceFacts } from './source.ts';

export interface TakeDatabaseOptions {
  store: ObjectStore;
  folder: string;
  /** Name of the object. */
  name: string;
  url: string;
  /** Name of the setting that `url` came from, for messages. */
  setting: string;
  recipients: readonly string[];
  compressionLevel: number;
  /** False: rows are counted, contents not digested. */
  digests: (databaseBytes: number) => boolean;
  tools: { zstd: string; pg_dump: string };
  pgDumpVersion: string;
  progress: Progress;
  signal: AbortSignal;
}

export interface TakenDatabase {
  facts: SourceFacts;
  source: SourceDescription;
  takenAt: string;
  content: DatabaseContent;
  dump: ObjectFacts;
}

/**
 * Stores one database as one sealed dump, and reads what it held in the dump's own snapshot. Leaves no object behind
 * when it throws, and ends each program it started.
 */
export async function takeDatabase(options: TakeDatabaseOptions): Promise<TakenDatabase> {
  const { store, folder, name, url, setting, tools, progress, signal } = options;
  const session = await openSource(url, setting);
  // Either of dump and reading failing ends the other: none runs on for nothing.
  const either = new AbortController();
  const both = AbortSignal.any([signal, either.signal]);
  // A statement that waits at a lock ends only with its connection.
  both.addEventListener('abort', () => void session.close(), { once: true });
  try {
    const facts = await checkSource(session, url, options.pgDumpVersion, setting);
    progress.enter(`dumping ${facts.database}`);
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
            url,
            snapshot: snapshot.id,
            leftOut: facts.leftOut,
            signal: both,
            onTable: (table) => progress.table(table),
          }),
        {
          store,
          key: `${folder}/${name}`,
          recipients: options.recipients,
          zstd: tools.zstd,
          level: options.compressionLevel,
          signal: both,
          onStored: (bytes) => progress.bytes(bytes),
        },
      ).catch(stop),
      readSnapshot(session, {
        signal: both,
        leftOut: facts.leftOut,
        digests: options.digests(facts.bytes),
        onTable: (done, of) => progress.digests(done, of),
      }).catch(stop),
    ]);
    // Both have ended here: whatever failed first, no part and no program of this attempt is still under way.
    if (dumping.status === 'rejected' || reading.status === 'rejected') throw either.signal.reason as Error;
    const { bytes, sha256, rawBytes } = dumping.value;
    const { roles, ...read } = reading.value;
    const sequences = await boundSequences(session, sequencesBefore);
    await session.query('commit');
    const { database, serverVersion, encoding, collate, ctype } = facts;
    return {
      facts,
      source: { database, serverVersion, encoding, collate, ctype, roles },
      takenAt: snapshot.takenAt,
      content: { ...read, sequences },
      dump: { name, bytes, sha256, rawBytes },
    };
  } finally {
    await session.close();
  }
}
