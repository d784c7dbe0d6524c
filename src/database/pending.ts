import { readdir } from 'node:fs/promises';
import type { Queryable } from '../clients/postgres.ts';
import { databasePath } from './files.ts';

const SCHEMAS = { app: 'maintenance', ops: 'ops' } as const;

/** Migrations of this version that have not run in a database, in order; undefined: none ever has. */
export async function pendingMigrations(db: Queryable, folder: 'app' | 'ops'): Promise<string[] | undefined> {
  const schema = SCHEMAS[folder];
  const [table] = await db.query<{ there: boolean }>('select to_regclass($1) is not null as there', [
    `${schema}.migrations`,
  ]);
  if (table?.there !== true) return undefined;
  const run = new Set(
    (await db.query<{ name: string }>(`select name from ${schema}.migrations`)).map(({ name }) => name),
  );
  const files = await readdir(databasePath(`migrations/${folder}`));
  return files
    .filter((file) => file.endsWith('.sql'))
    .map((file) => file.slice(0, -'.sql'.length))
    .filter((name) => !run.has(name))
    .sort();
}
