import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { readFolders, readManifest } from './folder.ts';
import { backupIdOf, isBackupId, MANIFEST } from './layout.ts';

export interface LocalCopyOptions {
  store: ObjectStore;
  /** The backup's folder in the bucket. */
  folder: string;
  dir: string;
  signal: AbortSignal;
}

export interface LocalCopy {
  folder: string;
  bytes: number;
  files: number;
}

interface Expected {
  name: string;
  bytes: number;
  /** Of the objects that the manifest names. */
  sha256?: string;
}

const PARTIAL = '.partial';

const ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room, or set BACKUP_LOCAL_DIR to a larger one',
  EDQUOT: 'the quota is used up: make room, or set BACKUP_LOCAL_DIR to another disk',
  EACCES: 'this user may not write there: mend the rights of BACKUP_LOCAL_DIR',
  EPERM: 'this user may not write there: mend the rights of BACKUP_LOCAL_DIR',
  EROFS: 'the disk is read-only',
  EIO: 'the disk fails',
  ENOENT: 'the folder cannot be made: make it, or mend BACKUP_LOCAL_DIR',
  ENOTDIR: 'BACKUP_LOCAL_DIR is no folder',
  EEXIST: 'BACKUP_LOCAL_DIR is no folder',
};

/** What the disk refused, in words; anything else goes on as it is. */
function localFailure(dir: string, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  const advice = ADVICE[code];
  if (!advice) return error;
  return ApplicationFailure.nonRetryable(
    `No local copy in ${dir}: ${advice} (${code})`,
    code === 'ENOSPC' || code === 'EDQUOT' ? 'LocalDiskFull' : 'LocalCopyFailed',
  );
}

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
}

async function download(
  { store, folder, signal }: LocalCopyOptions,
  target: string,
  { name, bytes: expected, sha256 }: Expected,
): Promise<void> {
  const damaged = (what: string): ApplicationFailure =>
    ApplicationFailure.retryable(`${store.url(folder)}/${name} ${what}`, 'ObjectDamaged');
  const body = await store.get(`${folder}/${name}`, signal);
  if (!body) throw damaged('is not in the bucket');
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    const file = await open(path.join(target, name), 'wx', 0o600);
    try {
      for await (const part of body) {
        signal.throwIfAborted();
        const chunk = part as Buffer;
        hash.update(chunk);
        bytes += chunk.length;
        await file.writeFile(chunk);
      }
      await file.sync();
    } finally {
      await file.close();
    }
  } finally {
    body.destroy();
  }
  if (bytes !== expected) throw damaged(`has ${String(bytes)} bytes instead of ${String(expected)}`);
  if (sha256 !== undefined && hash.digest('hex') !== sha256)
    throw damaged('is not what was written (sha256 differs)');
}

async function expectedFiles({ store, folder }: LocalCopyOptions): Promise<Expected[]> {
  const manifest = await readManifest(store, folder);
  if (!manifest)
    throw ApplicationFailure.nonRetryable(`${store.url(folder)} has no manifest`, 'ObjectMissing');
  const files = new Map<string, Expected>();
  for (const [name, { bytes }] of (await readFolders(store, `${folder}/`)).get(folder) ?? [])
    files.set(name, { name, bytes });
  if (!files.has(MANIFEST))
    throw ApplicationFailure.retryable(
      `the listing of ${store.url(folder)} lacks its manifest`,
      'ObjectStoreUnavailable',
    );
  for (const { name, bytes, sha256 } of manifest.objects) files.set(name, { name, bytes, sha256 });
  return [...files.values()];
}

/** A folder under its final name is whole: it got the name only after all was on the disk. Its sizes are looked at. */
async function isThere(target: string, files: readonly Expected[]): Promise<boolean> {
  for (const { name, bytes } of files) {
    const found = await stat(path.join(target, name)).catch(() => undefined);
    if (found?.size !== bytes) return false;
  }
  return true;
}

/** Keeps the newest copy. Only folders with names of ours: whatever else lies there is someone else's. */
async function removeOlder(dir: string): Promise<void> {
  const names = (await readdir(dir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && isBackupId(entry.name))
    // Ids begin with the date.
    .map(({ name }) => name)
    .sort();
  for (const name of names.slice(0, -1)) {
    // Under another name first: half a removal must not look like a copy.
    const partial = path.join(dir, `${name}${PARTIAL}`);
    await rm(partial, { recursive: true, force: true });
    await rename(path.join(dir, name), partial);
    await rm(partial, { recursive: true, force: true });
  }
}

/**
 * Keeps the last backup on a disk here, encrypted as it is in the bucket. It appears under its id only when all of it
 * was read, compared with the manifest and synced; the older copy stays until then. Repeating it is harmless.
 */
export async function keepLocalCopy(options: LocalCopyOptions): Promise<LocalCopy> {
  const { folder, dir, signal } = options;
  const target = path.join(dir, backupIdOf(folder));
  const partial = target + PARTIAL;
  const files = await expectedFiles(options);
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // What killed workers left, of whichever backup.
    for (const name of await readdir(dir))
      if (name.endsWith(PARTIAL) && isBackupId(name.slice(0, -PARTIAL.length)))
        await rm(path.join(dir, name), { recursive: true, force: true });
    if (!(await isThere(target, files))) {
      const { bavail, bsize } = await statfs(dir);
      // Before the first byte: a full disk hurts more than a missing copy.
      if (bavail * bsize < bytes)
        throw ApplicationFailure.nonRetryable(
          `No local copy in ${dir}: ${String(bytes)} bytes are needed and ${String(bavail * bsize)} free; make room, or set BACKUP_LOCAL_DIR to a larger disk`,
          'LocalDiskFull',
        );
      await mkdir(partial, { mode: 0o700 });
      for (const file of files) {
        signal.throwIfAborted();
        await download(options, partial, file);
      }
      await sync(partial);
      await rm(target, { recursive: true, force: true });
      await rename(partial, target);
      await sync(dir);
    }
    await removeOlder(dir);
    return { folder: target, bytes, files: files.length };
  } catch (error) {
    await rm(partial, { recursive: true, force: true }).catch(() => undefined);
    throw localFailure(dir, error);
  }
}
