import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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
  /** Writes over an object that is there; else it is refused, where the store can. */
  overwrite?: boolean;
}

/** Starts the program that writes the plain content to `stdout`, and resolves when it has ended well. */
export type ProgramProducer = (stdout: Writable) => { done: Promise<void> };

/** Plain content made in this process, for what no single program writes. `done` settles once the stream has. */
export interface StreamProducer {
  stream: Readable;
  done: Promise<unknown>;
}

export type Producer = ProgramProducer | StreamProducer;

/** Gives zstd's stdin to the program, or the stream to zstd; resolves when the content is whole. */
function connect(producer: Producer, stdin: Writable): Promise<unknown> {
  if (typeof producer === 'function') {
    const { done } = producer(stdin);
    // Our copy of the pipe's end: closed, so that zstd sees the end when the program ends.
    stdin.destroy();
    return done;
  }
  // A broken stream closes the pipe, and zstd ends well with what it got: `done` is what tells the difference.
  // A zstd that ended early is judged by its exit code, not by EPIPE.
  const fed = pipeline(producer.stream, stdin).catch(() => undefined);
  return Promise.all([producer.done, fed]);
}

/**
 * Streams plain content through zstd and age into one object, in one pass and in constant memory.
 * A program's stdout is zstd's stdin itself: no plain byte passes through this process.
 * The object comes into being only after every stage ended well.
 */
export async function seal(produce: Producer, options: SealOptions): Promise<Sealed> {
  let rawBytes = 0;
  const compressor = startStage(options.zstd, [`-${String(options.level)}`, '-vv', '--no-progress', '-c'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    failure: 'CompressionFailed',
    signal: options.signal,
    // `-vv` is what makes zstd say the exact sizes: `(884000000 B => 133900000 B, …)`.
    onStderr: (line) => (rawBytes = Number(/\(\s*(\d+) B =>/.exec(line)?.[1] ?? rawBytes)),
  });
  const { stdin, stdout } = compressor.child;
  if (!stdin || !stdout) throw new Error('zstd has no pipes');
  stdin.on('error', () => undefined);
  // Until the upload is open nobody reads: without a listener Node throws away what a program that has ended left here.
  stdout.on('readable', () => undefined);
  const produced = connect(produce, stdin);
  // Awaited below; until then a rejection must not end the process as unhandled.
  produced.catch(() => undefined);
  try {
    const sealed = await encrypt(stdout, options.recipients);
    const uploaded = await uploadStream(sealed, {
      store: options.store,
      key: options.key,
      signal: options.signal,
      onStored: options.onStored,
      overwrite: options.overwrite,
      beforeComplete: async () => {
        // In this order: a producer whose reader died only knows of a broken pipe.
        await compressor.done;
        await produced;
      },
    });
    return { ...uploaded, rawBytes };
  } catch (error) {
    // Nobody reads any more: end both, and wait, so that no program outlives the attempt.
    compressor.child.kill('SIGTERM');
    await Promise.allSettled([produced, compressor.done]);
    throw error;
  }
}
