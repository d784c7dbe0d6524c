import { spawn } from 'node:child_process';
import { ApplicationFailure } from '@temporalio/common';
import { bootstrap, hostProcess, stderrKeeper, stdinOf } from './host-script.ts';
import type { Host, HostProcess, RunOptions } from './host.ts';

/** Time between SIGTERM and SIGKILL. */
const PATIENCE_MS = 5_000;

function start(script: string, { signal, stdin }: RunOptions): HostProcess {
  signal?.throwIfAborted();
  // Its own process group, so that what the script started ends with it.
  const child = spawn('sh', ['-c', bootstrap(script)], { detached: true, cwd: '/' });
  const stderr = stderrKeeper();
  const stderrRead = new Promise<void>((resolve) => child.stderr.once('close', resolve));
  child.stderr.on('data', (chunk: Buffer) => stderr.add(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(stdinOf(script, stdin));

  let killer: NodeJS.Timeout | undefined;
  const kill = (by: NodeJS.Signals): void => {
    // Once it has been waited for, the group's number may belong to another.
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    try {
      process.kill(-child.pid, by);
    } catch {
      // Gone between the question and the signal.
    }
  };
  const end = (): void => {
    kill('SIGTERM');
    killer ??= setTimeout(() => kill('SIGKILL'), PATIENCE_MS).unref();
  };
  signal?.addEventListener('abort', end, { once: true });

  const ended = new Promise<{ code: number; stderr: string }>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(ApplicationFailure.retryable(`Cannot start sh: ${error.code ?? 'unknown'}`, 'ToolMissing')),
    );
    // 'exit' and not 'close': that one waits for the output to be read, which an abandoned stream never is.
    child.once('exit', (code, by) => {
      if (signal?.aborted) reject(signal.reason as Error);
      else if (code === null)
        reject(ApplicationFailure.retryable(`A script was ended by ${String(by)}`, 'HostProcessEnded'));
      else void stderrRead.then(() => resolve({ code, stderr: stderr.text() }));
    });
  }).finally(() => {
    clearTimeout(killer);
    signal?.removeEventListener('abort', end);
  });
  return hostProcess(Promise.resolve(child.stdout), ended, end);
}

/** The machine that we run on. */
export const createLocalHost = (): Host => ({
  name: 'this machine',
  run: (script, options = {}) => start(script, options),
  close: async () => undefined,
});
