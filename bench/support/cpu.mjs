import { readFileSync } from 'node:fs';
import path from 'node:path';

const TICKS_PER_SECOND = 100;

/** Seconds of fields 14 to 17 of proc(5): own user and system time, and those of ended children. */
function times(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user, system, childUser, childSystem] = fields
    .slice(11, 15)
    .map((ticks) => ticks / TICKS_PER_SECOND);
  return { own: user + system, children: childUser + childSystem };
}

/**
 * CPU seconds used so far by the stack's servers and by every program that this process started and that has ended.
 * What others do on the machine is not in it. `null` where there is no /proc.
 */
export function cpuClock(stateDir) {
  if (process.platform !== 'linux') return () => null;
  const { children } = JSON.parse(readFileSync(path.join(stateDir, 'run.json'), 'utf8'));
  return () =>
    children.reduce((sum, { pid }) => {
      const { own, children: ended } = times(pid);
      return sum + own + ended;
    }, times(process.pid).children);
}
