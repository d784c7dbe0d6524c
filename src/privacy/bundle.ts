/** The file that a customer’s data travel in: a tar that needs nothing of ours to be read. */
import { buffer } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { ApplicationFailure } from '@temporalio/common';
import { extract, pack } from 'tar-stream';
import { asLines, sha256, type Content } from './content.ts';

export interface BundleManifest {
  format: 'talos-customer/1';
  mapVersion: string;
  createdAt: string;
  tables: { name: string; file: string; rows: number; sha256: string }[];
  files: { bucket: string; name: string; file: string; bytes: number; sha256: string }[];
  /** Files that Storage has and this does not: it is not configured, or they are gone. */
  filesLeft: number;
}

export type Entries = Map<string, Buffer>;

/** A file of Storage; undefined: it is not there. */
export type Download = (bucket: string, name: string) => Promise<Buffer | undefined>;

const MANIFEST = 'manifest.json';

const README = `DONNÉES D'UN CLIENT

Ce fichier tar contient les données d'un seul client, sous une forme que tout ordinateur sait lire.

manifest.json   ce que contient l'archive : tables, nombre de lignes, empreintes SHA-256
tables/         une table par fichier, une ligne JSON par enregistrement (NDJSON, UTF-8) ;
                les fichiers sont numérotés dans l'ordre où ils peuvent être réinsérés
files/          les fichiers du client, s'il en a (photo, exports)

Vérifier un fichier :        sha256sum tables/*.ndjson
Lire une table :             jq . tables/01-public.accounts.ndjson
Ouvrir dans un tableur :     jq -r '[.[]] | @csv' tables/01-public.accounts.ndjson > accounts.csv

Ces données sont personnelles : ne les gardez pas plus longtemps que nécessaire.
`;

export async function makeBundle(
  content: Content,
  { mapVersion, download }: { mapVersion: string; download: Download | undefined },
): Promise<{ manifest: BundleManifest; entries: Entries }> {
  const entries: Entries = new Map([['LISEZ-MOI.txt', Buffer.from(README)]]);
  const tables = content.tables
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows, sha256: digest }, index) => {
      const file = `tables/${String(index + 1).padStart(2, '0')}-${name}.ndjson`;
      entries.set(file, Buffer.from(asLines(rows)));
      return { name, file, rows: rows.length, sha256: digest };
    });
  const files: BundleManifest['files'] = [];
  for (const { bucket, name } of content.files) {
    const bytes = await download?.(bucket, name);
    if (!bytes) continue;
    // Names may hold anything; the manifest says which is which.
    const file = `files/${String(files.length + 1).padStart(4, '0')}`;
    entries.set(file, bytes);
    files.push({ bucket, name, file, bytes: bytes.length, sha256: sha256(bytes) });
  }
  const manifest: BundleManifest = {
    ...{ format: 'talos-customer/1', mapVersion, createdAt: new Date().toISOString(), tables, files },
    filesLeft: content.files.length - files.length,
  } as const;
  return {
    manifest,
    entries: new Map([[MANIFEST, Buffer.from(JSON.stringify(manifest, null, 2))], ...entries]),
  };
}

export function asTar(entries: Entries): Readable {
  const tar = pack();
  for (const [name, bytes] of entries) tar.entry({ name, size: bytes.length, mode: 0o600 }, bytes);
  tar.finalize();
  return tar as unknown as Readable;
}

const damaged = (why: string): ApplicationFailure =>
  ApplicationFailure.retryable(`the archive of a customer ${why}`, 'ArchiveDamaged');

/** Reads a whole bundle and compares every file with the manifest. */
export async function readBundle(stream: Readable): Promise<{ manifest: BundleManifest; entries: Entries }> {
  const entries: Entries = new Map();
  const tar = extract();
  stream.on('error', (error) => tar.destroy(error));
  stream.pipe(tar);
  for await (const entry of tar) entries.set(entry.header.name, await buffer(entry));
  const text = entries.get(MANIFEST)?.toString('utf8');
  if (text === undefined) throw damaged('has no manifest');
  const manifest = JSON.parse(text) as BundleManifest;
  if (manifest.format !== 'talos-customer/1')
    throw ApplicationFailure.nonRetryable(
      `the archive of a customer has format ${JSON.stringify(manifest.format)}; this version reads talos-customer/1`,
      'ArchiveSchemaChanged',
    );
  for (const { file, sha256: digest } of [...manifest.tables, ...manifest.files]) {
    const bytes = entries.get(file);
    if (!bytes || sha256(bytes) !== digest) throw damaged(`does not hold ${file} as its manifest says`);
  }
  for (const { file, rows } of manifest.tables)
    if (rowsOf(entries, file).length !== rows) throw damaged(`does not hold all rows of ${file}`);
  return { manifest, entries };
}

export const rowsOf = (entries: Entries, file: string): string[] =>
  (entries.get(file)?.toString('utf8') ?? '').split('\n').filter((line) => line !== '');
