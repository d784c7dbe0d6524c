/** One object of an archive: rows as NDJSON, zstd, age; beside it a manifest that anybody may read. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../../clients/object-store.ts';
import { createEphemeralKey, readSealed, seal } from '../../vault/index.ts';
import type { Entry } from './journal.ts';

export interface ArchiveTarget {
  store: ObjectStore;
  /** age public keys of the operator. */
  recipients: readonly string[];
  /** Path of the `zstd` program. */
  zstd: string;
}

/** Some rows: a JSON document each, each ended by its only line break; or a piece of a tar. */
export interface Lines {
  text: string | Buffer;
  rows: number;
}

export interface Verified {
  rows: number;
  /** Of the plain NDJSON. */
  contentSha256: string;
  /** Of the sealed object, as read back. */
  sha256: string;
  bytes: number;
}

// Fast enough to keep up with a deletion; logs compress by 10 and more at any level.
const LEVEL = 3;

/** Of these no value has a line break in JSON; their arrays neither. */
const ONE_LINE =
  /^(bigint|integer|smallint|boolean|text|character( varying)?|uuid|jsonb|numeric|real|double precision|date|time|timestamp|inet)\b/;

/**
 * A row as one line. What a column of type json holds is passed on as it was written, line breaks and all: between its
 * tokens they are mere space, and inside a string JSON has none.
 */
export const lineOf = (alias: string, types: readonly string[] = ['json']): string =>
  types.every((type) => ONE_LINE.test(type))
    ? `row_to_json(${alias}.*)::text`
    : `replace(replace(row_to_json(${alias}.*)::text, E'\\n', ' '), E'\\r', ' ')`;

/**
 * Writes one object and reads it back with a key that lives only here: when it resolves, these very rows can be had
 * again from the store. The same rows make the same content.
 */
export async function storeProven(
  { store, recipients, zstd }: ArchiveTarget,
  key: string,
  lines: Iterable<Lines> | AsyncIterable<Lines>,
  signal: AbortSignal,
): Promise<Verified> {
  const ephemeral = await createEphemeralKey();
  const hash = createHash('sha256');
  let rows = 0;
  async function* plain(): AsyncGenerator<Buffer> {
    for await (const part of lines) {
      const bytes = typeof part.text === 'string' ? Buffer.from(part.text) : part.text;
      hash.update(bytes);
      rows += part.rows;
      yield bytes;
    }
  }
  const stream = Readable.from(plain(), { objectMode: true, highWaterMark: 1 });
  const sealed = await seal(
    // Rows that stop coming are no end of them.
    { stream, done: finished(stream) },
    {
      ...{ store, key, zstd, signal, level: LEVEL },
      recipients: [...recipients, ephemeral.recipient],
      // Its key is of this attempt alone: what is there is its own.
      overwrite: true,
    },
  );
  const contentSha256 = hash.digest('hex');
  const stored = await readSealed({ store, key, identities: [ephemeral.identity], zstd, signal }, sha256Of);
  if (stored.result !== contentSha256 || stored.sha256 !== sealed.sha256)
    throw ApplicationFailure.retryable(
      `${store.url(key)} does not read back as it was written`,
      'ObjectDamaged',
    );
  return { rows, contentSha256, sha256: stored.sha256, bytes: stored.bytes };
}

export const manifestKey = (objectKey: string): string => `${objectKey}.json`;

/** From the journal alone: whoever writes it, and however late, writes the same. */
export async function writeManifest(store: ObjectStore, entry: Entry, source: string): Promise<void> {
  const { objectKey, rows, firstAt, lastAt, verified } = entry;
  if (!verified) throw new Error(`${objectKey} is not verified`);
  const { contentSha256, sha256, bytes } = verified;
  const manifest = {
    ...{ format: 'talos-archive/1', source, rows },
    firstAt: firstAt?.toISOString(),
    lastAt: lastAt?.toISOString(),
    ...{ contentSha256, object: { bytes, sha256 } },
  };
  await store.put(manifestKey(objectKey), JSON.stringify(manifest, undefined, 2), 'application/json');
}

async function sha256Of(parts: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of parts) hash.update(part);
  return hash.digest('hex');
}
