import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { createObjectStore, type ObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey, type EphemeralKey } from '../../src/vault/index.ts';
import { applySchedules, SCHEDULES } from '../../src/schedules/index.ts';
import { mails, type Mail } from './inbox.ts';
import { newNamespace } from './namespace.ts';
import { cloneDatabase } from './postgres.ts';
import { waitFor } from './wait.ts';

/** Without guard and watches: their runs of every few minutes are no part of what a file tests. */
export const JOB_ROWS = SCHEDULES.filter(({ scheduleId }) => !scheduleId.startsWith('monitoring-'));

/** Everything one test file needs of the product, on the shared servers and apart from every other file. */
export interface Maintenance {
  app: Awaited<ReturnType<typeof cloneDatabase>>;
  ops: Awaited<ReturnType<typeof cloneDatabase>>;
  client: Client;
  store: ObjectStore;
  key: EphemeralKey;
  workDir: string;
  environment: Record<string, string>;
  /** Starts `talos worker` as a process of its own, so that it can be killed. */
  startWorker(): Promise<ChildProcess>;
  /** Mails to this file's administrator. */
  mails(): Promise<Mail[]>;
  /** Keys and open uploads left in the bucket, without the prefix. */
  bucket(): Promise<{ keys: string[]; openUploads: number }>;
  close(): Promise<void>;
}

/** Ends a process that the test started and waits for its end. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

export async function startMaintenance(settings: Record<string, string> = {}): Promise<Maintenance> {
  const id = randomBytes(4).toString('hex');
  const [app, ops, key, workDir] = await Promise.all([
    cloneDatabase('app'),
    cloneDatabase('ops'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-test-')),
  ]);
  const address = inject('temporalAddress');
  const s3 = inject('s3');
  const admin = `admin-${id}@talosprimes.test`;
  const connection = await Connection.connect({ address });
  const { client, namespace } = await newNamespace(connection);

  const environment: Record<string, string> = {
    DATABASE_URL: app.url,
    OPS_DATABASE_URL: ops.url,
    ADMIN_EMAIL: admin,
    SMTP_URL: inject('inbox').smtpUrl,
    MAIL_FROM: 'talos@talosprimes.test',
    BACKUP_BUCKET: `s3://talos-backups/${id}`,
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    S3_ENDPOINT: s3.endpoint,
    BACKUP_AGE_RECIPIENTS: key.recipient,
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TALOS_WORK_DIR: workDir,
    PG_BIN: path.dirname(inject('tools').postgres),
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    ...settings,
  };
  const store = createObjectStore({
    name: 'talos-backups',
    prefix: id,
    accessKeyId: s3.accessKeyId,
    secretAccessKey: s3.secretAccessKey,
    region: 'us-east-1',
    endpoint: s3.endpoint,
  });
  await applySchedules({ client, rows: JOB_ROWS });
  const workers: ChildProcess[] = [];

  return {
    app,
    ops,
    client,
    store,
    key,
    workDir,
    environment,
    async startWorker() {
      const worker = spawn(
        process.execPath,
        [path.join(inject('repository'), 'dist/cli.js'), 'worker', '--no-local'],
        {
          env: environment,
          // Its own folder: no .env, no local stack.
          cwd: workDir,
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
      workers.push(worker);
      let output = '';
      worker.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      worker.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      await waitFor(
        () => {
          if (worker.exitCode !== null) throw new Error(`the worker ended: ${output}`);
          return output.includes('the worker polls');
        },
        { timeoutMs: 90_000, what: `the worker (${output.slice(-500)})` },
      );
      return worker;
    },
    mails: async () =>
      (await mails(inject('inbox').apiUrl)).filter(({ to }) => to.some(({ address: at }) => at === admin)),
    async bucket() {
      const keys: string[] = [];
      for await (const object of store.list('')) keys.push(object.key);
      return { keys, openUploads: (await store.openUploads('')).length };
    },
    async close() {
      await Promise.all(workers.map((worker) => end(worker, 'SIGKILL')));
      store.close();
      await connection.close();
      await Promise.all([app.drop(), ops.drop()]);
      // A killed worker's throw-away server may still hold its folder: ended by its own pid file.
      for (const name of await readdir(workDir)) await endScratch(path.join(workDir, name));
      await rm(workDir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    },
  };
}

async function endScratch(folder: string): Promise<void> {
  const { readFile } = await import('node:fs/promises');
  const pid = Number.parseInt(
    await readFile(path.join(folder, 'data/postmaster.pid'), 'utf8').catch(() => ''),
    10,
  );
  if (pid > 0) process.kill(pid, 'SIGQUIT');
}
