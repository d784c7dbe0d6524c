import dns from 'node:dns';
import { once } from 'node:events';
import net from 'node:net';
import tls from 'node:tls';
import { classOf, ProbeFailure, type Phases } from './probe.ts';

/** Of several addresses, so long for each before the next is tried beside it. Node's 250 ms are short of a far host. */
const ATTEMPT_MS = 2_500;
const DAY_MS = 86_400_000;

export interface Opened {
  socket: net.Socket;
  /** Where TLS is spoken. */
  certificateDays?: number;
}

/** Fails as soon as the signal does, whatever becomes of the work: a name look-up cannot be stopped. */
export async function before<Value>(signal: AbortSignal, work: Promise<Value>): Promise<Value> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  work.catch(() => undefined);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

/** Measures one phase, also when it fails. */
export async function timed<Value>(
  phases: Partial<Phases>,
  phase: keyof Phases,
  work: () => Promise<Value>,
): Promise<Value> {
  const began = performance.now();
  try {
    return await work();
  } finally {
    phases[phase] = (phases[phase] ?? 0) + (performance.now() - began);
  }
}

/** Every address of a name; when both families together fail, IPv4 alone is asked before it counts as a fault. */
async function resolve(host: string, signal: AbortSignal): Promise<dns.LookupAddress[]> {
  const family = net.isIP(host);
  if (family !== 0) return [{ address: host, family }];
  try {
    return await before(signal, dns.promises.lookup(host, { all: true }));
  } catch (error) {
    signal.throwIfAborted();
    const ipv4 = await before(
      signal,
      dns.promises.resolve4(host).catch(() => []),
    );
    if (ipv4.length === 0) throw classOf(error);
    return ipv4.map((address) => ({ address, family: 4 }));
  }
}

/** A new TCP connection: name, then handshake, timed apart. */
export async function openTcp(
  host: string,
  port: number,
  phases: Partial<Phases>,
  signal: AbortSignal,
): Promise<net.Socket> {
  const addresses = await timed(phases, 'dns', () => resolve(host, signal));
  const socket = new net.Socket();
  // Heard by whoever waits; a socket that is given up must not end the process.
  socket.on('error', () => undefined);
  try {
    await timed(phases, 'tcp', async () => {
      const connected = once(socket, 'connect');
      socket.connect({
        host,
        port,
        lookup: (_host, { all }, done) => {
          const [first] = addresses;
          if (all === true) done(null, addresses);
          else if (first) done(null, first.address, first.family);
        },
        autoSelectFamily: true,
        autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
      });
      await before(signal, connected);
    });
    return socket;
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    throw classOf(error);
  }
}

/**
 * TLS over a connection. The certificate is looked at before it is judged, so that an expired one is told with its
 * date; nothing is sent over a connection that is not trusted.
 */
export async function openTls(
  socket: net.Socket,
  host: string,
  phases: Partial<Phases>,
  signal: AbortSignal,
  ca?: string,
): Promise<Opened> {
  const secure = tls.connect({
    socket,
    servername: net.isIP(host) === 0 ? host : '',
    host,
    ALPNProtocols: ['http/1.1'],
    rejectUnauthorized: false,
    ca,
  });
  secure.on('error', () => undefined);
  try {
    await timed(phases, 'tls', () => before(signal, once(secure, 'secureConnect')));
  } catch (error) {
    secure.destroy();
    signal.throwIfAborted();
    throw new ProbeFailure('tls', classOf(error).detail);
  }
  const { valid_to: until } = secure.getPeerCertificate();
  const days = Math.floor((Date.parse(until) - Date.now()) / DAY_MS);
  const certificateDays = Number.isNaN(days) ? undefined : days;
  if (!secure.authorized) {
    secure.destroy();
    const code = String(
      (secure.authorizationError as Error & { code?: string })?.code ?? secure.authorizationError,
    );
    throw Object.assign(new ProbeFailure('tls', code), { certificateDays });
  }
  return { socket: secure, certificateDays };
}
