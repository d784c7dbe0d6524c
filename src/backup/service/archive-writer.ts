import { createHash, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
// tar-stream 3.2: maintained, tried on Node 20; it streams, and knows no file system.
import { pack } from 'tar-stream';

/** The header of an entry, as far as it is kept. */
export interface EntryHeader {
  name: string;
  type?: Parameters<Tar['entry']>[0]['type'];
  size?: number;
  mode?: number;
  mtime?: Date;
  linkname?: string;
  uid?: number;
  gid?: number;
  uname?: string;
  gname?: string;
}

type Tar = ReturnType<typeof pack>;
type Sink = ReturnType<Tar['entry']>;

/** What was written into an archive, or read back from one: equal when all entries and every byte are. */
export interface ArchiveFacts {
  entries: number;
  /** Over type, name, link and content of each entry, in order. */
  digest: string;
}

export interface ArchiveWriter {
  stream: Readable;
  text(name: string, content: string | Buffer): Promise<void>;
  entry(header: EntryHeader, content?: AsyncIterable<Buffer>): Promise<void>;
  finish(): ArchiveFacts;
  fail(error: unknown): void;
}

/** The part of an entry that both sides see alike. */
export function digestHeader(hash: Hash, { type, name, linkname, size }: EntryHeader): void {
  hash.update([type ?? 'file', name, linkname ?? '', String(size ?? 0), ''].join('\0'));
}

const LARGEST_ID = 0o777777;
const LARGEST_TIME = 0x7fff_ffff;

/**
 * tar-stream writes ids of more than 18 bits and times after 2038 as other numbers, and mode 0 as 644; an extended
 * header and a bit that it masks away keep them.
 */
function exact(header: EntryHeader): Parameters<Tar['entry']>[0] {
  const { uid = 0, gid = 0, mode = 0o644, mtime = new Date(0) } = header;
  const seconds = Math.floor(mtime.getTime() / 1000);
  const fits = Math.min(Math.max(seconds, 0), LARGEST_TIME);
  const extended: Record<string, string> = {
    ...(uid > LARGEST_ID && { uid: String(uid) }),
    ...(gid > LARGEST_ID && { gid: String(gid) }),
    ...(seconds !== fits && { mtime: String(seconds) }),
  };
  const written = {
    ...header,
    uid: Math.min(uid, LARGEST_ID),
    gid: Math.min(gid, LARGEST_ID),
    mode: mode | 0o100000,
    mtime: new Date(fits * 1000),
  };
  return Object.keys(extended).length === 0 ? written : { ...written, pax: extended };
}

const drained = (sink: Sink): Promise<void> =>
  new Promise((resolve) => {
    const go = (): void => {
      sink.off('drain', go);
      sink.off('close', go);
      resolve();
    };
    sink.on('drain', go).on('close', go);
  });

/** One tar stream, an entry at a time; nothing is kept but the entry's current chunk. */
export function createArchiveWriter(): ArchiveWriter {
  const tar = pack();
  const hash = createHash('sha256');
  let entries = 0;
  // A failure is told by whoever writes and whoever reads; without a listener it would end the process.
  tar.on('error', () => undefined);

  async function entry(header: EntryHeader, content: AsyncIterable<Buffer> | Buffer[] = []): Promise<void> {
    let sink: Sink | undefined;
    const written = new Promise<void>((resolve, reject) => {
      sink = tar.entry(exact(header), (error) => (error ? reject(error) : resolve()));
    });
    written.catch(() => undefined);
    if (!sink) return written;
    sink.on('error', () => undefined);
    entries += 1;
    digestHeader(hash, header);
    for await (const chunk of content) {
      hash.update(chunk);
      if (sink.destroyed) break;
      if (!sink.write(chunk)) await drained(sink);
    }
    sink.end(undefined);
    await written;
  }

  return {
    stream: Readable.from(tar, { objectMode: false }),
    entry,
    text: (name, content) => {
      const bytes = Buffer.from(content);
      const header = { name, type: 'file', mode: 0o600, size: bytes.length, mtime: new Date() } as const;
      return entry(header, [bytes]);
    },
    finish() {
      tar.finalize();
      return { entries, digest: hash.digest('hex') };
    },
    fail: (error) => void tar.destroy(error instanceof Error ? error : new Error(String(error))),
  };
}
