import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { readSealed } from '../vault/index.ts';
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
  const found = await readSealed({ ...options, identities: [options.identity] }, read);
  const same = found.sha256 === object.sha256 && found.bytes === object.bytes;
  if (!same || (typeof found.result === 'number' && found.result !== object.rawBytes))
    throw ApplicationFailure.create({
      type: 'ObjectDamaged',
      message: `${store.url(key)} reads back otherwise than it was written`,
    });
  return found.result;
}
