import { Readable } from 'node:stream';
import type { HostProcess } from './host.ts';

/** What both kinds of host share: how a script gets to `sh`, and when its output counts as whole. */

/**
 * The command that reads the script from its stdin, and leaves the rest of stdin to it: nothing of the script stands
 * in a process list, no shell's quoting rules matter, and its length has no bound. `dd` byte by byte, because any
 * other reader may take more than its share of the pipe.
 */
export const bootstrap = (script: string): string =>
  `exec sh -c 'eval "$(dd bs=1 count=${String(Buffer.byteLength(script))} 2>/dev/null)"'`;

export const stdinOf = (script: string, stdin: string | Uint8Array = ''): Buffer =>
  Buffer.concat([Buffer.from(script), Buffer.from(stdin)]);

const HEAD = 192 * 1024;
const TAIL = 64 * 1024;

/** Keeps the beginning and the end of a stderr of any length. */
export function stderrKeeper(): { add(chunk: Buffer): void; text(): string } {
  let head = '';
  let tail = '';
  return {
    add(chunk) {
      const text = chunk.toString();
      if (head.length < HEAD) head += text;
      else tail = (tail + text).slice(-TAIL);
    },
    text: () => head + tail,
  };
}

/** A program's output whose end depends on how the program ended. */
export function hostProcess(
  output: Promise<Readable>,
  ended: Promise<{ code: number; stderr: string }>,
  abandon: () => void,
): HostProcess {
  let complete = false;
  async function* whole(): AsyncGenerator<Buffer> {
    try {
      yield* (await output) as AsyncIterable<Buffer>;
    } catch (error) {
      // Why the program is gone says more than how its pipe broke.
      await ended;
      throw error;
    }
    await ended;
    complete = true;
  }
  const stdout = Readable.from(whole(), { objectMode: false, highWaterMark: 256 * 1024 });
  // Not on 'close': that one waits for the generator, which waits for the program to end.
  const destroy = stdout._destroy.bind(stdout);
  stdout._destroy = (error, done) => {
    if (!complete) abandon();
    destroy(error, done);
  };
  // Both are for the caller to handle; one that only looks at the other must not end the process.
  stdout.on('error', () => undefined);
  ended.catch(() => undefined);
  return { stdout, done: ended };
}
