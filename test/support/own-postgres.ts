import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inject } from 'vitest';
import { createPostgres, type Postgres } from '../../src/clients/postgres.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { startPostgres, type PostgresServer } from '../../src/dev/postgres.ts';

/** A PostgreSQL of one's own, with one database, that may be restarted. */
export interface OwnPostgres {
  url: string;
  db: Postgres;
  /** As `pg_ctl restart`: `fast` ends every session in order, `immediate` drops all and recovers at the start. */
  restart(mode: 'fast' | 'immediate'): Promise<void>;
  /** Refuses connections until it is `up` again. */
  down(): Promise<void>;
  up(): Promise<void>;
  stop(): Promise<void>;
}

/** One that holds the operations database. */
export async function startOwnOps(): Promise<OwnPostgres> {
  const postgres = await startOwnPostgres();
  await postgres.db.query(
    'create role talos_app; create schema ops; create table ops.migrations (id serial primary key)',
  );
  const folder = path.join(inject('repository'), 'database/migrations/ops');
  for (const file of (await readdir(folder)).sort())
    await postgres.db.query(await readFile(path.join(folder, file), 'utf8'));
  return postgres;
}

export async function startOwnPostgres(): Promise<OwnPostgres> {
  const dir = await mkdtemp(path.join(tmpdir(), 'talos-own-pg-'));
  // The server may run as another user.
  await chmod(dir, 0o711);
  const { postgres: port } = await choosePorts('free');
  const options = {
    dir,
    port,
    password: 'of-the-test',
    logDir: dir,
    ephemeral: false,
    tools: inject('tools'),
  };
  let server: PostgresServer = await startPostgres(options);
  const url = server.urlOf('kept');
  const admin = createPostgres({ url: server.urlOf('postgres'), applicationName: 'talos-test' });
  await admin.query('create database kept').finally(() => admin.close());
  const db = createPostgres({ url, applicationName: 'talos-test' });
  return {
    url,
    db,
    async restart(mode) {
      if (mode === 'immediate') process.kill(server.pid, 'SIGQUIT');
      await server.stop();
      server = await startPostgres(options);
    },
    down: () => server.stop(),
    async up() {
      server = await startPostgres(options);
    },
    async stop() {
      await db.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
}
