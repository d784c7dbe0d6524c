import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { exists } from './install.ts';

const run = promisify(execFile);
const VERSION_TIMEOUT_MS = 15_000;

/** Where programs lie that are installed but not on every PATH (services and cron jobs have a short one). */
const USUAL_PLACES = [
  '/usr/local/bin',
  '/usr/bin',
  '/opt/homebrew/bin',
  path.join(homedir(), '.temporalio/bin'),
];

/** Folders with PostgreSQL's own programs: on Debian, PATH holds only wrappers for some of them. `*` is a version. */
const POSTGRES_PLACES = [
  '/usr/lib/postgresql/*/bin',
  '/usr/pgsql-*/bin',
  '/opt/homebrew/opt/postgresql@*/bin',
  '/usr/local/opt/postgresql@*/bin',
  '/Applications/Postgres.app/Contents/Versions/*/bin',
];

/** Every place a program of that name lies in, PATH first. */
export async function placesOf(name: string, usual: readonly string[] = USUAL_PLACES): Promise<string[]> {
  const found: string[] = [];
  // The shell reads PATH for us: only src/config/ looks into the environment.
  const shell = await run('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]).catch(() => undefined);
  const onPath = shell?.stdout.trim();
  if (onPath?.startsWith('/')) found.push(onPath);
  for (const folder of usual) {
    const file = path.join(folder, name);
    if (!found.includes(file) && (await exists(file))) found.push(file);
  }
  return found;
}

/** PostgreSQL's folders, newest major first; then the one behind PATH's `postgres`. */
export async function postgresFolders(places: readonly string[] = POSTGRES_PLACES): Promise<string[]> {
  const folders: { folder: string; version: number }[] = [];
  for (const place of places) {
    const star = place.indexOf('*');
    const parent = path.dirname(place.slice(0, star + 1));
    const prefix = path.basename(place.slice(0, star + 1)).replace('*', '');
    for (const entry of await readdir(parent).catch(() => [])) {
      const version = Number(entry.slice(prefix.length));
      if (!entry.startsWith(prefix) || !(version > 0)) continue;
      folders.push({ folder: path.join(parent, entry, place.slice(star + 2)), version });
    }
  }
  const sorted = folders.sort((a, b) => b.version - a.version).map(({ folder }) => folder);
  for (const file of await placesOf('postgres')) {
    const folder = path.dirname(await realpath(file));
    if (!sorted.includes(folder)) sorted.push(folder);
  }
  return sorted;
}

/** The first version number a program prints, or undefined where it does not run (a broken shim, another platform). */
export async function versionOf(file: string, args: readonly string[]): Promise<number[] | undefined> {
  const output = await run(file, [...args], { timeout: VERSION_TIMEOUT_MS }).catch(() => undefined);
  return output?.stdout
    .match(/\d+(\.\d+)+/)?.[0]
    .split('.')
    .map(Number);
}

export function isAtLeast(version: readonly number[], minimum: readonly number[]): boolean {
  for (const [index, wanted] of minimum.entries()) {
    const part = version[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
