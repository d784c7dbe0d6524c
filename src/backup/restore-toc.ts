import { parseToc, readListing, type TocEntry, type TocOptions } from './toc.ts';

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

/** With what each entry depends on. */
export const readLinkedToc = async (options: TocOptions): Promise<LinkedEntry[]> =>
  parseLinkedToc(await readListing(options, '--verbose'));
