import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import { readKeys, verifyBackup } from '../../src/backup/index.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';

/** A corner of the bucket, a key and a folder of one's own, and what one does to a backup with them. */
export interface Bench {
  store: ObjectStore;
  key: EphemeralKey;
  workDir: string;
  take(url: string, id: string, changes?: { store?: ObjectStore; pgDump?: string }): Promise<Manifest>;
  /** With the operator's key it also restores and compares. */
  verify(id: string, withKey: boolean): ReturnType<typeof verifyBackup>;
  read(key: string): Promise<Buffer>;
  /** A program in pg_dump's place; `$real` is the real one. */
  script(name: string, body: string): Promise<string>;
  close(): Promise<void>;
}

export const backupId = (day: string): string => `2026-11-${day}T020000Z-00000000-00000000`;

export async function startBench(): Promise<Bench> {
  const [key, workDir] = await Promise.all([
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-fourteen-')),
  ]);
  const prefix = path.basename(workDir);
  const store = createObjectStore({ ...inject('s3'), name: 'talos-backups', prefix, region: 'us-east-1' });
  const tools = inject('tools');
  return {
    store,
    key,
    workDir,
    take: (url, id, changes = {}) =>
      takeBackup({
        store: changes.store ?? store,
        folder: `daily/${id}`,
        databaseUrl: url,
        recipients: [key.recipient],
        compressionLevel: 1,
        prove: true,
        tools: { ...tools, pg_dump: changes.pgDump ?? tools.pg_dump },
        workDir,
        run: { workflowId: 'w', runId: 'r' },
        progress: createProgress(),
        signal: new AbortController().signal,
      }),
    verify: async (wanted, withKey) =>
      verifyBackup({
        store,
        wanted,
        keys: withKey ? await readKeys(key.identity) : undefined,
        tools: { pgBin: path.dirname(tools.postgres) },
        workDir,
        signal: new AbortController().signal,
        onProgress: () => undefined,
      }),
    read: async (name) => Buffer.concat((await (await store.get(name))?.toArray()) as Buffer[]),
    async script(name, body) {
      const file = path.join(workDir, `pg_dump-${name}`);
      const begin = `#!/bin/sh\nreal='${tools.pg_dump}'\n[ "$1" = --version ] && exec "$real" "$@"\n`;
      await writeFile(file, `${begin}${body}\n`, { mode: 0o755 });
      return file;
    },
    async close() {
      for await (const object of store.list('')) await store.remove(object.key);
      store.close();
      await rm(workDir, { recursive: true, force: true });
    },
  };
}
