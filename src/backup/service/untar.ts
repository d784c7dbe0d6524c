import type { Readable, Writable } from 'node:stream';
import { extract } from 'tar-stream';
import type { EntryHeader } from './archive-writer.ts';

/**
 * The entries of a tar stream, one after the other; the content of each must be read before the next is asked for.
 * Throws when the stream breaks, or ends within an entry. `bytes`: names are latin1, a character a byte.
 */
export async function* untar(
  stream: Readable,
  names: 'text' | 'bytes',
): AsyncGenerator<{ header: EntryHeader; content: AsyncIterable<Buffer> }> {
  // The library's own types know neither the option nor what an entry yields.
  const options = { filenameEncoding: names === 'bytes' ? 'latin1' : 'utf-8' };
  const tar = extract(options as Parameters<typeof extract>[0]);
  stream.once('error', (error) => tar.destroy(error));
  stream.pipe(tar as unknown as Writable);
  try {
    for await (const entry of tar) yield { header: entry.header, content: entry as AsyncIterable<Buffer> };
  } finally {
    tar.destroy();
  }
}
