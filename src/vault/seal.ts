import type { Writable } from 'node:stream';
import type { ObjectStore } from '../clients/object-store.ts';
import { startStage } from '../tools/stage.ts';
import { encrypt } from './age.ts';
import { uploadStream, type Uploaded } from './upload.ts';

export interface Sealed extends Uploaded {
  /** Bytes before compression, as zstd counted them. */
  rawBytes: number;
}

export interface SealOptions {
  store: ObjectStore;
  key: string;
  /** age public keys; any one of their identities opens the object. */
  recipients: readonly string[];
  /** Path of the `zstd` program. */
  zstd: string;
  /** zstd level 1 to 19. */
  level: number;
  signal?: AbortSignal;
  onStored?: (bytes: number) => void;
}

/** Starts the program that writes the plain content to `stdout`, and resolves when it has ended well. */
export type Producer = (stdout: Writable) => { done: Promise<void> };

/**
 * Streams what a program writes through zstd and age into one object, in one pass and in constant memory.
 * The program's stdout is zstd's stdin itself: no plain byte passes through this process.
 * The object comes into being only after every stage ended with exit code 0.
 */
export async function seal(produce: Producer, options: SealOptions): Promise<Sealed> {
  let rawBytes = 0;
  const compressor = startStage(options.zstd, [`-${String(options.level)}`, '-vv', '--no-progress', '-c'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    failure: 'CompressionFailed',
    signal: options.signal,
    // `-vv` is what makes zstd say the exact sizes: `(884000000 B => 133900000 B, …)`.
    onStderr: (line) => (rawBytes = Number(/\((\d+) B =>/.exec(line)?.[1] ?? rawBytes)),
  });
  const { stdin, stdout } = compressor.child;
  if (!stdin || !stdout) throw new Error('zstd has no pipes');
  stdin.on('error', () => undefined);
  const producer = produce(stdin);
  // Our copy of the pipe's end: closed, so that zstd sees the end when the producer ends.
  stdin.destroy();
  try {
    const sealed = await encrypt(stdout, options.recipients);
    const uploaded = await uploadStream(sealed, {
      store: options.store,
      key: options.key,
      signal: options.signal,
      onStored: options.onStored,
      beforeComplete: async () => {
        await producer.done;
        await compressor.done;
      },
    });
    return { ...uploaded, rawBytes };
  } catch (error) {
    // Nobody reads any more: end both, and wait, so that no program outlives the attempt.
    compressor.child.kill('SIGTERM');
    await Promise.allSettled([producer.done, compressor.done]);
    throw error;
  }
}
