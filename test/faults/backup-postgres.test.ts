import { execFile, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { startFaultyS3, type FaultyS3 } from '../support/faulty-s3.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { waitFor } from '../support/wait.ts';
import { ballast, emptyBucket, expectOnly, expectProven, report, runBackup } from './backup-run.ts';

/** Programs that this process started and that still run. */
async function childrenOf({ pid }: ChildProcess): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'args=', '--ppid', String(pid)]).catch(
    (error: unknown) => error as { stdout: string },
  );
  return stdout.split('\n').filter(Boolean);
}

describe('PostgreSQL restarted in a backup', () => {
  let own: OwnPostgres;
  let proxy: FaultyS3;
  let maintenance: Maintenance;
  let worker: ChildProcess;

  beforeAll(async () => {
    own = await startOwnPostgres();
    await own.db.query(ballast(60));
    await own.db.query(
      'create table public.locked (id serial primary key); insert into locked default values',
    );
    proxy = await startFaultyS3(inject('s3').endpoint);
    maintenance = await startMaintenance({ BACKUP_DATABASE_URL: own.url, S3_ENDPOINT: proxy.endpoint });
    worker = await maintenance.startWorker();
  });
  afterEach(async () => {
    proxy.mend();
    await emptyBucket(maintenance);
  });
  afterAll(async () => {
    await maintenance.close();
    await proxy.close();
    await own.stop();
  });

  const dumperWaits = (condition: string, what: string) =>
    waitFor(
      async () =>
        (
          await own.db.query(
            `select 1 from pg_stat_activity where application_name = 'talos-backup' and ${condition}`,
          )
        ).length > 0,
      { timeoutMs: 30_000, what },
    );

  it.each(['fast', 'immediate'] as const)(
    '%s, while pg_dump waits at a lock: the next attempt is proven',
    async (mode) => {
      const holding = await openPostgresSession({ url: own.url, applicationName: 'talos-test' });
      await holding.query('begin; lock table public.locked in access exclusive mode');
      const running = runBackup(maintenance, `backup-locked-${mode}`);
      await dumperWaits(`wait_event_type = 'Lock'`, 'pg_dump at the lock');
      await own.restart(mode);
      await holding.close();
      await expectMended(`${mode} restart at a lock`, await running);
    },
  );

  it.each(['fast', 'immediate'] as const)(
    '%s, while pg_dump copies a table: the next attempt is proven',
    async (mode) => {
      const held = new AbortController();
      const until = once(held.signal, 'abort');
      // No part is taken: pg_dump stands in the midst of the table, its pipe full.
      proxy.inject(({ operation }) => operation === 'UploadPart', { kind: 'hold', until });
      const running = runBackup(maintenance, `backup-copying-${mode}`);
      await dumperWaits(
        `query like 'COPY public.ballast%' and wait_event = 'ClientWrite'`,
        'pg_dump in COPY',
      );
      proxy.mend();
      await own.restart(mode);
      held.abort();
      await expectMended(`${mode} restart in COPY`, await running);
    },
  );

  async function expectMended(what: string, outcome: Awaited<ReturnType<typeof runBackup>>) {
    const { result, seconds, mails } = outcome;
    report(
      `${what}: ${String(result?.attemptsBefore)} failed attempts, ${String(seconds)} s, ${mails.map(({ subject }) => subject).join()}`,
    );
    expectProven(outcome);
    expect(result?.attemptsBefore).toBe(1);
    await expectOnly(maintenance, [result]);
    expect(worker.exitCode).toBeNull();
    expect(await childrenOf(worker)).toEqual([]);
  }
});
