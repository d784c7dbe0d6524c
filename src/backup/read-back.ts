import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { openSealed } from '../vault/index.ts';
import type { ObjectFacts } from './manifest.ts';

export interface ReadBackOptions {
  store: ObjectStore;
  key: string;
  identity: string;
  object: ObjectFacts;
  zstd: string;
  signal: AbortSignal;
}

const countBytes = async (plain: Readable): Promise<number> => {
  let bytes = 0;
  for await (const chunk of plain) bytes += (chunk as Buffer).length;
  return bytes;
};

/**
 * Reads a sealed object back from the bucket, decrypted and decompressed to its end, and compares it with what was
 * written; `read` may look into the content, and must read it whole.
 */
export async function readBack<Result = number>(
  options: ReadBackOptions,
  read: (plain: Readable) => Promise<Result> = countBytes as (plain: Readable) => Promise<Result>,
): Promise<Result> {
  const { store, key, object } = options;
  const opened = await openSealed({ ...options, identities: [options.identity] }, 'pipe');
  const { stdout } = opened.stage.child;
  if (!stdout) throw new Error('zstd has no stdout');
  const [content, ciphertext] = await Promise.all([read(stdout), opened.read, opened.stage.done]);
  const same = ciphertext.sha256 === object.sha256 && ciphertext.bytes === object.bytes;
  if (!same || (typeof content === 'number' && content !== object.rawBytes))
    throw ApplicationFailure.create({
      type: 'ObjectDamaged',
      message: `${store.url(key)} reads back otherwise than it was written`,
    });
  return content;
}
