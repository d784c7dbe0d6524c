/** One object of an archive: rows as NDJSON, zstd, age; beside it a manifest that anybody may read. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../../clients/object-store.ts';
import { createEphemeralKey, openSealed, seal } from '../../vault/index.ts';

export interface ArchiveTarget {
  store: ObjectStore;
  /** age public keys of the operator. */
  recipients: readonly string[];
  /** Path of the `zstd` program. */
  zstd: string;
}

export interface Content {
  key: string;
  /** What the rows are of: `public.app_logs`, a week's logs. */
  source: string;
  /** One JSON document each, without line breaks; read once. */
  lines: Iterable<string> | AsyncIterable<string>;
  firstAt: Date | undefined;
  lastAt: Date | undefined;
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

/**
 * Writes one object and reads it back with a key that lives only here: when it resolves, these very rows can be had
 * again from the store. The same rows make the same content; an object of the same key is written over.
 */
export async function storeVerified(
  { store, recipients, zstd }: ArchiveTarget,
  { key, source, lines, firstAt, lastAt }: Content,
  signal: AbortSignal,
): Promise<Verified> {
  const ephemeral = await createEphemeralKey();
  const hash = createHash('sha256');
  let rows = 0;
  async function* plain(): AsyncGenerator<string> {
    for await (const line of lines) {
      const text = `${line}\n`;
      hash.update(text);
      rows += 1;
      yield text;
    }
  }
  const stream = Readable.from(plain(), { objectMode: true });
  const sealed = await seal(
    // Rows that stop coming are no end of them.
    { stream, done: finished(stream) },
    {
      store,
      key,
      recipients: [...recipients, ephemeral.recipient],
      zstd,
      level: LEVEL,
      signal,
      overwrite: true,
    },
  );
  const contentSha256 = hash.digest('hex');
  const { stage, read } = await openSealed(
    { store, key, identities: [ephemeral.identity], zstd, signal },
    'pipe',
  );
  const { stdout } = stage.child;
  if (!stdout) throw new Error('zstd has no stdout');
  const [content, stored] = await Promise.all([sha256Of(stdout), read, stage.done]);
  if (content !== contentSha256 || stored.sha256 !== sealed.sha256)
    throw ApplicationFailure.retryable(
      `${store.url(key)} does not read back as it was written`,
      'ObjectDamaged',
    );
  await store.put(
    `${key}.json`,
    JSON.stringify(
      {
        format: 'talos-archive/1',
        source,
        rows,
        firstAt: firstAt?.toISOString(),
        lastAt: lastAt?.toISOString(),
        contentSha256,
        object: { bytes: stored.bytes, sha256: stored.sha256 },
      },
      undefined,
      2,
    ),
    'application/json',
  );
  return { rows, contentSha256, sha256: stored.sha256, bytes: stored.bytes };
}

async function sha256Of(parts: Iterable<string> | AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of parts) hash.update(part);
  return hash.digest('hex');
}
