import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Sample } from '../../src/alerts/index.ts';
import {
  createPostgresMonitor,
  TOO_MANY_CLIENTS,
  type PostgresMonitor,
} from '../../src/clients/postgres-monitor.ts';
import { databaseTimes, readDatabase, type DatabaseMemory } from '../../src/monitoring/database-reader.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { waitFor } from '../support/wait.ts';

const valueOf = (samples: readonly Sample[], metric: string): number | undefined =>
  samples.find((sample) => sample.metric === metric)?.value;
const evidenceOf = (samples: readonly Sample[], metric: string): Record<string, string> =>
  Object.fromEntries(
    (samples.find((sample) => sample.metric === metric)?.evidence ?? []).map(({ name, value }) => [
      name,
      value,
    ]),
  );

/** A server of one's own: its limits are changed and its log is written. */
describe('PostgreSQL readings', () => {
  let server: OwnPostgres;
  let monitor: PostgresMonitor;
  const password = randomBytes(9).toString('hex');
  /** The server's URL for a role that is no superuser. */
  const urlOf = (role: string): string => {
    const url = new URL(server.url);
    [url.username, url.password] = [role, password];
    return url.href;
  };
  const open: pg.Client[] = [];
  const client = async (application_name: string): Promise<pg.Client> => {
    const one = new pg.Client({ connectionString: urlOf('shop'), application_name });
    one.on('error', () => undefined);
    await one.connect();
    open.push(one);
    return one;
  };
  const read = async (before?: DatabaseMemory, at = Date.now(), hostErrors?: number) =>
    readDatabase(monitor, before, at, { slowSeconds: 1, hostErrors });

  beforeAll(async () => {
    server = await startOwnPostgres();
    await server.db.query('alter system set superuser_reserved_connections = 90');
    await server.db.query('alter system set logging_collector = on');
    await server.db.query("alter system set log_destination = 'stderr,csvlog,jsonlog'");
    await server.db.query('alter system set log_rotation_size = 0');
    await server.restart('fast');
    for (const role of ['shop', 'watcher'])
      await server.db.query(`create role ${role} login password '${password}'`);
    await server.db.query('grant pg_monitor to watcher');
    monitor = createPostgresMonitor({ url: server.url });
  });
  afterAll(async () => {
    await monitor.close();
    await server.stop();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((one) => one.end().catch(() => undefined)));
  });

  it('counts clients against what ordinary clients may use', async () => {
    // 100 less 90 for superusers.
    await waitFor(
      async () => evidenceOf((await read()).samples, 'db_connections_percent')['connections'] === '2 / 10',
      {
        timeoutMs: 10_000,
        what: 'no connection but the monitor’s',
      },
    );
    for (let count = 0; count < 7; count += 1) await client('shop');
    const { samples } = await read();
    expect(evidenceOf(samples, 'db_connections_percent')).toMatchObject({ connections: '9 / 10' });
    expect(valueOf(samples, 'db_connections_percent')).toBe(90);
  });

  it('finds "too many clients" on a fresh connection, while the kept one still answers', async () => {
    const watcher = createPostgresMonitor({ url: urlOf('watcher') });
    await watcher.ping();
    const crowd = async (): Promise<void> => {
      for (let count = 0; count < 13; count += 1) await client('shop');
    };
    try {
      await expect(crowd()).rejects.toThrow(/connection slots/);
      const samples = await databaseTimes(watcher, Date.now());
      expect(valueOf(samples, 'db_ms')).toBeLessThan(1_000);
      expect(samples.find(({ metric }) => metric === 'db_connections_percent')).toMatchObject({
        value: 100,
        reason: TOO_MANY_CLIENTS,
      });
    } finally {
      await watcher.close();
    }
  });

  it('times a query on the kept connection and a fresh one apart', async () => {
    const samples = await databaseTimes(monitor, Date.now());
    expect(valueOf(samples, 'db_ms')).toBeLessThan(valueOf(samples, 'db_connect_ms') ?? 0);
    // The server takes a moment to end the session of a connection that is closed.
    await waitFor(
      async () =>
        (await monitor.query("select from pg_stat_activity where application_name = 'talos-monitor'"))
          .length === 1,
      { timeoutMs: 10_000, what: 'no connection but the kept one' },
    );
  });

  it('tells slow queries of others, and our own apart', async () => {
    const own = await client('talos-backup');
    const dump = await client('pg_dump');
    const idle = await client('shop');
    await idle.query('begin; select 1');
    const sleeping = [own, dump].map((one) => one.query('select pg_sleep(20)').catch(() => undefined));
    const ours = await waitFor(
      async () => {
        const { samples } = await read();
        return (valueOf(samples, 'own_query_seconds') ?? 0) > 1.1 && samples;
      },
      { timeoutMs: 10_000, what: 'own queries' },
    );
    expect(valueOf(ours, 'slow_query_seconds')).toBe(0);
    expect(evidenceOf(ours, 'slow_query_seconds')).toMatchObject({ 'slow queries': '0', 'own queries': '2' });
    expect(valueOf(ours, 'db_idle_in_transaction')).toBe(1);

    const shop = await client('shop');
    const [{ pid } = { pid: 0 }] = (await shop.query<{ pid: number }>('select pg_backend_pid() as pid')).rows;
    sleeping.push(shop.query('select pg_sleep(20)').catch(() => undefined));
    const theirs = await waitFor(
      async () => {
        const { samples } = await read();
        return (valueOf(samples, 'slow_query_seconds') ?? 0) > 1.1 && samples;
      },
      { timeoutMs: 10_000, what: 'a slow query' },
    );
    expect(evidenceOf(theirs, 'slow_query_seconds')).toMatchObject({ pid: String(pid), 'slow queries': '1' });
    await server.db.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid()",
    );
    await Promise.all(sleeping);
  });

  it('ends its own statement after 3 s, for nobody else', async () => {
    await expect(monitor.query('select pg_sleep(10)')).rejects.toMatchObject({ code: '57014' });
    expect(await monitor.query('show statement_timeout')).toEqual([{ statement_timeout: '3s' }]);
    const [before] = await monitor.query<{ pid: number }>('select pg_backend_pid() as pid');
    expect(await monitor.ping()).toMatchObject({ state: 'up' });
    expect(await monitor.query('select pg_backend_pid() as pid')).toEqual([before]);
  });

  const fail = async (times: number): Promise<void> => {
    const shop = await client('shop');
    for (let count = 0; count < times; count += 1) await shop.query('select 1 / 0').catch(() => undefined);
  };

  /** The log has a writer of its own: what earlier tests did is in it once the number stands still. */
  async function settled(): Promise<void> {
    const { memory } = await read();
    let [last, same] = [-1, 0];
    await waitFor(
      async () => {
        const { samples } = await read(memory, (memory?.at ?? 0) + 60_000);
        const count = valueOf(samples, 'db_errors_per_minute') ?? 0;
        same = count === last ? same + 1 : 0;
        last = count;
        return same >= 5;
      },
      { timeoutMs: 10_000, what: 'a log that stands still' },
    );
  }

  it('counts every error of the server log, also three in one transaction, and none twice', async () => {
    await settled();
    const first = await read();
    expect(first.samples.map(({ metric }) => metric)).not.toContain('db_errors_per_minute');
    await fail(5);
    const shop = await client('shop');
    // Caught in savepoints: one transaction, no rollback, three errors in the log.
    await shop.query('begin');
    for (const name of ['a', 'b', 'c']) {
      await shop.query(`savepoint ${name}`);
      await shop.query('select nothing').catch(() => undefined);
      await shop.query(`rollback to ${name}`);
    }
    await shop.query('commit');
    for (let count = 0; count < 3; count += 1) await shop.query('begin; select 1; rollback');
    const errors = await waitFor(
      async () => {
        const { samples } = await read(first.memory, (first.memory?.at ?? 0) + 60_000);
        return valueOf(samples, 'db_errors_per_minute') === 8 && samples;
      },
      { timeoutMs: 10_000, what: 'eight errors' },
    );
    expect(evidenceOf(errors, 'db_errors_per_minute')).toEqual({ source: 'server log' });
    const second = await read(first.memory);
    const third = await read(second.memory, (second.memory?.at ?? 0) + 30_000);
    expect(valueOf(third.samples, 'db_errors_per_minute')).toBe(0);
    await server.db.query('select pg_rotate_logfile()');
    await fail(2);
    const rotated = await waitFor(
      async () => {
        const { samples } = await read(third.memory, (third.memory?.at ?? 0) + 30_000);
        return valueOf(samples, 'db_errors_per_minute') === 4 && samples;
      },
      { timeoutMs: 10_000, what: 'two errors in half a minute' },
    );
    expect(rotated).toBeDefined();
  });

  it('stands in with rollbacks, labelled, where the log may not be read; a reset is not told as errors', async () => {
    const watcher = createPostgresMonitor({ url: urlOf('watcher') });
    try {
      const options = { slowSeconds: 1 };
      const first = await readDatabase(watcher, undefined, 0, options);
      await fail(3);
      const samples = await waitFor(
        async () => {
          const { samples: found } = await readDatabase(watcher, first.memory, 60_000, options);
          return (valueOf(found, 'db_errors_per_minute') ?? 0) >= 3 && found;
        },
        { timeoutMs: 20_000, what: 'rollbacks' },
      );
      expect(evidenceOf(samples, 'db_errors_per_minute')).toEqual({ source: 'rollbacks' });
      const byHost = await readDatabase(watcher, first.memory, 60_000, { ...options, hostErrors: 7 });
      expect(valueOf(byHost.samples, 'db_errors_per_minute')).toBe(7);
      await server.db.query('select pg_stat_reset()');
      const reset = await readDatabase(watcher, first.memory, 60_000, options);
      expect(valueOf(reset.samples, 'db_errors_per_minute')).toBeUndefined();
      await server.db.query('revoke pg_monitor from watcher');
      const blind = await readDatabase(watcher, undefined, 0, options);
      expect(blind.samples.find(({ metric }) => metric === 'slow_query_seconds')).toMatchObject({
        unknown: 'pg_monitor is not granted',
      });
    } finally {
      await watcher.close();
    }
  });

  it('tells a changed password, a server that is gone, and one that is back', async () => {
    const url = new URL(server.url);
    url.password = 'changed';
    const stranger = createPostgresMonitor({ url: url.href });
    expect(await stranger.ping()).toMatchObject({ state: 'unknown', reason: 'login refused (28P01)' });
    await stranger.close();
    await monitor.ping();
    await server.restart('immediate');
    // The kept connection is gone with the server: the next look opens another, by itself.
    await waitFor(async () => (await monitor.ping()).state === 'up', {
      timeoutMs: 10_000,
      what: 'a new connection',
    });
    url.port = '1';
    const gone = createPostgresMonitor({ url: url.href });
    expect(await gone.connect()).toMatchObject({ state: 'down', reason: 'refused' });
    await gone.close();
  });
});
