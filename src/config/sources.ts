import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { z } from 'zod';
import type { Mistake } from './mistakes.ts';
import { VARIABLE_NAMES } from './variables.ts';

/** Variables by name, as the process, `.env` or the local stack give them. */
export type Settings = Record<string, string | undefined>;

const isNodeError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error;

/** What reading a file failed with, in words and without its content. */
export const readFailure = (error: unknown): string => {
  const code = isNodeError(error) ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder';
  if (code === 'EACCES') return 'may not be read by this user';
  return `cannot be read (${code ?? 'unknown error'})`;
};

/** The text of a file that may be absent; any other failure is a mistake. */
export async function readOptional(path: string, mistakes: Mistake[]): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNodeError(error) && error.code === 'ENOENT') return undefined;
    mistakes.push({ setting: path, problem: readFailure(error), mend: 'Make it readable, or remove it.' });
    return undefined;
  }
}

export async function readDotEnv(cwd: string, mistakes: Mistake[]): Promise<Settings> {
  const text = await readOptional(join(cwd, '.env'), mistakes);
  return text === undefined ? {} : parseEnv(text);
}

const stack = z.object({ pid: z.int().positive(), env: z.record(z.string(), z.string()) });

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and belongs to someone else.
    return isNodeError(error) && error.code === 'EPERM';
  }
};

/**
 * The settings of the stack that `npm start` runs, while it runs. An unreadable `stack.json` is a mistake and not
 * "no stack": going on with the real settings could touch production.
 */
export async function readLocalStack(stateDir: string, mistakes: Mistake[]): Promise<Settings | undefined> {
  const path = join(stateDir, 'stack.json');
  const text = await readOptional(path, mistakes);
  if (text === undefined) return undefined;
  try {
    const { pid, env } = stack.parse(JSON.parse(text));
    return isAlive(pid) ? env : undefined;
  } catch {
    mistakes.push({
      setting: path,
      problem: 'does not describe a local stack',
      mend: 'Stop the stack and remove the file, or use --no-local for the settings of the environment.',
    });
    return undefined;
  }
}

/** Replaces each `NAME_FILE` by the content of its file as `NAME`. Empty variables count as absent. */
export async function readSecretFiles(
  settings: Settings,
  cwd: string,
  mistakes: Mistake[],
): Promise<Settings> {
  const read = Object.fromEntries(Object.entries(settings).filter(([, value]) => value?.trim()));
  for (const name of VARIABLE_NAMES) {
    const fileVariable = `${name}_FILE`;
    const path = read[fileVariable];
    if (path === undefined) continue;
    if (read[name] !== undefined) {
      mistakes.push({
        setting: fileVariable,
        problem: `is set beside ${name}`,
        mend: 'Keep one of the two.',
      });
      continue;
    }
    try {
      const value = (await readFile(resolve(cwd, path), 'utf8')).replace(/(\r?\n)+$/, '');
      if (value !== '') read[name] = value;
      else
        mistakes.push({
          setting: fileVariable,
          problem: 'names an empty file',
          mend: `Put ${name} into it.`,
        });
    } catch (error) {
      mistakes.push({
        setting: fileVariable,
        problem: `names a file that ${readFailure(error)}: ${path}`,
        mend: 'Correct the path, or let this user read the file.',
      });
    }
  }
  return read;
}
