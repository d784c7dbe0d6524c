import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';
import { emptyBucket, expectOnly, report, runBackup } from './backup-run.ts';

describe('two backups at once', () => {
  let maintenance: Maintenance;
  beforeAll(async () => (maintenance = await startMaintenance()));
  afterEach(() => emptyBucket(maintenance));
  afterAll(() => maintenance.close());

  it.each([
    ['of one worker', 1],
    ['of two workers', 2],
  ])('%s: both end proven, in folders of their own', async (what, workers) => {
    const started = [];
    for (let count = 0; count < workers; count += 1) started.push(await maintenance.startWorker());
    const outcomes = await Promise.all(
      ['a', 'b'].map((name) => runBackup(maintenance, `backup-${what.replaceAll(' ', '-')}-${name}`)),
    );
    report(`${what}: ${outcomes.map(({ seconds }) => `${String(seconds)} s`).join(' and ')}`);
    const results = outcomes.map(({ result }) => result);
    for (const result of results) expect(result?.proof).toMatchObject({ result: 'proven' });
    expect(new Set(results.map((result) => result?.backupId)).size).toBe(2);
    await expectOnly(maintenance, results);
    for (const worker of started) await end(worker);
  });

  it('one killed with its worker, the other goes on: neither clears what is the other’s', async () => {
    const holding = await openPostgresSession({ url: maintenance.app.url, applicationName: 'talos-test' });
    try {
      // Both wait here, each in a worker of its own.
      await holding.query('begin; lock table public.accounts in access exclusive mode');
      const atTheLock = (since: Date, what: string) =>
        waitFor(
          async () =>
            (
              await maintenance.ops.db.query(
                `select 1 from pg_stat_activity
                  where datname = $1 and application_name = 'talos-backup' and wait_event_type = 'Lock' and backend_start > $2`,
                [new URL(maintenance.app.url).pathname.slice(1), since],
              )
            ).length > 0,
          { timeoutMs: 120_000, what },
        );
      const first = await maintenance.startWorker();
      const killed = runBackup(maintenance, 'backup-killed');
      await atTheLock(new Date(0), 'the first at the lock');
      await end(first, 'SIGKILL');
      const afterKill = new Date();
      const second = await maintenance.startWorker();
      const other = runBackup(maintenance, 'backup-other');
      await atTheLock(afterKill, 'the other at the lock');
      await holding.query('commit');
      const results = (await Promise.all([killed, other])).map(({ result }) => result);
      for (const result of results) expect(result?.proof).toMatchObject({ result: 'proven' });
      await expectOnly(maintenance, results);
      await end(second);
    } finally {
      await holding.close();
    }
  });
});
