import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { capture, createHost, type Host } from '../../src/clients/host.ts';
import { openSsh, parseHost, type SshOptions } from '../../src/clients/ssh.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';
import { waitFor } from '../support/wait.ts';

let sshd: Sshd;
beforeAll(async () => {
  sshd = await startSshd();
});
afterAll(() => sshd.stop());

/** Logs in and out; what the failure is otherwise. */
async function login(
  change: Partial<SshOptions>,
): Promise<{ type: string; permanent?: boolean; message: string }> {
  try {
    const connection = await openSsh({ ...sshd.options, ...change });
    await connection.close();
    return { type: 'in', message: '' };
  } catch (error) {
    const { type, nonRetryable, message } = error as { type: string; nonRetryable: boolean; message: string };
    return { type, permanent: nonRetryable, message };
  }
}
const name = (): string => `[127.0.0.1]:${String(sshd.port)}`;
const hashed = (text: string): string => {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(text).digest('base64')}`;
};
const STRANGER = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ7cpVL0dXUDdZbVrGjEcVvgFz5LYt5Wd0HrUqWk0Oq';

describe('the key of the host', () => {
  it.each([
    ['by name and port', () => `${name()} ${sshd.hostKeys.ed25519}`],
    [
      'hashed, among others',
      () => `# mine\n${hashed('elsewhere')} ${STRANGER}\n${hashed(name())} ${sshd.hostKeys.ed25519}`,
    ],
    ['of a type that is not the first choice', () => `${name()} ${sshd.hostKeys.ecdsa}`],
    ['by the name without the port', () => `127.0.0.1 ${sshd.hostKeys.ed25519}`],
    ['by a pattern, with line breaks of Windows', () => `!10.*,[127.0.0.?]:* ${sshd.hostKeys.ed25519}\r\n`],
    ['one of two', () => `${name()} ${STRANGER}\n${name()} ${sshd.hostKeys.ed25519}`],
  ])('is known %s', async (_how, text) => {
    expect(await login({ knownHosts: text() })).toMatchObject({ type: 'in' });
  });

  it('that changed is refused, and shown', async () => {
    const failure = await login({ knownHosts: `${name()} ${STRANGER}` });
    expect(failure).toMatchObject({ type: 'SshHostKeyChanged', permanent: true });
    expect(failure.message).toMatch(/SHA256:[\w+/]{43}.*nothing was sent.*ssh-keyscan -p \d+/);
    expect(failure.message).not.toContain('127.0.0.1');
    // The type that is known is the one compared: another one of the host does not stand in for it.
    const ecdsa = sshd.hostKeys.ecdsa.replace(/.{8}$/, 'AAAAAAA=');
    expect(await login({ knownHosts: `${name()} ${ecdsa}` })).toMatchObject({ type: 'SshHostKeyChanged' });
    expect(await login({ knownHosts: `@revoked ${name()} ${sshd.hostKeys.ed25519}` })).toMatchObject({
      type: 'SshHostKeyChanged',
    });
  });

  it.each([
    ['an empty file', () => ''],
    ['other hosts', () => `127.0.0.2 ${sshd.hostKeys.ed25519}\n[127.0.0.1]:1 ${STRANGER}`],
    ['a line that excludes it', () => `*,!127.0.0.1,![127.0.0.1]:* ${sshd.hostKeys.ed25519}`],
    ['an authority alone', () => `@cert-authority * ${sshd.hostKeys.ed25519}`],
  ])('is unknown to %s', async (_what, text) => {
    const failure = await login({ knownHosts: text() });
    expect(failure).toMatchObject({ type: 'SshHostKeyUnknown', permanent: true });
    expect(failure.message).toContain('ssh-keyscan');
  });
});

describe('a login', () => {
  it('is refused with a key the server does not know, or one that cannot be read', async () => {
    expect(await login({ privateKey: sshd.strangersKey })).toMatchObject({
      type: 'SshRefused',
      permanent: true,
    });
    const failure = await login({ privateKey: '-----BEGIN OPENSSH PRIVATE KEY-----\nc2VjcmV0\n' });
    expect(failure).toMatchObject({ type: 'SshRefused', permanent: true });
    expect(failure.message).not.toContain('c2Vj');
  });

  it('gives up on a server that says nothing, and on a port where nobody is; both may pass', async () => {
    const silent = net.createServer((socket) => socket.on('error', () => undefined).resume());
    await once(silent.listen(0, '127.0.0.1'), 'listening');
    const { port } = silent.address() as net.AddressInfo;
    expect(await login({ host: `127.0.0.1:${String(port)}`, timeoutMs: 300 })).toMatchObject({
      type: 'SshUnreachable',
      permanent: false,
    });
    silent.close();
    await once(silent, 'close');
    expect(await login({ host: '127.0.0.1', port })).toMatchObject({
      type: 'SshUnreachable',
      permanent: false,
    });
  });

  it('ends when it is cancelled', async () => {
    const silent = net.createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const stop = new AbortController();
    silent.once('connection', () => stop.abort(new Error('enough')));
    const { port } = silent.address() as net.AddressInfo;
    await expect(openSsh({ ...sshd.options, host: '127.0.0.1', port }, stop.signal)).rejects.toThrow(
      'enough',
    );
    silent.close();
  });
});

