import { createHash } from 'node:crypto';
import type { Readable, Writable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import { startStage, type Stage } from '../tools/stage.ts';
import { decrypt } from './age.ts';

export interface OpenOptions {
  store: ObjectStore;
  key: string;
  identities: readonly string[];
  /** Path of the `zstd` program. */
  zstd: string;
  signal?: AbortSignal;
  /** Called with the bytes read from the store so far. */
  onRead?: (bytes: number) => void;
}

export interface OpenedObject {
  /** The `zstd -d` stage whose stdout is the plain content, handed straight to the program that reads it. */
  stage: Stage;
  /** Resolves, once everything was read, with what the store really holds; rejects when it was cut or changed. */
  read: Promise<{ bytes: number; sha256: string }>;
}

/** Writes a stream into a program's stdin; a program that ended early is judged by its exit code, not by EPIPE. */
async function feed(
  source: AsyncIterable<Uint8Array>,
  sink: NodeJS.WritableStream & { destroyed?: boolean },
): Promise<void> {
  sink.on('error', () => undefined);
  for await (const chunk of source) {
    if (sink.destroyed) break;
    if (!sink.write(chunk))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          sink.off('drain', go);
          sink.off('close', go);
          resolve();
        };
        sink.on('drain', go).on('close', go);
      });
  }
  sink.end();
}

/**
 * Opens a sealed object (zstd inside age) as a stream: bucket → decrypt → decompress → `stdout`, a program's stdin
 * or 'pipe'. Nothing plain touches a disk, memory is constant.
 */
export async function openSealed(options: OpenOptions, stdout: Writable | 'pipe'): Promise<OpenedObject> {
  const { store, key, signal } = options;
  const sealed = await store.get(key, signal);
  if (!sealed)
    throw ApplicationFailure.nonRetryable(`${store.url(key)} is not in the bucket`, 'ObjectMissing');

  const hash = createHash('sha256');
  let bytes = 0;
  async function* metered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      hash.update(chunk);
      bytes += chunk.length;
      options.onRead?.(bytes);
      yield chunk;
    }
  }
  const plain = await decrypt(metered(sealed), options.identities);

  const stage = startStage(options.zstd, ['-d', '-q', '-c'], {
    stdio: ['pipe', stdout, 'pipe'],
    failure: 'ObjectDamaged',
    signal,
  });
  // Our copy of the pipe's end: closed, so that the program sees the end when zstd ends.
  if (stdout !== 'pipe') stdout.destroy();
  const stdin = stage.child.stdin;
  if (!stdin) throw new Error('zstd has no stdin');
  const read = feed(plain, stdin).then(
    () => ({ bytes, sha256: hash.digest('hex') }),
    (error: unknown) => {
      stage.child.kill('SIGTERM');
      throw ApplicationFailure.create({
        message: `${store.url(key)} cannot be read to its end: ${error instanceof Error ? error.message : String(error)}`,
        type: 'ObjectDamaged',
      });
    },
  );
  read.catch(() => undefined);
  return { stage, read };
}

/** Reads a sealed object to its end: what `consume` made of the plain content, and what the store really held. */
export async function readSealed<Result>(
  options: OpenOptions,
  consume: (plain: Readable) => Promise<Result>,
): Promise<{ result: Result; bytes: number; sha256: string }> {
  const { stage, read } = await openSealed(options, 'pipe');
  const { stdout } = stage.child;
  if (!stdout) throw new Error('zstd has no stdout');
  const [result, stored] = await Promise.all([consume(stdout), read, stage.done]);
  return { result, ...stored };
}
