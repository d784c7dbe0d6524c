import { chmod, mkdir, readdir } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import type { ObjectStore } from '../clients/object-store.ts';
import { resolveTools, type ToolOptions } from '../tools/index.ts';
import { startStage } from '../tools/stage.ts';
import { openSealed } from '../vault/index.ts';
import type { Manifest } from './manifest.ts';
import { partObject } from './restore-source.ts';

/** The archive of what is no database: configuration, n8n's workflows, logs. */
const FILES = 'files';

export interface FilesOptions {
  store: ObjectStore;
  folder: string;
  manifest: Manifest;
  identities: readonly string[];
  /** A folder that does not exist yet, or is empty; or where the tar itself goes. */
  to: string | Writable;
  tools: ToolOptions;
  signal?: AbortSignal;
  onProgress: (line: string) => void;
}

export interface FilesReport {
  bytes: number;
  /** As the backup counted them; absent when it did not. */
  entries?: number;
}

async function makeFolder(folder: string): Promise<void> {
  // The archive holds passwords: nobody else on this machine may look in, whatever the modes inside.
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
    throw new Error(`${folder} cannot be made (${error.code ?? error.message}): name a new folder`);
  });
  if ((await readdir(folder)).length > 0)
    throw new Error(`${folder} is not empty: nothing is ever written over. Name a new folder`);
  await chmod(folder, 0o700);
}

/**
 * Opens the archive of files of a backup: as a tar, or unpacked by the system's `tar`, which refuses paths that lead out.
 * Modes are kept, and owners when root unpacks: the files are meant to go back to their places.
 */
export async function restoreFiles(options: FilesOptions): Promise<FilesReport> {
  const { store, folder, manifest, identities, to, signal, onProgress } = options;
  const object = partObject(manifest, FILES);
  const { zstd } = await resolveTools(['zstd'], options.tools);
  const open = {
    ...{ store, identities, zstd, signal, key: `${folder}/${object.name}` },
    onRead: (bytes: number) =>
      onProgress(
        `read ${String(Math.floor((bytes / object.bytes) * 100))} % of ${(object.bytes / 1e6).toFixed(1)} MB`,
      ),
  };
  if (typeof to === 'string') await makeFolder(to);
  const tar =
    typeof to === 'string'
      ? startStage('tar', ['-x', '-p', '--numeric-owner', '-f', '-', '-C', to], {
          stdio: ['pipe', 'ignore', 'pipe'],
          failure: 'FilesNotUnpacked',
          signal,
        })
      : undefined;
  try {
    const sink = tar?.child.stdin;
    sink?.on('error', () => undefined);
    const opened = await openSealed(open, sink ?? 'pipe');
    if (typeof to !== 'string') opened.stage.child.stdout?.pipe(to, { end: false });
    const content = await opened.read;
    await opened.stage.done;
    await tar?.done;
    // The archive may have set the mode of the folder itself.
    if (typeof to === 'string') await chmod(to, 0o700);
    if (content.sha256 !== object.sha256)
      throw new Error(
        `${store.url(folder)}/${object.name} is not the object that the manifest names: do not use it`,
      );
    const entries = manifest.parts?.find(({ part }) => part === FILES)?.entries;
    return { bytes: content.bytes, ...(entries === undefined ? {} : { entries }) };
  } catch (error) {
    tar?.child.kill('SIGTERM');
    const [ending] = await Promise.allSettled([tar?.done]);
    const cause =
      ending.status === 'rejected' && !signal?.aborted ? (ending.reason as Error) : (error as Error);
    const why = signal?.aborted ? 'stopped before the end' : cause.message;
    throw new Error(typeof to === 'string' ? `${why}; ${to} is half unpacked: delete it` : why, {
      cause: error,
    });
  }
}
