import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import net from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import type { SshOptions } from '../../src/clients/ssh.ts';
import { waitFor } from './wait.ts';

/** A real OpenSSH server on the loopback, with keys of its own. */
export interface Sshd {
  port: number;
  /** The user that logs in: no root where another can be, so that permissions are felt. */
  user: string;
  uid: number;
  gid: number;
  /** How to get in. */
  options: SshOptions;
  /** A key that the server does not know. */
  strangersKey: string;
  /** The host's public keys, `type base64`, of each type. */
  hostKeys: { ed25519: string; ecdsa: string };
  /** Ends the processes that serve the connections, and leaves the server: what a cut line looks like. */
  cut(): Promise<void>;
  stop(): Promise<void>;
}

/** The server has no PATH of its own choosing: `folder` comes first in it. */
export async function startSshd(binFolder?: string): Promise<Sshd> {
  const folder = mkdtempSync(path.join(tmpdir(), 'talos-sshd-'));
  const file = (name: string): string => path.join(folder, name);
  const keygen = (name: string, type: string): string => {
    execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', file(name)]);
    return readFileSync(file(`${name}.pub`), 'utf8').trim();
  };
  const hostKeys = { ed25519: keygen('host', 'ed25519'), ecdsa: keygen('host-ecdsa', 'ecdsa') };
  keygen('client', 'ed25519');
  keygen('stranger', 'ed25519');
  const root = process.getuid?.() === 0;
  const { user, uid, gid } = root ? someUser() : own();
  // The server runs as the user that logs in: the account may be locked, and the test may be nobody special.
  for (const name of readdirSync(folder)) chownSync(file(name), uid, gid);
  chownSync(folder, uid, gid);
  if (uid === 0) mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  writeFileSync(
    file('sshd_config'),
    `Port ${String(port)}
ListenAddress 127.0.0.1
HostKey ${file('host')}
HostKey ${file('host-ecdsa')}
AuthorizedKeysFile ${file('client.pub')}
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
SetEnv PATH=${binFolder === undefined ? '' : `${binFolder}:`}/usr/bin:/bin
`,
  );
  const server = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file('sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    ...(root && { uid, gid }),
  });
  let log = '';
  server.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  await waitFor(
    () => {
      if (server.exitCode !== null) throw new Error(`sshd ended: ${log}`);
      return log.includes('Server listening');
    },
    { timeoutMs: 10_000, what: 'sshd (apt install openssh-server)' },
  );
  return {
    port,
    user,
    uid,
    gid,
    options: {
      host: `127.0.0.1:${String(port)}`,
      user,
      privateKey: readFileSync(file('client'), 'utf8'),
      knownHosts: `[127.0.0.1]:${String(port)} ${hostKeys.ed25519}\n`,
      timeoutMs: 10_000,
    },
    strangersKey: readFileSync(file('stranger'), 'utf8'),
    hostKeys,
    async cut() {
      const serving = below(server);
      kill(serving);
      await waitFor(() => below(server).every((pid) => !serving.includes(pid)), {
        timeoutMs: 5_000,
        what: 'the end of the connections',
      });
    },
    async stop() {
      kill(below(server));
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** All processes below it: a connection has two, and the scripts theirs. Zombies do not count: they hold nothing. */
function below({ pid }: ChildProcess): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const [state, parent] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      if (state !== 'Z') parents.set(Number(name), Number(parent));
    } catch {
      // Gone meanwhile.
    }
  }
  const isBelow = (one: number | undefined): boolean =>
    one !== undefined && (parents.get(one) === pid || isBelow(parents.get(one)));
  return [...parents.keys()].filter((one) => isBelow(one));
}

/** One may have ended by itself since it was seen. */
function kill(pids: readonly number[]): void {
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone meanwhile.
    }
  }
}

interface User {
  user: string;
  uid: number;
  gid: number;
}

function own(): User {
  const { username: user, uid, gid } = userInfo();
  return { user, uid, gid };
}

/** PostgreSQL's package brings a user with a shell; root sees every file and feels no permission. */
function someUser(): User {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('postgres:'));
  const [user, , uid, gid, , , shell] = line?.split(':') ?? [];
  return user !== undefined && shell !== undefined && existsSync(shell) && /sh$/.test(shell)
    ? { user, uid: Number(uid), gid: Number(gid) }
    : own();
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
