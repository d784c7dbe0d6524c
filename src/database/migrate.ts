import { runner } from 'node-pg-migrate';
import type { RunnerOption } from 'node-pg-migrate';
import type { PostgresSession } from '../clients/postgres.ts';
import { databasePath } from './files.ts';

const silent = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/**
 * Brings one of our schemas up to date as talos_owner, all of it or nothing, and returns the migrations run now.
 * The caller holds the lock.
 */
export async function migrate(
  session: PostgresSession,
  schema: 'maintenance' | 'ops',
  folder: 'app' | 'ops',
): Promise<string[]> {
  // What node-pg-migrate needs of a pg client, on our own session.
  const dbClient = {
    query: async (text: string, values?: unknown[]) => ({ rows: await session.query(text, values) }),
  } as unknown as Extract<RunnerOption, { dbClient: unknown }>['dbClient'];
  await session.query('set role talos_owner');
  try {
    const done = await runner({
      dbClient,
      dir: databasePath(`migrations/${folder}`),
      migrationsTable: 'migrations',
      migrationsSchema: schema,
      direction: 'up',
      singleTransaction: true,
      noLock: true,
      logger: silent,
    });
    return done.map(({ name }) => name);
  } catch (error) {
    throw new Error(
      `migrations of schema ${schema} failed, nothing was changed: ${(error as Error).message}`,
      {
        cause: error,
      },
    );
  } finally {
    await session.query('reset role');
  }
}
