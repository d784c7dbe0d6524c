import type { ClientChannel } from 'ssh2';
import { ApplicationFailure } from '@temporalio/common';
import { bootstrap, hostProcess, stderrKeeper, stdinOf } from './host-script.ts';
import type { Host, RunOptions } from './host.ts';
import { sshUnreachable } from './ssh-failure.ts';
import { openSsh, type SshConnection, type SshOptions } from './ssh.ts';

/** Waits for a promise that others also wait for, and only stops waiting when aborted. */
async function orAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}

/** How a channel ended; without an exit the connection was lost, or the program killed. */
function endOf(channel: ClientChannel, connection: SshConnection, signal: AbortSignal) {
  const stderr = stderrKeeper();
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  return new Promise<{ code: number; stderr: string }>((resolve, reject) => {
    let exit: { code: number | null; by?: string } | undefined;
    const settle = (): void => {
      const lost = connection.failure();
      if (signal.aborted) reject(signal.reason as Error);
      // Also after an exit: sshd tells it before the last of the output.
      else if (lost) reject(lost);
      else if (typeof exit?.code === 'number') resolve({ code: exit.code, stderr: stderr.text() });
      else if (exit)
        reject(ApplicationFailure.retryable(`A script was ended by ${exit.by ?? '?'}`, 'HostProcessEnded'));
      else reject(sshUnreachable('it ended a script without saying how'));
    };
    channel.once('exit', (code: number | null, by?: string) => (exit = { code, by }));
    // Comes once stdout and stderr have been read to their ends; an abandoned stdout never is.
    channel.once('close', settle);
    // Of a connection that is gone, what has not been read yet is of no use any more.
    void connection.closed.then(settle);
    if (signal.aborted) settle();
    else signal.addEventListener('abort', settle, { once: true });
  });
}

/** The VPS: one connection, opened with the first script and again after it was lost. */
export function createSshHost(options: SshOptions): Host {
  const closing = new AbortController();
  let current: Promise<SshConnection> | undefined;

  function connect(): Promise<SshConnection> {
    if (closing.signal.aborted) return Promise.reject(new Error('the host is closed'));
    if (current) return current;
    const opening = openSsh(options, closing.signal);
    current = opening;
    const forget = (): void => {
      if (current === opening) current = undefined;
    };
    // The next script tries anew.
    opening.then(({ closed }) => closed.then(forget), forget);
    return opening;
  }

  function run(script: string, { signal, stdin }: RunOptions = {}) {
    const unread = new AbortController();
    const stop = signal ? AbortSignal.any([signal, unread.signal]) : unread.signal;
    const start = async () => {
      const connection = await orAborted(connect(), stop);
      const channel = await connection.exec(bootstrap(script));
      // What does not hear the signal (sshd passes none on for root) ends with its pipes.
      const end = (): void => {
        channel.signal('TERM');
        channel.close();
      };
      stop.addEventListener('abort', end, { once: true });
      const ended = endOf(channel, connection, stop).finally(() => stop.removeEventListener('abort', end));
      ended.catch(() => undefined);
      if (stop.aborted) end();
      else channel.end(stdinOf(script, stdin));
      return { channel, ended };
    };
    const started = start();
    const output = started.then(({ channel }) => channel);
    output.catch(() => undefined);
    const ended = started.then((process) => process.ended);
    return hostProcess(output, ended, () => unread.abort(new Error('nobody reads the output any more')));
  }

  return {
    name: 'the VPS',
    run,
    close: async () => {
      closing.abort(new Error('the host is closed'));
      const connection = await current?.catch(() => undefined);
      await connection?.close();
    },
  };
}
