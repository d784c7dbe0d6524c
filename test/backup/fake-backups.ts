import { createHash } from 'node:crypto';
import { inject } from 'vitest';
import { folderIn, sumsFile } from '../../src/backup/layout.ts';
import type { Tier } from '../../src/shared/calendar.ts';
import type { Manifest, ProofResult } from '../../src/backup/manifest.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';

/** A bucket prefix of its own on the real S3 of the test stack. */
export function openStore(prefix: string): ObjectStore {
  const { endpoint, accessKeyId, secretAccessKey } = inject('s3');
  return createObjectStore({
    ...{ name: 'talos-backups', prefix, accessKeyId, secretAccessKey, region: 'us-east-1', endpoint },
  });
}

export interface Fake {
  /** When the run was due; the snapshot is 30 seconds later. */
  at: string;
  proof?: ProofResult;
  tier?: Tier;
  run?: string;
  /** Bytes of the dump. */
  bytes?: number;
}

export const idOf = ({ at, run = 'aaaaaaaa' }: Pick<Fake, 'at' | 'run'>): string =>
  `${new Date(at).toISOString().slice(0, 19).replaceAll(':', '')}Z-${run}-00000001`;

export const sha256 = (body: string | Buffer): string => createHash('sha256').update(body).digest('hex');

/** The four files of a complete backup, of which only the content of the dump is not real. */
export function filesOf(fake: Fake): Record<string, string> {
  const id = idOf(fake);
  const folder = folderIn(fake.tier ?? 'daily', id);
  const dump = `age-encryption.org/v1 ${id} `.padEnd(fake.bytes ?? 64, '.');
  const globals = `globals of ${id}`;
  const objects = Object.entries({ 'db.dump.zst.age': dump, 'globals.sql.zst.age': globals }).map(
    ([name, body]) => ({ name, bytes: body.length, sha256: sha256(body) }),
  );
  const manifest: Manifest = {
    format: 1,
    backupId: id,
    takenAt: new Date(Date.parse(fake.at) + 30_000).toISOString(),
    run: { workflowId: 'backup-database', runId: `00000000-0000-4000-8000-0000${fake.run ?? 'aaaaaaaa'}` },
    source: {
      ...{ database: 'app', serverVersion: '15.4', encoding: 'UTF8', collate: 'C', ctype: 'C', roles: [] },
    },
    tools: { pgDump: '15.4' },
    recipients: ['age1test'],
    objects,
    tables: [{ schema: 'public', name: 'clients', rows: 3, digest: '42' }],
    sequences: [],
    catalogue: {},
    seconds: 1,
    proof: { result: fake.proof ?? 'proven', differences: [], restoreSeconds: 1 },
  };
  return {
    'db.dump.zst.age': dump,
    'globals.sql.zst.age': globals,
    SHA256SUMS: sumsFile(manifest),
    'RESTORE.md': `aws s3 cp --recursive s3://bucket/${folder}/ backup/\n`,
    'manifest.json': `${JSON.stringify(manifest, undefined, 1)}\n`,
  };
}

export async function putBackup(store: ObjectStore, fake: Fake): Promise<string> {
  const id = idOf(fake);
  const { 'manifest.json': manifest = '', ...others } = filesOf(fake);
  const folder = folderIn(fake.tier ?? 'daily', id);
  await Promise.all(
    Object.entries(others).map(([name, body]) => store.put(`${folder}/${name}`, body, 'text/plain')),
  );
  await store.put(`${folder}/manifest.json`, manifest, 'application/json');
  return id;
}

export async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of store.list('')) keys.push(key);
  return keys.sort();
}

/** The complete backups by folder, told by their files alone and not by the code under test. */
export async function wholeFolders(store: ObjectStore): Promise<string[]> {
  const keys = new Set(await keysOf(store));
  return [...keys]
    .filter((key) => key.endsWith('/manifest.json'))
    .map((key) => key.slice(0, -'/manifest.json'.length))
    .filter((folder) =>
      ['db.dump.zst.age', 'globals.sql.zst.age', 'SHA256SUMS', 'RESTORE.md'].every((name) =>
        keys.has(`${folder}/${name}`),
      ),
    )
    .sort();
}

export async function readText(store: ObjectStore, key: string): Promise<string> {
  const body = await store.get(key);
  return body ? Buffer.concat((await body.toArray()) as Buffer[]).toString('utf8') : '';
}
