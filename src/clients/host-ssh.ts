import type { ClientChannel } from 'ssh2';
import { ApplicationFailure } from '@temporalio/common';
import { bootstrap, hostProcess, stderrKeeper, stdinOf } from './host-script.ts';
import type { Host, RunOptions } from './host.ts';
import { sshUnreachable } from './ssh-failure.ts';
import { openSsh, type SshConnection, type SshOptions } from './ssh.ts';

/** Waits for a promise that others also wait for, and only stops waiting when aborted. */
async function orAborted<Value>(work: Promise<Value>, signal?: AbortSignal): Promise<Value> {
  if (!signal) return work;
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
function endOf(channel: ClientChannel, connection: SshConnection, signal?: AbortSignal) {
  const stderr = stderrKeeper();
  channel.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  return new Promise<{ code: number; stderr: string }>((resolve, reject) => {
    let exit: { code: number | null; by?: string } | undefined;
    const settle = (): void => {
      const lost = connection.failure();
      if (signal?.aborted) reject(signal.reason as Error);
      // Also after an exit: sshd tells it before the last of the output.
      else if (lost) reject(lost);
      else if (typeof exit?.code === 'number') resolve({ code: exit.code, stderr: stderr.text() });
      else if (exit)
        reject(ApplicationFailure.retryable(`A script was ended by ${exit.by ?? '?'}`, 'HostProcessEnded'));
      else reject(sshUnreachable('it ended a script without saying how'));
    };
    channel.once('exit', (code: number | null, by?: string) => (exit = { code, by }));
    // Comes once stdout and stderr have been read to their ends.
    channel.once('close', settle);
    // Of a connection that is gone, what has not been read yet is of no use any more.
    void connection.closed.then(settle);
    signal?.addEventListener('abort', settle, { once: true });
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
    let channel: ClientChannel | undefined;
    let abandoned = false;
    const end = (): void => {
      abandoned = true;
      // sshd passes the signal on (not for root); what does not hear it ends with its pipes.
      channel?.signal('TERM');
      channel?.close();
    };
    signal?.addEventListener('abort', end, { once: true });
    const started = (async () => {
      const connection = await orAborted(connect(), signal);
      channel = await connection.exec(bootstrap(script));
      const ended = endOf(channel, connection, signal);
      ended.catch(() => undefined);
      if (abandoned) end();
      else channel.end(stdinOf(script, stdin));
      return { output: channel, ended };
    })();
    const output = started.then((process) => process.output);
    output.catch(() => undefined);
    const ended = started
      .then((process) => process.ended)
      .finally(() => signal?.removeEventListener('abort', end));
    return hostProcess(output, ended, end);
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
