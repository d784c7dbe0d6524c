/** What a backup needs: a source that can be dumped whole, the programs for it, a bucket, a key that somebody tried. */
import { randomUUID } from 'node:crypto';
import { statfs, mkdir } from 'node:fs/promises';
import { checkSource, openSource, readLastKeyCheck, toolVersion } from '../backup/index.ts';
import type { ObjectStore } from '../clients/object-store.ts';
import { createPostgres } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { resolveTools } from '../tools/index.ts';
import { failed, fine, off, warning, type Answer, type Check } from './finding.ts';

const DAY_MS = 86_400_000;
const GB = 1e9;

export function backupChecks({ environment, policy }: Config, store: ObjectStore | undefined): Check[] {
  const { backupDatabaseUrl, pgBin, toolDir, workDir, ageRecipients, opsDatabaseUrl } = environment;
  const tools = { pgBin, toolDir, install: false };
  const pgDump = async (): Promise<string> => toolVersion((await resolveTools(['pg_dump'], tools)).pg_dump);
  return [
    {
      area: 'tools',
      run: async () => {
        const found = await resolveTools(['pg_dump', 'pg_restore', 'initdb', 'postgres', 'zstd'], tools);
        return [fine(`pg_dump ${await toolVersion(found.pg_dump)} and zstd are there`)];
      },
    },
    {
      area: 'backup source',
      run: async () => {
        if (backupDatabaseUrl === undefined)
          return [
            failed(
              'DATABASE_URL is a transaction pooler, which cannot hold a snapshot',
              'Set BACKUP_DATABASE_URL to the direct connection or the session pooler (Supabase: port 5432).',
            ),
          ];
        const session = await openSource(backupDatabaseUrl);
        try {
          const { bytes, serverVersion } = await checkSource(session, backupDatabaseUrl, await pgDump());
          return [
            fine(`PostgreSQL ${serverVersion}, ${(bytes / GB).toFixed(1)} GB, every table readable`),
            ...(await roomFor(bytes, workDir)),
          ];
        } finally {
          await session.close();
        }
      },
    },
    { area: 'bucket', run: async () => (store ? tryBucket(store) : [off('BACKUP_BUCKET is not set')]) },
    {
      area: 'backup key',
      run: async () => {
        if (ageRecipients.length === 0) return [off('BACKUP_AGE_RECIPIENTS is not set')];
        const ops = createPostgres({ url: opsDatabaseUrl, applicationName: 'talos-doctor', max: 1 });
        try {
          return keyTried(await readLastKeyCheck(ops, ageRecipients), policy.backup.keyCheckDays);
        } finally {
          await ops.close();
        }
      },
    },
  ];
}

/** The proof restores the database here. */
async function roomFor(bytes: number, workDir: string): Promise<Answer[]> {
  await mkdir(workDir, { recursive: true });
  const { bavail, bsize } = await statfs(workDir);
  const free = bavail * bsize;
  if (free > 1.2 * bytes) return [];
  return [
    failed(
      `TALOS_WORK_DIR has ${(free / GB).toFixed(1)} GB free, and the proof restores ${(bytes / GB).toFixed(1)} GB there`,
      'Free the disk, point TALOS_WORK_DIR to a larger one, or set VERIFY_DATABASE_URL.',
    ),
  ];
}

/** Reading, writing and deleting are three rights. Failures say which setting is at fault. */
async function tryBucket(store: ObjectStore): Promise<Answer[]> {
  const key = `.talos-probe/doctor-${randomUUID()}`;
  const text = 'talos doctor';
  await store.put(key, text, 'text/plain');
  const object = await store.get(key);
  let read = '';
  if (object) for await (const chunk of object) read += String(chunk);
  const same: Answer =
    read === text
      ? fine('can be written, read and deleted from')
      : failed(
          'gives back something else than was written',
          'Look at what stands between: a proxy or a cache.',
        );
  await store.remove(key);
  const { versioning, objectLock } = await store.features();
  return [
    same,
    ...(versioning || objectLock
      ? []
      : [
          warning(
            'keeps no versions and knows no Object Lock: who holds the worker’s key can delete every backup',
            'Switch both on where the store has them (docs/backup.md).',
          ),
        ]),
  ];
}

function keyTried(at: string | null, days: number): Answer[] {
  const mend = 'On the machine that holds it: `talos backup check-key --identity FILE`.';
  if (at === null) return [warning('nobody ever opened a backup with the private key', mend)];
  const age = Math.floor((Date.now() - Date.parse(at)) / DAY_MS);
  if (age > days) return [warning(`the private key was tried ${String(age)} days ago`, mend)];
  return [fine(`the private key opened a backup ${String(age)} days ago`)];
}
