import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { report } from './backup-run.ts';

const RUNS = 100;
/** Some 6 s a run on two quiet cores; a busy machine gets three times that. */
const AT_MOST_SECONDS = 1_800;
/** Inserts, updates and deletes that meet in the same rows, and sequences with and without a column. */
const TRANSACTION = `
\\set account random(1, 20000)
\\set teller random(1, 10)
\\set delta random(-5000, 5000)
begin;
update pgbench_accounts set abalance = abalance + :delta where aid = :account;
update pgbench_tellers set tbalance = tbalance + :delta where tid = :teller;
insert into pgbench_history (tid, bid, aid, delta, mtime) values (:teller, 1, :account, :delta, current_timestamp);
delete from pgbench_history where id in (select id from pgbench_history order by id limit 1 offset 5000);
delete from tickets where id < (select max(id) from tickets) - 500;
insert into tickets values (nextval('numbers'), repeat('x', 1 + :account % 200));
commit;
`;

it(
  `${String(RUNS)} backups under write load are all proven: no false alarm`,
  async () => {
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
    await promisify(execFile)(pgbench, ['-i', '-q', '-s', '1', source.url]);
    // Identity and sequence move while the dump is taken.
    await source.db.query(
      'alter table pgbench_history add column id bigint generated always as identity primary key',
    );
    await source.db.query(
      'create sequence numbers; create table tickets (id bigint primary key, t text); insert into tickets values (0)',
    );
    const transaction = path.join(workDir, 'transaction.sql');
    await writeFile(transaction, TRANSACTION);
    // A steady pace: the load must not starve what it is meant to disturb.
    const load = spawn(
      pgbench,
      ['-c', '4', '-n', '-R', '400', '-T', String(AT_MOST_SECONDS), '-f', transaction, source.url],
      { stdio: 'ignore' },
    );
    const begun = performance.now();
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
        if ((run + 1) % 10 === 0)
          report(`${String(run + 1)} proven, ${String(Math.round((performance.now() - begun) / 1_000))} s`);
      }
      expect(load.exitCode).toBeNull();
      const [written] = await source.db.query<{ count: number }>('select count(*) from pgbench_history');
      expect(written?.count).toBeGreaterThan(1_000);
      const [moved] = await source.db.query<{ transactions: number }>(
        'select last_value as transactions from numbers',
      );
      const seconds = Math.round((performance.now() - begun) / 1_000);
      report(
        `${String(RUNS)} proven in ${String(seconds)} s, under ${String(moved?.transactions)} transactions`,
      );
      expect(moved?.transactions).toBeGreaterThan(RUNS * 100);
    } finally {
      await end(load, 'SIGINT');
      for await (const object of store.list('')) await store.remove(object.key);
      store.close();
      await source.drop();
      await rm(workDir, { recursive: true, force: true });
    }
  },
  (AT_MOST_SECONDS + 60) * 1_000,
);
