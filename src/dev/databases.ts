import { openPostgresSession } from '../clients/postgres.ts';
import type { PostgresSession } from '../clients/postgres.ts';
import { readDatabaseFile } from '../database/files.ts';
import { applyDatabase } from '../database/index.ts';
import { arm, SCHEDULES } from '../schedules/index.ts';
import { seedDemo } from './demo-database.ts';
import type { PostgresServer } from './postgres.ts';
import { ROLES } from './secrets.ts';
import type { Role } from './secrets.ts';

export interface DatabasesOptions {
  server: PostgresServer;
  passwords: Record<Role, string>;
  now: Date;
  onProgress: (line: string) => void;
}

/** The demo application's database `app`, filled on the first start, and our own, `ops`; both brought up to date. */
export async function prepareDatabases({
  server,
  passwords,
  now,
  onProgress,
}: DatabasesOptions): Promise<void> {
  const admin = await openPostgresSession({ url: server.urlOf('postgres'), applicationName: 'talos-dev' });
  try {
    if (!(await databaseExists(admin, 'app'))) {
      onProgress('filling the demo application with a year of data (once)');
      // Filled under another name: a database called `app` is always whole.
      await admin.query('drop database if exists app_seeding with (force)');
      await admin.query('create database app_seeding');
      await seedDemo({ url: server.urlOf('app_seeding'), now });
      await admin.query('alter database app_seeding rename to app');
    }
    const isFirst = !(await databaseExists(admin, 'ops'));
    if (isFirst) await admin.query('create database ops');
    const urls = { appUrl: server.urlOf('app'), opsUrl: server.urlOf('ops') };
    await applyDatabase(urls);
    await prepareCleaning(urls, isFirst);
    for (const role of ROLES) {
      // A password cannot be bound in DDL; it is one of ours, letters and digits only.
      await admin.query(`alter role ${role} password '${passwords[role]}'`);
    }
  } finally {
    await admin.close();
  }
}

/** What an operator does by hand: grants the deletions, and arms the jobs. The demo's data are nobody's. */
async function prepareCleaning(
  { appUrl, opsUrl }: { appUrl: string; opsUrl: string },
  isFirst: boolean,
): Promise<void> {
  const options = { applicationName: 'talos-dev' } as const;
  const app = await openPostgresSession({ url: appUrl, ...options });
  const ops = await openPostgresSession({ url: opsUrl, ...options });
  try {
    for (const name of [
      'grants/supabase-cleanup.sql',
      'demo/grants-cleanup.sql',
      'grants/talosprimes-privacy.sql',
    ])
      await app.query(await readDatabaseFile(name));
    // Once: whoever disarms a job finds it as it was left.
    if (isFirst)
      for (const { scheduleId } of SCHEDULES.filter(({ observe }) => observe))
        await arm({ app, ops }, { scheduleId, by: 'npm start' });
  } finally {
    await Promise.all([app.close(), ops.close()]);
  }
}

async function databaseExists(admin: PostgresSession, name: string): Promise<boolean> {
  return (await admin.query('select 1 from pg_database where datname = $1', [name])).length > 0;
}
