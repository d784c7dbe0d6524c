import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startStage } from '../tools/stage.ts';
import { openSealed } from '../vault/index.ts';
import { libpqEnvironment } from './dump.ts';
import type { Restored, RestoreOptions } from './restore.ts';

/**
 * Restores the listed entries of a dump. `pg_restore` ends as soon as it has them, and the rest is not read: what was
 * read is authentic by age's own seal, but the sum of the whole is not known then.
 */
export async function restoreSome(options: RestoreOptions & { list: readonly string[] }): Promise<Restored> {
  const environment = libpqEnvironment(options.url, 'talos-restore');
  const complaints: string[] = [];
  // `pg_restore` takes the list from a file only: names of objects, for this user alone.
  const listFolder = await mkdtemp(path.join(tmpdir(), 'talos-list-'));
  const file = path.join(listFolder, 'restore.list');
  await writeFile(file, options.list.map((line) => `${line}\n`).join(''), { mode: 0o600 });
  const restore = startStage(
    options.tools.pg_restore,
    [
      `--dbname=${environment.PGDATABASE ?? ''}`,
      '--no-password',
      `--use-list=${file}`,
      ...(options.owners ? [] : ['--no-owner', '--no-acl']),
    ],
    {
      stdio: ['pipe', 'ignore', 'pipe'],
      env: environment,
      failure: 'RestoreFailed',
      signal: options.signal,
      onStderr: (line) => {
        if (line.includes('error:')) complaints.push(line.replace(/^pg_restore: /, ''));
      },
    },
  );
  const { stdin } = restore.child;
  if (!stdin) throw new Error('pg_restore has no stdin');
  stdin.on('error', () => undefined);
  try {
    const opened = await openSealed({ ...options, zstd: options.tools.zstd }, stdin);
    const content = await opened.read;
    const [unpacked, restored] = await Promise.allSettled([opened.stage.done, restore.done]);
    // Without a word of its own it did not begin, or was ended.
    if (restored.status === 'rejected' && complaints.length === 0) throw restored.reason;
    // These say no more than that nobody reads on (zstd meets a pipe that was closed, or reset with unread bytes in it);
    // any other end is a damaged object.
    if (
      unpacked.status === 'rejected' &&
      !/SIGPIPE|Write error|Broken pipe/.test((unpacked.reason as Error).message)
    )
      throw unpacked.reason;
    return { ...content, complaints };
  } catch (error) {
    restore.child.kill('SIGTERM');
    await Promise.allSettled([restore.done]);
    throw error;
  } finally {
    await rm(listFolder, { recursive: true, force: true });
  }
}
