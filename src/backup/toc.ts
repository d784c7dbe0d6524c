import { startStage } from '../tools/stage.ts';
import { openSealed, type OpenOptions } from '../vault/index.ts';
import type { Dependent } from './manifest.ts';

/** One line of `pg_restore -l`: `220; 1259 16719 TABLE public h postgres`. */
export interface TocEntry {
  /** As `pg_restore -L` takes it back. */
  line: string;
  /** Catalogue and object, `1259 16719`; `0 16719` for a table's data; `0 0` where the dump keeps none. */
  entry: string;
  /** `TABLE`, `FK CONSTRAINT`, `TABLE DATA`, … */
  desc: string;
  /** `-` for what lies in no schema. */
  namespace: string;
  /** What is meant, without the owner: `h`, `h h_pkey`, `TABLE h` (of a comment or grant). */
  tag: string;
  owner: string;
}

/** Kinds of two and more words; every other kind is one word. */
const LONG_KINDS = [
  'MATERIALIZED VIEW DATA',
  'ACCESS METHOD',
  'BLOB COMMENTS',
  'BLOB METADATA',
  'CHECK CONSTRAINT',
  'DATABASE PROPERTIES',
  'DEFAULT ACL',
  'EVENT TRIGGER',
  'FK CONSTRAINT',
  'FOREIGN DATA WRAPPER',
  'FOREIGN SERVER',
  'FOREIGN TABLE',
  'INDEX ATTACH',
  'LARGE OBJECT',
  'MATERIALIZED VIEW',
  'OPERATOR CLASS',
  'OPERATOR FAMILY',
  'PROCEDURAL LANGUAGE',
  'PUBLICATION TABLES IN SCHEMA',
  'PUBLICATION TABLE',
  'ROW SECURITY',
  'SECURITY LABEL',
  'SEQUENCE OWNED BY',
  'SEQUENCE SET',
  'SHELL TYPE',
  'STATISTICS DATA',
  'SUBSCRIPTION TABLE',
  'TABLE ATTACH',
  'TABLE DATA',
  'TEXT SEARCH CONFIGURATION',
  'TEXT SEARCH DICTIONARY',
  'TEXT SEARCH PARSER',
  'TEXT SEARCH TEMPLATE',
  'USER MAPPING',
];

/** Reads the lines of `pg_restore -l`; a name with a line break stands there with a blank in its place. */
export function parseToc(listing: string): TocEntry[] {
  const entries: TocEntry[] = [];
  for (const line of listing.split('\n')) {
    const found = /^\d+; (\d+ \d+) (.+)$/.exec(line);
    if (!found) continue;
    const [, entry = '', rest = ''] = found;
    const desc = LONG_KINDS.find((kind) => rest.startsWith(`${kind} `)) ?? rest.slice(0, rest.indexOf(' '));
    const words = rest.slice(desc.length + 1).split(' ');
    const [namespace = '-'] = words;
    entries.push({
      line,
      entry,
      desc,
      namespace,
      tag: words.slice(1, -1).join(' '),
      owner: words.at(-1) ?? '',
    });
  }
  return entries;
}

export interface TocOptions extends Omit<OpenOptions, 'zstd'> {
  tools: { zstd: string; pg_restore: string };
}

/** What `pg_restore --list` says of the dump. It stands at its head: only that much is fetched. */
export async function readListing(
  { tools, ...open }: TocOptions,
  ...options: '--verbose'[]
): Promise<string> {
  const list = startStage(tools.pg_restore, ['--list', ...options], {
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
  // It reads no further than it needs: let go of the rest of the object then.
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
    return Buffer.concat(chunks).toString('utf8');
  } catch (error) {
    list.child.kill('SIGTERM');
    await Promise.allSettled([list.done]);
    throw error;
  }
}

export const readToc = async (options: TocOptions): Promise<TocEntry[]> =>
  parseToc(await readListing(options));

/** A name as comments and grants write it: quoted where SQL needs it. */
const sql = (name: string): string =>
  /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** How lines without an oid (comments, grants, sequences' values) begin that belong to an entry. */
const spokenOf = ({ desc, tag }: TocEntry): string[] => {
  if (/^(TABLE|VIEW|MATERIALIZED VIEW|FOREIGN TABLE)$/.test(desc))
    return ['TABLE', desc].flatMap((kind) => [`${kind} ${sql(tag)} `, `COLUMN ${sql(tag)}.`]);
  return desc === 'SEQUENCE'
    ? [`SEQUENCE ${sql(tag)} `, `${tag} `]
    : [`${desc} ${tag} `, `${desc} ${sql(tag)} `];
};

/**
 * Parts the table of contents: what can be restored without the fallen objects, and what falls with them, their data,
 * comments and grants included.
 */
export function withoutFallen(
  toc: readonly TocEntry[],
  fallen: readonly Dependent[],
): { kept: TocEntry[]; left: TocEntry[] } {
  const ids = new Set(fallen.flatMap(({ entry }) => [entry, `0 ${entry.split(' ')[1] ?? ''}`]));
  ids.delete('0 0');
  const direct = new Set(toc.filter(({ entry }) => entry !== '0 0' && ids.has(entry)));
  const spoken = new Map<string, string[]>();
  for (const entry of direct)
    spoken.set(entry.namespace, [...(spoken.get(entry.namespace) ?? []), ...spokenOf(entry)]);
  const falls = (item: TocEntry): boolean => {
    if (direct.has(item)) return true;
    if (item.entry !== '0 0') return false;
    // An owner of two words would be taken for part of the name: only the beginning counts.
    const words = `${item.tag} ${item.owner}`;
    return (spoken.get(item.namespace) ?? []).some((beginning) => words.startsWith(beginning));
  };
  const left = toc.filter(falls);
  const gone = new Set(left);
  return { kept: toc.filter((item) => !gone.has(item)), left };
}
