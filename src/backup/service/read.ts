import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import { digestHeader, type ArchiveFacts } from './archive-writer.ts';
import { untar } from './untar.ts';

/**
 * Reads an archive to its end: what it holds must equal what `serviceArchive` says it wrote. `onEntry` hears each name.
 * Rejects with `ObjectDamaged` when the stream is cut or is no archive.
 */
export async function readArchive(stream: Readable, onEntry?: (name: string) => void): Promise<ArchiveFacts> {
  const hash = createHash('sha256');
  let entries = 0;
  try {
    for await (const { header, content } of untar(stream, 'text')) {
      entries += 1;
      digestHeader(hash, header);
      onEntry?.(header.name);
      for await (const chunk of content) hash.update(chunk);
    }
  } catch (error) {
    if (error instanceof ApplicationFailure) throw error;
    throw ApplicationFailure.retryable(
      `The archive cannot be read to its end: ${error instanceof Error ? error.message : 'unknown error'}`,
      'ObjectDamaged',
    );
  } finally {
    stream.destroy();
  }
  return { entries, digest: hash.digest('hex') };
}
