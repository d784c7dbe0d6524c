import { once } from 'node:events';
// ssh2 1.17: maintained, Node ≥ 10.16, tried on 20; its native addon is optional.
import ssh2, { type ClientChannel, type ServerHostKeyAlgorithm } from 'ssh2';
import { hostKeyFailure, sshFailure, sshRefused, sshUnreachable } from './ssh-failure.ts';
import { knownHost } from './ssh-known-hosts.ts';

export interface SshOptions {
  /** `host`, `host:port` or `[address]:port`. */
  host: string;
  port?: number;
  user: string;
  /** Text of the private key, without a passphrase. */
  privateKey: string;
  /** Text of a known_hosts file; hashed names, ports and several key types as OpenSSH reads them. */
  knownHosts: string;
  /** From the first packet to the end of the login. */
  timeoutMs?: number;
}

/** One connection. Whoever opened it closes it. */
export interface SshConnection {
  /** Runs a command; what `exec` of the protocol does: the user's login shell reads it. */
  exec(command: string): Promise<ClientChannel>;
  /** Why the connection is gone; undefined while it lives. Known before the channels it had end. */
  failure(): Error | undefined;
  /** Resolves when the connection is gone, whatever the reason. */
  closed: Promise<void>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 20_000;
/** Three answers missed and the connection counts as lost: a minute. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };

/** Best first; SHA-1 signatures (`ssh-rsa`) are left out. */
const HOST_KEY_ALGORITHMS: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
];

/** A known key of any type must be the one that the server shows: its type is asked for first. */
function algorithmsFor(types: readonly string[]): ServerHostKeyAlgorithm[] {
  const isKnown = (name: string): boolean => types.includes(name.startsWith('rsa-') ? 'ssh-rsa' : name);
  return [...HOST_KEY_ALGORITHMS.filter(isKnown), ...HOST_KEY_ALGORITHMS.filter((name) => !isKnown(name))];
}

/** Host and port of VPS_HOST. A bare IPv6 address has more than one colon, and no port. */
export function parseHost(text: string): { host: string; port: number } {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text.trim()) ?? [];
  return { host: bracketed ?? plain ?? text.trim(), port: Number(port ?? 22) };
}

/** Opens one connection. The host's key is always checked; rejects with one of `ssh-failure.ts`. */
export async function openSsh(options: SshOptions, signal?: AbortSignal): Promise<SshConnection> {
  signal?.throwIfAborted();
  const { host, port: writtenPort } = parseHost(options.host);
  const port = options.port ?? writtenPort;
  if (ssh2.utils.parseKey(options.privateKey) instanceof Error)
    throw sshRefused('VPS_SSH_KEY cannot be read: is it whole, and without a passphrase?');
  const known = knownHost(options.knownHosts, host, port);

  const client = new ssh2.Client();
  let failure: Error | undefined;
  let closing = false;
  // From now on an error never goes unheard: without a listener it would end the process.
  client.on('error', (error) => (failure ??= sshFailure(error)));
  const closed = new Promise<void>((resolve) => {
    client.on('close', () => {
      failure ??= sshUnreachable(closing ? 'we closed the connection' : 'it closed the connection');
      resolve();
    });
  });
  const abort = (): void => {
    failure ??= signal?.reason as Error;
    client.destroy();
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const ready = once(client, 'ready');
    client.connect({
      host,
      port,
      username: options.user,
      privateKey: options.privateKey,
      readyTimeout: options.timeoutMs ?? TIMEOUT_MS,
      ...KEEPALIVE,
      algorithms: { serverHostKey: algorithmsFor(known.types) },
      hostVerifier: (blob: Buffer) => {
        const verdict = known.judge(blob);
        if (verdict !== 'known') failure ??= hostKeyFailure(verdict, blob, port);
        return verdict === 'known';
      },
    });
    // A server may close without an error.
    await Promise.race([ready, closed]);
    if (failure !== undefined) throw failure;
  } catch (error) {
    client.destroy();
    throw failure ?? sshFailure(error);
  } finally {
    signal?.removeEventListener('abort', abort);
  }

  return {
    exec: (command) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        client.exec(command, (error, channel) => {
          if (error) reject(failure ?? sshUnreachable('it opens no further session'));
          else resolve(channel);
        });
      }),
    failure: () => failure,
    closed,
    close: async () => {
      closing = true;
      client.end();
      // A host that is gone does not answer the farewell.
      const impatient = setTimeout(() => client.destroy(), 2_000);
      await closed;
      clearTimeout(impatient);
    },
  };
}