it('reads VPS_HOST in each of its forms', () => {
  expect(parseHost('vps.example.com')).toEqual({ host: 'vps.example.com', port: 22 });
  expect(parseHost('vps.example.com:2222')).toEqual({ host: 'vps.example.com', port: 2222 });
  expect(parseHost('[2001:db8::1]:2222')).toEqual({ host: '2001:db8::1', port: 2222 });
  expect(parseHost('2001:db8::1')).toEqual({ host: '2001:db8::1', port: 22 });
});

describe.each([
  ['over SSH', () => createHost(sshd.options)],
  ['on this machine', () => createHost(undefined)],
])('a script %s', (_where, open) => {
  let host: Host;
  beforeAll(() => {
    host = open();
  });
  afterAll(() => host.close());

  it('gives output, stderr and exit code, and reads its stdin', async () => {
    const script = `printf '%s|' "it's" 'a "b" $c \\ é'; cat; echo trouble >&2; exit 3`;
    const answer = await capture(host.run(script, { stdin: Buffer.from('in\0put') }));
    expect(answer.stdout.toString()).toBe(`it's|a "b" $c \\ é|in\0put`);
    expect(answer).toMatchObject({ code: 3, stderr: 'trouble\n' });
    expect((await capture(host.run('cat; echo end'))).stdout.toString()).toBe('end\n');
  });

  it('does not stand in the process list', async () => {
    const { stdout } = await capture(
      host.run(': hidden-words; tr "\\0" " " </proc/$$/cmdline; tr "\\0" " " </proc/$PPID/cmdline'),
    );
    expect(stdout.toString()).toContain('dd bs=1');
    expect(stdout.toString()).not.toContain('hidden-words');
  });

  it('passes a megabyte through its stdin, and more than fits any buffer through its stdout', async () => {
    const stdin = randomBytes(1_048_576);
    expect((await capture(host.run('cat', { stdin }), 2 * stdin.length)).stdout.equals(stdin)).toBe(true);
    let bytes = 0;
    const process = host.run('head -c 50000000 /dev/zero');
    for await (const chunk of process.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    expect(bytes).toBe(50_000_000);
    expect((await process.done).code).toBe(0);
  });

  it('waits for its reader', async () => {
    const process = host.run('head -c 100000000 /dev/zero && echo all >&2');
    const reader = (process.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    await reader.next();
    let ended = false;
    void process.done.finally(() => (ended = true)).catch(() => undefined);
    await capture(createHost(undefined).run('sleep 0.3'));
    expect(ended).toBe(false);
    await reader.return?.();
    await expect(process.done.then(({ code }) => code))
      .resolves.not.toBe(0)
      .catch(() => undefined);
  });

  it('ends when it is cancelled, or when nobody reads it any more', async () => {
    const stop = new AbortController();
    const process = host.run('echo begun; cat /dev/zero', { signal: stop.signal });
    const reader = (process.stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
    await reader.next();
    stop.abort(new Error('enough'));
    await expect(process.done).rejects.toThrow('enough');
    await expect(
      (async () => {
        while (!(await reader.next()).done);
      })(),
    ).rejects.toThrow('enough');
    await expect(capture(host.run('echo pid $$ >&2; yes'), 1_000)).rejects.toMatchObject({
      type: 'HostAnswerTooLong',
    });
    // The host is as good as before.
    expect((await capture(host.run('echo fine'))).stdout.toString()).toBe('fine\n');
  });
});

it('a line that is cut in the middle is an error, never a short answer; the next script has a new line', async () => {
  const host = createHost(sshd.options);
  try {
    const process = host.run('cat /dev/zero');
    let bytes = 0;
    const reading = (async () => {
      for await (const chunk of process.stdout as AsyncIterable<Buffer>) bytes += chunk.length;
    })();
    reading.catch(() => undefined);
    await waitFor(() => bytes > 1_000_000, { timeoutMs: 10_000, what: 'the first megabyte' });
    await sshd.cut();
    await expect(reading).rejects.toMatchObject({ type: 'SshUnreachable' });
    await expect(process.done).rejects.toMatchObject({ type: 'SshUnreachable' });
    expect((await capture(host.run('echo again'))).stdout.toString()).toBe('again\n');
  } finally {
    await host.close();
  }
});

it('opens one connection for many scripts', async () => {
  const host = createHost(sshd.options);
  const parents = await Promise.all(
    [1, 2, 3].map(async () => (await capture(host.run('echo $SSH_CONNECTION'))).stdout.toString()),
  );
  await host.close();
  expect(new Set(parents).size).toBe(1);
});
