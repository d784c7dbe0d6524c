import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { SourceCheck } from '../../src/backup/activities.ts';
import type { BackupResult } from '../../src/backup/workflow.ts';
import { compareWithManifest } from '../../src/backup/compare.ts';
import { readManifest } from '../../src/backup/folder.ts';
import { readRestored } from '../../src/backup/restore.ts';
import { createLedger } from '../../src/privacy/index.ts';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { cloneDatabase } from '../support/postgres.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const shell = promisify(execFile);
const FILES = [
  'RESTORE.md',
  'SHA256SUMS',
  'db.dump.zst.age',
  'globals.sql.zst.age',
  'manifest.json',
  'operations.dump.zst.age',
  // The demo database has the platform's roles and schemas.
  'restore.list',
];

describe('backupDatabase, whole', () => {
  let maintenance: Maintenance;
  let result: BackupResult;

  beforeAll(async () => {
    maintenance = await startMaintenance();
    await maintenance.startWorker();
    await maintenance.client.schedule.getHandle('backup-database').trigger();
    const workflowId = await waitFor(
      async () => {
        for await (const { workflowId: id } of maintenance.client.workflow.list()) return id;
        return undefined;
      },
      { timeoutMs: 20_000, what: 'the triggered run' },
    );
    result = (await maintenance.client.workflow.getHandle(workflowId).result()) as BackupResult;
  }, 120_000);
  afterAll(() => maintenance.close());

  const folder = (): string => `daily/${result.backupId}`;
  const read = async (name: string): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of (await maintenance.store.get(`${folder()}/${name}`)) ?? [])
      chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };

  it('is proven by restoring it', () => {
    expect(result.proof.reason).toBeUndefined();
    expect(result.proof).toMatchObject({ result: 'proven', differences: [] });
    expect(result).toMatchObject({ proven: true, attemptsBefore: 0 });
    expect(result.rows).toBeGreaterThan(10_000);
    expect(result.proof.checkedWith).toContain('digests');
  });

  it('leaves its files in the bucket, the manifest written last, and nothing else', async () => {
    const { keys, openUploads } = await maintenance.bucket();
    expect(keys.sort()).toEqual(FILES.map((name) => `${folder()}/${name}`));
    expect(openUploads).toBe(0);
    const times = new Map<string, number>();
    for await (const { key, modifiedAt } of maintenance.store.list(folder()))
      times.set(key, modifiedAt.getTime());
    expect(Math.max(...times.values())).toBe(times.get(`${folder()}/manifest.json`));
  });

  it('says in SHA256SUMS and in the manifest what the object really is', async () => {
    const sha256 = createHash('sha256')
      .update(await read('db.dump.zst.age'))
      .digest('hex');
    expect((await read('SHA256SUMS')).toString().split('\n')[0]).toBe(`${sha256}  db.dump.zst.age`);
    const manifest = await readManifest(maintenance.store, folder());
    expect(manifest?.objects[0]).toMatchObject({
      sha256,
      bytes: result.storedBytes,
      rawBytes: result.rawBytes,
    });
    expect((await read('RESTORE.md')).toString()).toContain(
      'age -d -i "$KEY" db.dump.zst.age | zstd -d | pg_restore',
    );
  });

  it('is restored by hand with age, zstd and pg_restore alone, and equals its manifest', async () => {
    const target = await cloneDatabase('empty');
    try {
      const key = path.join(maintenance.workDir, 'key.txt');
      const dump = path.join(maintenance.workDir, 'db.dump.zst.age');
      await writeFile(key, `${maintenance.key.identity}\n`, { mode: 0o600 });
      await writeFile(dump, await read('db.dump.zst.age'));
      const pgRestore = inject('tools').pg_restore;
      await shell('bash', [
        '-o',
        'pipefail',
        '-c',
        `age -d -i "$1" "$2" | zstd -d | "$3" -d "$4"`,
        'by-hand',
        key,
        dump,
        pgRestore,
        target.url,
      ]);
      const manifest = await readManifest(maintenance.store, folder());
      if (!manifest) throw new Error('no manifest');
      expect(compareWithManifest(manifest, await readRestored(target.url))).toEqual([]);
    } finally {
      await target.drop();
    }
  });

  it('is restored by the command, which refuses a target that is not empty', async () => {
    const target = await cloneDatabase('empty');
    const ledgerKey = 'ledger-key-of-the-tests-0123456789abcdef';
    const key = path.join(maintenance.workDir, 'operator.txt');
    await writeFile(key, `# the operator's key\n${maintenance.key.identity}\n`, { mode: 0o600 });
    const talos = (...args: string[]) =>
      shell(
        process.execPath,
        [path.join(inject('repository'), 'dist/cli.js'), ...args, '--no-local', '--json'],
        {
          env: { ...maintenance.environment, TARGET_URL: target.url, ERASURE_LEDGER_KEY: ledgerKey },
          cwd: maintenance.workDir,
        },
      );
    // Erased after the backup was taken: it must not come back with it.
    const [erased] = await maintenance.app.db.query<{ id: string }>(
      'select id::text from public.accounts limit 1',
    );
    const ledger = createLedger(ledgerKey);
    await maintenance.ops.db.query(
      'insert into ops.erasures (subject, key_id, done_at) values ($1, $2, now())',
      [ledger.subjectOf(erased?.id ?? ''), ledger.keyId],
    );
    try {
      const restore = ['backup', 'restore', 'latest', '--into-env', 'TARGET_URL', '--identity', key];
      expect(JSON.parse((await talos(...restore)).stdout)).toMatchObject({
        equal: true,
        differences: [],
        erasures: expect.stringMatching(
          /^erasures re-applied: 1 of 2000 customers.*the database is open$/,
        ) as unknown,
      });
      expect(await target.db.query('select from public.accounts where id = $1', [erased?.id])).toEqual([]);
      await expect(talos(...restore)).rejects.toMatchObject({
        code: 1,
        stderr: expect.stringContaining('new, empty database') as unknown,
      });
      const [listed] = JSON.parse((await talos('backup', 'list')).stdout) as {
        backupId: string;
        proof: string;
      }[];
      expect(listed).toMatchObject({ backupId: result.backupId, proof: 'proven' });
    } finally {
      await target.drop();
    }
  });

  it('confirms by exactly one e-mail that says proven', async () => {
    const mails = await maintenance.mails();
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).toContain(result.backupId);
    expect(mails[0]?.subject).toMatch(/prouvée/i);
  });

  it('records the run', async () => {
    const runs = await maintenance.ops.db.query('select schedule_id, mode, outcome, result from ops.runs');
    expect(runs).toMatchObject([
      { schedule_id: 'backup-database', mode: 'armed', outcome: 'succeeded', result: { proven: true } },
    ]);
  });

  it('does nothing on a dry run but say what it would store', async () => {
    const before = await maintenance.bucket();
    const said: unknown = await maintenance.client.workflow.execute('backupDatabase', {
      taskQueue: TASK_QUEUE,
      workflowId: 'dry',
      args: [{ dryRun: true }],
    });
    expect((said as SourceCheck).databaseBytes).toBeGreaterThan(1_000_000);
    expect(await maintenance.bucket()).toEqual(before);
    expect(await maintenance.mails()).toHaveLength(1);
  });
});

