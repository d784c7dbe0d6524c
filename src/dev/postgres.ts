import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { openPostgresSession } from '../clients/postgres.ts';
import { HOST } from './ports.ts';
import { startChild } from './process.ts';
import type { Child, RecordedChild } from './process.ts';
import { markOf } from './process-table.ts';

const run = promisify(execFile);
export const SUPERUSER = 'postgres';

export interface PostgresServerOptions {
  /** Where its data is kept: `<dir>/postgres`, unless another user must reach it and cannot. */
  dir: string;
  port: number;
  password: string;
  tools: { initdb: string; postgres: string };
  logDir: string;
  /** Without fsync a server is faster, and its data is lost with the machine: for tests. */
  ephemeral: boolean;
  onSpawn?: (child: RecordedChild) => void;
  onProgress?: (line: string) => void;
}

export interface PostgresServer extends Child {
  /** The superuser's URL of one database. */
  urlOf(database: string): string;
}

interface User {
  uid: number;
  gid: number;
}

export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { port, password, ephemeral } = options;
  const user = userInfo().uid === 0 ? await unprivilegedUser() : undefined;
  const dataDir = placeData(options, user);
  if (!existsSync(path.join(dataDir, 'PG_VERSION'))) await createCluster(dataDir, user, options);
  await removeStalePidFile(dataDir);
  const urlOf = (database: string) =>
    `postgres://${SUPERUSER}:${encodeURIComponent(password)}@${HOST}:${port}/${database}`;
  const settings = {
    listen_addresses: HOST,
    port: String(port),
    unix_socket_directories: '',
    max_connections: ephemeral ? '200' : '100',
    shared_buffers: '64MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    fsync: ephemeral ? 'off' : 'on',
    synchronous_commit: ephemeral ? 'off' : 'on',
    full_page_writes: ephemeral ? 'off' : 'on',
  };
  const child = await startChild({
    name: 'postgres',
    command: options.tools.postgres,
    args: ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    logDir: options.logDir,
    ready: () => answers(urlOf('postgres')),
    // A fast shutdown: sessions are ended, data is written.
    stopSignal: 'SIGINT',
    onSpawn: options.onSpawn,
    ...user,
  });
  const stop = async () => {
    await child.stop();
    if (ephemeral) rmSync(dataDir, { recursive: true, force: true });
  };
  return { ...child, urlOf, stop };
}

async function answers(url: string): Promise<boolean> {
  const session = await openPostgresSession({ url, applicationName: 'talos-dev' });
  await session.query('select 1');
  await session.close();
  return true;
}

/** PostgreSQL refuses to run as root. The user must exist on the machine: any other number fails in initdb. */
async function unprivilegedUser(): Promise<User> {
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => (await run('id', [flag, 'nobody'])).stdout),
  );
  return { uid: Number(uid), gid: Number(gid) };
}

function placeData({ dir, onProgress }: PostgresServerOptions, user: User | undefined): string {
  const wanted = path.resolve(dir, 'postgres');
  if (user === undefined || isReachable(dir)) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  // /var/tmp and not /tmp: it outlives a restart of the machine.
  const parent = `/var/tmp/talos-${hash}`;
  mkdirSync(parent, { recursive: true, mode: 0o711 });
  const { uid } = statSync(parent);
  if (uid !== userInfo().uid)
    throw new Error(`${parent} belongs to another user (${uid}): remove it, or use --state-dir`);
  onProgress?.(`PostgreSQL does not run as root, and its user cannot enter ${dir}: its data is in ${parent}`);
  return path.join(parent, 'postgres');
}

/** Whether every folder on the way lets other users pass. */
function isReachable(dir: string): boolean {
  const folder = path.resolve(dir);
  if ((statSync(folder).mode & 0o001) === 0) return false;
  return folder === path.dirname(folder) || isReachable(path.dirname(folder));
}

/** Made under another name and renamed: a folder of this name is always a whole cluster. */
async function createCluster(
  dataDir: string,
  user: User | undefined,
  options: PostgresServerOptions,
): Promise<void> {
  const { password, tools, ephemeral } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { mode: 0o700 });
  const passwordFile = `${dataDir}.${randomBytes(4).toString('hex')}`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (user) for (const file of [dataDir, passwordFile]) chownSync(file, user.uid, user.gid);
  // prettier-ignore
  const args = [
    '-D', dataDir, '-U', SUPERUSER, '--pwfile', passwordFile, '--auth', 'scram-sha-256', '-E', 'UTF8',
    '--locale', process.platform === 'linux' ? 'C.UTF-8' : 'C', ...(ephemeral ? ['--no-sync'] : []),
  ];
  try {
    await run(tools.initdb, args, { cwd: '/', ...user });
  } catch (error) {
    rmSync(dataDir, { recursive: true, force: true });
    throw new Error(`initdb failed: ${(error as { stderr?: string }).stderr ?? String(error)}`, {
      cause: error,
    });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** After a `kill -9` the file stays; the server would trust it once its pid belongs to somebody else. */
async function removeStalePidFile(dataDir: string): Promise<void> {
  const file = path.join(dataDir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  const living = await markOf(pid);
  const command =
    living && existsSync(`/proc/${pid}/cmdline`) ? readFileSync(`/proc/${pid}/cmdline`, 'utf8') : '';
  if (living && (process.platform !== 'linux' || command.includes(dataDir))) {
    throw new Error(`a PostgreSQL (pid ${pid}) still runs with ${dataDir}: stop it, or use --state-dir`);
  }
  rmSync(file);
}
