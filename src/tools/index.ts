/**
 * Finds the programs this project starts. A tool is looked for in this order: the configured path, PATH and the
 * system's usual places, the project's own tool folder, which is filled once from pinned wheels.
 */
import { access, constants, stat } from 'node:fs/promises';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { exists, installWheels } from './install.ts';
import { findPostgres, POSTGRES_TOOLS } from './postgres-tools.ts';
import type { PostgresTool } from './postgres-tools.ts';
import { isAtLeast, placesOf, versionOf } from './search.ts';
import { wheelFolder, WHEELS } from './wheels.ts';

export type { PostgresTool };
type SingleTool = 'zstd' | 'rclone' | 'temporal' | 'temporal-test-server';
export type ToolName = PostgresTool | 'pg_amcheck' | SingleTool;

export interface ToolOptions {
  /** The folder of PostgreSQL's programs (setting PG_BIN): where set, no other is used. */
  pgBin?: string;
  /** The least major of PostgreSQL's programs: pg_dump refuses a server newer than itself. */
  minPostgresMajor?: number;
  /** Single programs given by the operator: where set, no other is used. */
  paths?: Partial<Record<SingleTool, string>>;
  /** The folder under which `talos/tools` is filled; default as XDG says, `~/.cache`. */
  cacheDir?: string;
  toolDir?: string;
  /** Whether a missing tool may be fetched; default true. */
  install?: boolean;
  onProgress?: (line: string) => void;
  /** Replaces the system's usual places of PostgreSQL; for tests. */
  postgresPlaces?: readonly string[];
}

/** `pg_amcheck` is a help where present, never needed: `undefined` where absent. */
export type Tools<Name extends ToolName> = {
  [K in Name]: K extends 'pg_amcheck' ? string | undefined : string;
};

interface Single {
  minimum?: { version: readonly number[]; args: readonly string[]; why: string };
  wheel?: (typeof WHEELS)[keyof typeof WHEELS];
  mend: string;
}

const SINGLES: Record<SingleTool, Single> = {
  zstd: { mend: 'apt install zstd  (macOS: brew install zstd)' },
  rclone: {
    // Debian 12's own is 1.60.
    minimum: { version: [1, 65], args: ['version'], why: '`serve s3` came with 1.65' },
    wheel: WHEELS.rclone,
    mend: 'install rclone 1.65 or newer (https://rclone.org/install/) so that it is on PATH',
  },
  temporal: {
    minimum: { version: [1, 9], args: ['--version'], why: 'server 1.32 came with 1.9' },
    wheel: WHEELS.temporal,
    mend: 'install the Temporal CLI 1.9 or newer (https://docs.temporal.io/cli) so that it is on PATH',
  },
  'temporal-test-server': {
    wheel: WHEELS['temporal-test-server'],
    mend: 'put `temporal-test-server` of a Temporal Java SDK release on PATH',
  },
};

const isSingle = (name: ToolName): name is SingleTool => name in SINGLES;

/** The absolute path of every tool asked for; PostgreSQL's all from one folder. Fails with what installs the missing one. */
export async function resolveTools<Name extends ToolName>(
  names: readonly Name[],
  options: ToolOptions = {},
): Promise<Tools<Name>> {
  const toolDir = await chooseToolDir(options);
  const found: Partial<Record<ToolName, string>> = {};
  const singles = (names as readonly ToolName[]).filter(isSingle);
  const postgres = POSTGRES_TOOLS.filter((name) => (names as readonly ToolName[]).includes(name));
  const wantsPostgres = postgres.length > 0 || (names as readonly ToolName[]).includes('pg_amcheck');
  await Promise.all([
    ...singles.map(async (name) => {
      found[name] = await findSingle(name, toolDir, options);
    }),
    wantsPostgres
      ? findPostgres({ wanted: postgres, toolDir, ...options }).then((paths) => Object.assign(found, paths))
      : undefined,
  ]);
  return found as Tools<Name>;
}

export async function findTool(
  name: Exclude<ToolName, 'pg_amcheck'>,
  options: ToolOptions = {},
): Promise<string> {
  return (await resolveTools([name], options))[name];
}

async function findSingle(name: SingleTool, toolDir: string, options: ToolOptions): Promise<string> {
  const { minimum, wheel, mend } = SINGLES[name];
  const configured = options.paths?.[name];
  if (configured !== undefined) {
    await access(configured, constants.X_OK).catch(() => {
      throw new Error(`${name}: ${configured}, as configured, is not a program that can be run`);
    });
    return configured;
  }
  const refused: string[] = [];
  for (const file of await placesOf(name)) {
    if (!minimum) return file;
    const version = await versionOf(file, minimum.args);
    if (version && isAtLeast(version, minimum.version)) return file;
    refused.push(`${file} ${version ? `is ${version.join('.')}, too old (${minimum.why})` : 'does not run'}`);
  }
  const problem = [`${name} is not there`, ...refused].join('; ');
  if (!wheel) throw new Error(`${problem}. Install it: ${mend}`);
  const own = path.join(toolDir, wheelFolder(wheel), 'bin', name);
  if (await exists(own)) return own;
  if (options.install === false) throw new Error(`${problem}. Mend: ${mend}`);
  options.onProgress?.(`fetching ${wheel.package} ${wheel.version} into ${toolDir} (once)`);
  await installWheels(toolDir, [wheel]).catch((error: unknown) => {
    throw new Error(`${problem}, and could not be fetched: ${(error as Error).message}. Or: ${mend}`);
  });
  return own;
}

/** Root's home is closed to the user the database server runs under, hence another folder there. */
async function chooseToolDir({ toolDir, cacheDir }: ToolOptions): Promise<string> {
  if (toolDir !== undefined) return path.resolve(toolDir);
  if (cacheDir !== undefined) return path.join(path.resolve(cacheDir), 'talos', 'tools');
  const open = userInfo().uid !== 0 || ((await stat(homedir())).mode & 0o001) !== 0;
  return open ? path.join(homedir(), '.cache', 'talos', 'tools') : '/var/cache/talos/tools';
}
