import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A process and the mark of its start: a pid alone may belong to somebody else after a while. */
export interface ProcessMark {
  pid: number;
  started: string;
}

const POLL_MS = 25;
const STARTTIME_FIELD = 19; // field 22 of proc(5), counted after the name's closing bracket

/** The mark of a living process; undefined for one that has ended (a zombie has ended too). */
export async function markOf(pid: number): Promise<ProcessMark | undefined> {
  const started = process.platform === 'linux' ? await startedOnLinux(pid) : await startedByPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export async function isAlive(mark: ProcessMark): Promise<boolean> {
  return (await markOf(mark.pid))?.started === mark.started;
}

/** Waits for the condition, at most so long; false when it did not come true. */
export async function within(timeoutMs: number, condition: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() >= end) return false;
    await delay(POLL_MS);
  }
  return true;
}

/** Ends exactly this process: politely, then after the bound for good, with its process group where it leads one. */
export async function endProcess(
  mark: ProcessMark,
  signal: NodeJS.Signals,
  timeoutMs: number,
): Promise<void> {
  if (!(await isAlive(mark))) return;
  send(mark.pid, signal);
  if (await within(timeoutMs, async () => !(await isAlive(mark)))) return;
  killGroup(mark.pid);
  await within(timeoutMs, async () => !(await isAlive(mark)));
}

/** Every child of ours leads a group of its own. */
export function killGroup(pid: number): void {
  send(-pid, 'SIGKILL');
}

export function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended in between.
  }
}

async function startedOnLinux(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  // The name, in brackets, may hold anything.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[STARTTIME_FIELD];
}

async function startedByPs(pid: number): Promise<string | undefined> {
  const ps = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(
    () => undefined,
  );
  const line = ps?.stdout.trim();
  return line === undefined || line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}
