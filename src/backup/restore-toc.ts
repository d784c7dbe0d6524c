import { startStage } from '../tools/stage.ts';
import { openSealed } from '../vault/index.ts';
import { parseToc, type TocEntry, type TocOptions } from './toc.ts';

/** An entry with what it depends on: only that tells which table an index belongs to. */
export interface LinkedEntry extends TocEntry {
  id: number;
  dependsOn: number[];
}

/** Reads the lines of `pg_restore --list --verbose`. */
export function parseLinkedToc(listing: string): LinkedEntry[] {
  const links = new Map<number, number[]>();
  let id = 0;
  for (const line of listing.split('\n')) {
    id = Number(/^(\d+); \d+ \d+ /.exec(line)?.[1] ?? id);
    const ids = /^;\tdepends on: ([\d ]+)$/.exec(line)?.[1];
    if (ids) links.set(id, [...new Set(ids.split(' ').map(Number))]);
  }
  return parseToc(listing).map((entry) => {
    const own = Number.parseInt(entry.line, 10);
    return { ...entry, id: own, dependsOn: links.get(own) ?? [] };
  });
}

/** The dump's table of contents with its dependencies, from the head of the object: only that much is fetched. */
export async function readLinkedToc({ tools, ...open }: TocOptions): Promise<LinkedEntry[]> {
  const list = startStage(tools.pg_restore, ['--list', '--verbose'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { LC_ALL: 'C', TZ: 'UTC' },
    failure: 'ObjectDamaged',
    signal: open.signal,
  });
  const { stdin, stdout } = list.child;
  if (!stdin || !stdout) throw new Error('pg_restore has no pipes');
  stdin.on('error', () => undefined);
  const chunks: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const enough = new AbortController();
  const signal = AbortSignal.any([enough.signal, ...(open.signal ? [open.signal] : [])]);
  try {
    const opened = await openSealed({ ...open, zstd: tools.zstd, signal }, stdin);
    // What is read beyond the head, and how that ends, is of no interest; why the list failed is.
    const reading = Promise.all([opened.read, opened.stage.done]).catch((error: unknown) => error);
    const [listed] = await Promise.allSettled([list.done]);
    enough.abort();
    const trouble = await reading;
    if (listed.status === 'rejected') throw trouble instanceof Error ? trouble : (listed.reason as Error);
  } catch (error) {
    list.child.kill('SIGTERM');
    await Promise.allSettled([list.done]);
    throw error;
  }
  return parseLinkedToc(Buffer.concat(chunks).toString('utf8'));
}
