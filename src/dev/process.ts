import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import type { ProcessMark } from './process-table.ts';
import { endProcess, killGroup, markOf, within } from './process-table.ts';

export interface ChildOptions {
  name: string;
  command: string;
  args: readonly string[];
  logDir: string;
  /** True once it serves; asked again and again until then. */
  ready: () => Promise<boolean>;
  readyTimeoutMs?: number;
  stopSignal?: NodeJS.Signals;
  stopTimeoutMs?: number;
  /** The user it runs as, where that is not ours. */
  uid?: number;
  gid?: number;
  /** Told at once, so that a start after a `kill -9` finds what was left. */
  onSpawn?: (child: RecordedChild) => void;
}

export interface RecordedChild extends ProcessMark {
  name: string;
  stopSignal: NodeJS.Signals;
}

export interface Child {
  pid: number;
  /** Settles when the process ends without having been asked to. */
  died: Promise<Error>;
  stop(): Promise<void>;
}

const READY_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 8;

/** Whatever ends this process, its children end with it; only `kill -9` leaves them, and the next start ends those. */
const living = new Set<number>();
process.on('exit', () => living.forEach(killGroup));

/** Starts a program in its own process group, its output in a log file, and waits until it serves. */
export async function startChild(options: ChildOptions): Promise<Child> {
  const { name, stopSignal = 'SIGTERM', stopTimeoutMs = STOP_TIMEOUT_MS } = options;
  mkdirSync(options.logDir, { recursive: true });
  const logFile = path.join(options.logDir, `${name}.log`);
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(options.command, [...options.args], {
    // A terminal's Ctrl-C goes to its process group: we alone shall hear it, and stop in order.
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    // Nothing of the caller's environment: its RCLONE_*, PG* and TEMPORAL_* are about other servers.
    env: { PATH: '/usr/local/bin:/usr/bin:/bin', HOME: homedir(), TZ: 'UTC', LC_ALL: 'C' },
    ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.gid }),
  });
  closeSync(log);
  let ended: string | undefined;
  let stopping = false;
  const died = new Promise<Error>((resolve) => {
    const end = (reason: string) => {
      ended ??= reason;
      if (child.pid !== undefined) living.delete(child.pid);
      if (!stopping) resolve(new Error(`${name} ended unexpectedly (${reason}): see ${logFile}`));
    };
    child.once('error', (error) => end(error.message));
    child.once('exit', (code, signal) => end(signal ?? `exit code ${code}`));
  });
  const { pid } = child;
  if (pid === undefined) throw await died;
  living.add(pid);
  const mark = (await markOf(pid)) ?? { pid, started: '' };
  options.onSpawn?.({ name, stopSignal, ...mark });

  const stop = async () => {
    stopping = true;
    if (ended === undefined) await endProcess(mark, stopSignal, stopTimeoutMs);
  };
  const served = await within(
    options.readyTimeoutMs ?? READY_TIMEOUT_MS,
    async () => ended !== undefined || (await options.ready().catch(() => false)),
  );
  if (served && ended === undefined) return { pid, died, stop };
  const reason = ended === undefined ? 'did not answer in time' : `ended at once (${ended})`;
  await stop();
  throw new Error(`${name} ${reason}. The end of ${logFile}:\n${await tailOf(logFile)}`);
}

async function tailOf(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
}
