import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { waitFor } from './wait.ts';

export interface Pooler {
  /** The same database through a pool of that mode. */
  url(mode: 'transaction' | 'session'): string;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A real PgBouncer in front of a database of the tests. */
export async function startPooler(databaseUrl: string, folder: string): Promise<Pooler> {
  const { hostname, port: serverPort, username, password, pathname } = new URL(databaseUrl);
  const database = pathname.slice(1);
  const port = await freePort();
  const home = path.join(folder, 'pgbouncer');
  await mkdir(home, { recursive: true });
  await writeFile(path.join(home, 'users.txt'), `"${username}" "${decodeURIComponent(password)}"\n`, {
    mode: 0o644,
  });
  const target = `host=${hostname} port=${serverPort} dbname=${database} user=${username} password=${decodeURIComponent(password)}`;
  await writeFile(
    path.join(home, 'pgbouncer.ini'),
    `[databases]
in_transaction = ${target} pool_mode=transaction
in_session = ${target} pool_mode=session
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${String(port)}
unix_socket_dir =
auth_type = any
ignore_startup_parameters = extra_float_digits,options
`,
  );
  await chmod(home, 0o755);
  await chmod(folder, 0o711);
  // It refuses to run as root.
  const unprivileged = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};
  const child = spawn('pgbouncer', ['pgbouncer.ini'], { cwd: home, stdio: 'ignore', ...unprivileged });
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(`pgbouncer does not start (apt install pgbouncer): ${String(error)}`);
  });
  failed.catch(() => undefined);
  await Promise.race([
    failed,
    waitFor(
      async () => {
        const socket = net.connect(port, '127.0.0.1');
        await once(socket, 'connect');
        socket.destroy();
        return true;
      },
      { timeoutMs: 10_000, what: 'pgbouncer' },
    ),
  ]);
  return {
    url: (mode) => `postgresql://${username}:${password}@127.0.0.1:${String(port)}/in_${mode}`,
    async stop() {
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
    },
  };
}