describe('a worker shut down in a backup', () => {
  it('hands it back at once: the next worker begins anew, and no failure is counted', async () => {
    const maintenance = await startMaintenance();
    const holding = await openPostgresSession({ url: maintenance.app.url, applicationName: 'talos-test' });
    try {
      // pg_dump waits for this lock: the backup is under way for as long as the test wants.
      await holding.query('begin; lock table public.accounts in access exclusive mode');
      const worker = await maintenance.startWorker();
      const handle = await maintenance.client.workflow.start('backupDatabase', {
        taskQueue: TASK_QUEUE,
        workflowId: 'backup-handed-back',
      });
      const waiting = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and application_name = 'talos-backup'`;
      await waitFor(async () => (await maintenance.ops.db.query(waiting)).length > 0, {
        timeoutMs: 30_000,
        what: 'pg_dump at the lock',
      });
      await end(worker, 'SIGTERM');
      expect(worker.exitCode).toBe(0);
      expect(await maintenance.bucket()).toEqual({ keys: [], openUploads: 0 });
      await holding.query('commit');
      await maintenance.startWorker();
      expect(await handle.result()).toMatchObject({ proven: true, attemptsBefore: 1 });
      expect(JSON.stringify((await handle.fetchHistory()).events)).toContain('WorkerShutdown');
      expect(await maintenance.mails()).toHaveLength(1);
    } finally {
      await holding.close();
      await maintenance.close();
    }
  });
});

describe('a worker killed in a backup', () => {
  it('loses nothing: the run ends proven after the restart, with one e-mail and no orphan', async () => {
    const maintenance = await startMaintenance();
    try {
      let worker = await maintenance.startWorker();
      const handle = await maintenance.client.workflow.start('backupDatabase', {
        taskQueue: TASK_QUEUE,
        workflowId: 'backup-killed',
      });
      await waitFor(async () => (await maintenance.bucket()).keys.some((key) => key.endsWith('.age')), {
        timeoutMs: 60_000,
        what: 'a stored dump that is not yet a backup',
      });
      await end(worker, 'SIGKILL');
      expect((await maintenance.bucket()).keys.some((key) => key.endsWith('manifest.json'))).toBe(false);
      worker = await maintenance.startWorker();
      const result = (await handle.result()) as BackupResult;
      expect(result).toMatchObject({ proven: true, attemptsBefore: 1 });
      const { keys, openUploads } = await maintenance.bucket();
      expect(keys.sort()).toEqual(FILES.map((name) => `daily/${result.backupId}/${name}`));
      expect(openUploads).toBe(0);
      // On a busy machine a mail whose fate was open may go again: as the same one.
      expect(new Set((await maintenance.mails()).map(({ messageId }) => messageId)).size).toBe(1);
      await end(worker);
    } finally {
      await maintenance.close();
    }
  }, 180_000);
});

describe('a backup that cannot be made', () => {
  it('fails, and says by one e-mail what is wrong and what to do', async () => {
    const maintenance = await startMaintenance({ BACKUP_BUCKET: 's3://no-such-bucket/x' });
    try {
      await maintenance.startWorker();
      const handle = await maintenance.client.workflow.start('backupDatabase', {
        taskQueue: TASK_QUEUE,
        workflowId: 'backup-failing',
      });
      await expect(handle.result()).rejects.toThrow('Workflow execution failed');
      const [mail, ...others] = await maintenance.mails();
      expect(others).toEqual([]);
      expect(mail?.subject).toMatch(/échec/i);
      expect(mail?.text).toContain('BACKUP_BUCKET');
      expect(await maintenance.ops.db.query('select outcome, error_type from ops.runs')).toEqual([
        { outcome: 'failed', error_type: 'ObjectStoreRefused' },
      ]);
      const history = JSON.stringify((await handle.fetchHistory()).events);
      for (const secret of [maintenance.key.identity, inject('s3').secretAccessKey, 'AGE-SECRET-KEY'])
        expect(history).not.toContain(secret);
    } finally {
      await maintenance.close();
    }
  }, 60_000);
});
