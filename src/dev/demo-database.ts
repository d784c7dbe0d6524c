import { openPostgresSession } from '../clients/postgres.ts';
import { readDatabaseFile } from '../database/files.ts';

const FILES = [
  ...['schema-auth', 'schema-app', 'schema-usage', 'schema-access'],
  ...['seed-accounts', 'seed-billing', 'seed-usage', 'seed-auth'],
];

export interface DemoOptions {
  /** A superuser's URL of an empty database. */
  url: string;
  /** The instant at which the demo's year ends: the same instant gives the same data. */
  now: Date;
}

/** Fills an empty database with the demo SaaS, all of it or nothing. */
export async function seedDemo({ url, now }: DemoOptions): Promise<void> {
  const scripts = await Promise.all(FILES.map((name) => readDatabaseFile(`demo/${name}.sql`)));
  const session = await openPostgresSession({ url, applicationName: 'talos-demo' });
  try {
    const [existing] = await session.query(`select from pg_namespace where nspname = 'auth'`);
    if (existing !== undefined)
      throw new Error('the demo is only loaded into an empty database, and this one has a schema auth');
    // Compiling these long expressions costs more than running them once.
    await session.query(
      `select set_config('demo.now', $1, false), set_config('timezone', 'UTC', false), set_config('jit', 'off', false)`,
      [now.toISOString()],
    );
    await session.query('begin');
    for (const script of scripts) await session.query(script);
    await session.query('commit');
    await session.query('analyze');
  } finally {
    await session.close();
  }
}
