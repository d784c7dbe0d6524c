import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { createProgress } from '../../src/backup/progress.ts';
import { takeBackup } from '../../src/backup/take.ts';
import { createObjectStore } from '../../src/clients/object-store.ts';
import { createEphemeralKey } from '../../src/vault/index.ts';
import { end } from '../support/maintenance.ts';
import { cloneDatabase } from '../support/postgres.ts';

const RUNS = 30;

it(`${String(RUNS)} backups under write load are all proven: no false alarm`, async () => {
  const tools = inject('tools');
  const pgbench = path.join(path.dirname(tools.postgres), 'pgbench');
  const [source, key, workDir] = await Promise.all([
    cloneDatabase('empty'),
    createEphemeralKey(),
    mkdtemp(path.join(tmpdir(), 'talos-load-')),
  ]);
  const store = createObjectStore({
    ...inject('s3'),
    name: 'talos-backups',
    prefix: path.basename(workDir),
    region: 'us-east-1',
  });
  await promisify(execFile)(pgbench, ['-i', '-q', '-s', '2', source.url]);
  // Identity and sequence move while the dump is taken.
  await source.db.query(
    'alter table pgbench_history add column id bigint generated always as identity primary key',
  );
  const load = spawn(pgbench, ['-c', '4', '-n', '-T', '600', source.url], { stdio: 'ignore' });
  try {
    for (let run = 0; run < RUNS; run += 1) {
      const folder = `daily/2026-11-23T020000Z-00000000-${String(run).padStart(8, '0')}`;
      const { proof } = await takeBackup({
        store,
        folder,
        databaseUrl: source.url,
        recipients: [key.recipient],
        compressionLevel: 1,
        prove: true,
        tools,
        workDir,
        run: { workflowId: 'w', runId: 'r' },
        progress: createProgress(),
        signal: new AbortController().signal,
      });
      expect(proof, `run ${String(run)}`).toMatchObject({ result: 'proven', differences: [] });
    }
    expect(load.exitCode).toBeNull();
    const [written] = await source.db.query<{ count: number }>('select count(*) from pgbench_history');
    expect(written?.count).toBeGreaterThan(1_000);
  } finally {
    await end(load, 'SIGINT');
    for await (const object of store.list('')) await store.remove(object.key);
    store.close();
    await source.drop();
    await rm(workDir, { recursive: true, force: true });
  }
});
