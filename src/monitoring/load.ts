import { spawn } from 'node:child_process';
import { availableParallelism, constants, cpus, setPriority } from 'node:os';

/** Busy until its deadline, or until whoever started it is gone and its stdin closes. */
const BUSY = `
const until = Date.now() + Number(process.argv[1]) * 1000;
process.stdin.resume().on('end', () => process.exit()).on('error', () => process.exit());
const turn = () => {
  const pause = Date.now() + 200;
  while (Date.now() < pause);
  if (Date.now() < until) setImmediate(turn);
  else process.exit();
};
turn();`;

export interface Load {
  pids: number[];
  /** Ends it at once; it ends by itself after its time. */
  stop(): void;
}

/** One busy process a core, at the lowest priority: what works here goes first. */
export function startLoad(seconds: number): Load {
  const children = Array.from({ length: availableParallelism() }, () =>
    spawn(process.execPath, ['-e', BUSY, String(seconds)], { stdio: ['pipe', 'ignore', 'ignore'], env: {} }),
  );
  const stop = () => {
    for (const child of children) child.kill('SIGKILL');
  };
  for (const child of children) {
    child.on('error', () => undefined);
    child.stdin.on('error', () => undefined);
  }
  const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  try {
    for (const pid of pids) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch (error) {
    stop();
    throw error;
  }
  return { pids, stop };
}

/** Use of this machine's processors since the call before (%), as the watch reads it of the server. */
export function createCpuMeter(): () => number {
  const read = () => {
    let [busy, total] = [0, 0];
    for (const { times } of cpus()) {
      const all = times.user + times.nice + times.sys + times.irq + times.idle;
      total += all;
      busy += all - times.idle;
    }
    return { busy, total };
  };
  let before = read();
  return () => {
    const now = read();
    const spent = now.total - before.total;
    const percent = spent > 0 ? (100 * (now.busy - before.busy)) / spent : 0;
    before = now;
    return percent;
  };
}
