import { spawn } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 15_000;
const running = new Set();

const killGroup = (pid, signal) => {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended in between.
  }
};

/** Whatever ends this process, the programs it started end with it. */
export const endAll = () => running.forEach((pid) => killGroup(pid, 'SIGKILL'));

export async function onPath(name, mend) {
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const file = path.join(folder, name);
    if (folder && (await access(file, constants.X_OK).then(() => true, () => false))) return file; // prettier-ignore
  }
  throw new Error(`${name} is not there. Install it: ${mend}`);
}

/**
 * Runs a program to its end in a process group of its own: a terminal's Ctrl-C is heard by us alone, which end the
 * group. `gently` asks only the program itself to end first, which then ends its own children.
 */
export async function runProgram(command, args, { env, input = '', signal, gently = false }) {
  signal.throwIfAborted();
  const begun = performance.now();
  const child = spawn(command, args, { env, detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, by) => resolve(by ?? code));
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr = `${stderr}${chunk}`.slice(-2_000)));
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const stop = () => {
    if (pid === undefined) return;
    if (gently) child.kill('SIGTERM');
    else killGroup(pid, 'SIGTERM');
    void delay(PATIENCE_MS, undefined, { ref: false }).then(
      () => running.has(pid) && killGroup(pid, 'SIGKILL'),
    );
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const ending = await closed;
    const seconds = (performance.now() - begun) / 1000;
    signal.throwIfAborted();
    if (ending !== 0) throw new Error(`${path.basename(command)} ended with ${ending}: ${stderr.trim()}`);
    return { seconds, stdout };
  } finally {
    signal.removeEventListener('abort', stop);
    if (pid !== undefined) running.delete(pid);
  }
}

/** A pipe as an operator writes it, judged by every program in it. */
export const runPipe = (pipe, options) =>
  runProgram('bash', ['-c', `set -o pipefail; exec 2>&1 >&2; ${pipe}`], options);
