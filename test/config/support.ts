import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { ConfigError } from '../../src/config/index.ts';
import type { Config } from '../../src/config/index.ts';

const folders: string[] = [];

/** A new folder with these files, removed after the test file. */
export async function folderWith(files: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'talos-config-'));
  folders.push(folder);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return folder;
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

/** The least that starts. */
export const MINIMUM = {
  DATABASE_URL: 'postgresql://app:pw@db.example.com:5432/postgres',
  OPS_DATABASE_URL: 'postgresql://ops:pw@ops.example.com:5432/talos',
  ADMIN_EMAIL: 'admin@example.com',
  SMTP_URL: 'smtp://user:pw@smtp.example.com:587',
};

/** The error that loading ends with. */
export async function errorOf(loading: Promise<Config>): Promise<ConfigError> {
  const outcome = await loading.catch((error: unknown) => error);
  if (outcome instanceof ConfigError) return outcome;
  throw new Error(`Expected a ConfigError, got ${JSON.stringify(outcome)}`);
}
