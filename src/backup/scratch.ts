import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openPostgresSession, type PostgresSession } from '../clients/postgres.ts';
import { startStage } from '../tools/stage.ts';
import type { SourceFacts } from './source.ts';

const run = promisify(execFile);

/** PostgreSQL refuses to run as root: then it runs as `nobody`, who exists on every system. */
const UNPRIVILEGED = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
const SUPERUSER = 'talos_prover';

/** A database of its own for one proof, gone with everything in it when closed. */
export interface ScratchDatabase {
  url: string;
  close(): Promise<void>;
}

interface ScratchTools {
  initdb: string;
  postgres: string;
}

/** Folders that this process made. In a container a worker has the pid of its dead predecessor. */
const mine = new Set<string>();

function folderName(): string {
  const name = `verify-${String(process.pid)}-${randomBytes(4).toString('hex')}`;
  mine.add(name);
  return name;
}

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/**
 * Removes what a killed worker left: its throw-away servers hold plain text. Folders of workers that still run on
 * this machine are left alone. Called at worker start and before each proof.
 */
export async function sweepScratch(workDir: string): Promise<void> {
  for (const name of await readdir(workDir).catch(() => [])) {
    const owner = Number(/^verify-(\d+)-[0-9a-f]{8}$/.exec(name)?.[1] ?? 0);
    if (owner === 0 || mine.has(name) || (owner !== process.pid && alive(owner))) continue;
    const folder = path.join(workDir, name);
    const pidFile = await readFile(path.join(folder, 'data', 'postmaster.pid'), 'utf8').catch(() => '');
    const pid = Number.parseInt(pidFile, 10);
    // The pid may have gone to another program since: only a process started on this very folder is ended.
    const command =
      pid > 0 ? await run('ps', ['-p', String(pid), '-o', 'args=']).catch(() => undefined) : undefined;
    if (command?.stdout.includes(folder)) process.kill(pid, 'SIGQUIT');
    await rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** Nothing here has to survive a crash: durability off, room for index builds. */
const SETTINGS = {
  listen_addresses: '',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_wal_size: '4GB',
  autovacuum: 'off',
  maintenance_work_mem: '256MB',
  shared_preload_libraries: '',
  log_min_messages: 'fatal',
};

async function connectWhenReady(url: string, ended: Promise<never>): Promise<PostgresSession> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await openPostgresSession({ url, applicationName: 'talos-proof' });
    } catch (error) {
      if (attempt >= 150) throw error;
      await Promise.race([new Promise((resolve) => setTimeout(resolve, 100)), ended]);
    }
  }
}

const createDatabase = (source: Omit<SourceFacts, 'leftOut'>, collate: string, ctype: string): string =>
  `create database restored template template0 encoding '${source.encoding}' lc_collate '${collate}' lc_ctype '${ctype}'`;

/**
 * Starts a throw-away PostgreSQL from the local binaries: own folder of mode 0700, unix socket only.
 * The database has the source's encoding, and its locale where this machine has it.
 */
export async function startScratchServer(
  tools: ScratchTools,
  workDir: string,
  source: Omit<SourceFacts, 'leftOut'>,
): Promise<ScratchDatabase> {
  await mkdir(workDir, { recursive: true });
  // Passable for the server's own user; what lies in it is closed by the mode of each folder.
  if (UNPRIVILEGED.uid !== undefined) await chmod(workDir, 0o711);
  const folder = path.join(workDir, folderName());
  await mkdir(folder, { mode: 0o700 });
  await chmod(folder, 0o700);
  if (UNPRIVILEGED.uid !== undefined) await chown(folder, UNPRIVILEGED.uid, UNPRIVILEGED.gid);
  const data = path.join(folder, 'data');
  const remove = (): Promise<void> =>
    rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  try {
    await startStage(
      tools.initdb,
      [
        '-D',
        data,
        '-U',
        SUPERUSER,
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        '--no-instructions',
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: folder,
        env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
        failure: 'ProofServerFailed',
        ...UNPRIVILEGED,
      },
    ).done;
    const server = startStage(
      tools.postgres,
      [
        '-D',
        data,
        '-k',
        folder,
        ...Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
      ],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
        cwd: folder,
        env: { LC_ALL: 'C', TZ: 'UTC' },
        failure: 'ProofServerFailed',
        ...UNPRIVILEGED,
      },
    );
    const close = async (): Promise<void> => {
      // Immediate shutdown: nothing is worth a checkpoint.
      server.child.kill('SIGQUIT');
      await server.done.catch(() => undefined);
      await remove();
    };
    try {
      const ended = server.done.then(() => {
        throw new Error('the throw-away PostgreSQL ended by itself');
      });
      ended.catch(() => undefined);
      const at = (database: string): string =>
        `postgresql://${SUPERUSER}@localhost/${database}?host=${encodeURIComponent(folder)}`;
      const admin = await connectWhenReady(at('postgres'), ended);
      try {
        await admin
          .query(createDatabase(source, source.collate, source.ctype))
          .catch(() => admin.query(createDatabase(source, 'C', 'C')));
      } finally {
        await admin.close();
      }
      return { url: at('restored'), close };
    } catch (error) {
      await close();
      throw error;
    }
  } catch (error) {
    await remove();
    throw error;
  }
}

/** A database on the operator's verification server (`VERIFY_DATABASE_URL`), dropped when closed. */
export async function createScratchDatabase(
  serverUrl: string,
  source: Omit<SourceFacts, 'leftOut'>,
): Promise<ScratchDatabase> {
  const name = `talos_verify_${randomBytes(4).toString('hex')}`;
  const server = await openPostgresSession({ url: serverUrl, applicationName: 'talos-proof' });
  try {
    const [version] = await server.query<{ major: number }>(
      `select current_setting('server_version_num')::int / 10000 as major`,
    );
    if (version?.major !== source.serverMajor)
      throw new Error(
        `VERIFY_DATABASE_URL is PostgreSQL ${String(version?.major)}, the backup ${source.serverVersion}: use the same major`,
      );
    await server.query(`create database ${name} template template0 encoding '${source.encoding}'`);
  } catch (error) {
    await server.close();
    throw error;
  }
  const url = new URL(serverUrl);
  url.pathname = `/${name}`;
  return {
    url: url.toString(),
    close: async () => {
      await server.query(`drop database if exists ${name} with (force)`).finally(() => server.close());
    },
  };
}
