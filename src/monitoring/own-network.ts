/** Whether our own line is down: then a probe that fails says nothing of its target. */
import { probeTcp } from '../clients/tcp-probe.ts';
import { isLoopback, parseAddress } from './targets.ts';

const CONTROL_MS = 3_000;

/** True when there are controls, and none of them can be reached. The first that answers ends the question. */
async function allFail(controls: readonly string[], signal: AbortSignal): Promise<boolean> {
  if (controls.length === 0) return false;
  const reached = controls.map(async (control) => {
    const probe = await probeTcp({ ...parseAddress(control), timeoutMs: CONTROL_MS, signal });
    if (probe.state !== 'up') throw new Error('not reached');
  });
  return Promise.any(reached).then(
    () => false,
    () => true,
  );
}

interface Seen {
  loopback: boolean;
  up: boolean;
}

/**
 * Which targets nothing is known of, because our own line is down. Asked only after a failure: a target that answers is
 * itself the proof of a line. What stands on this machine needs none: only controls on this machine speak of it.
 */
export async function unseen(
  seen: readonly Seen[],
  controls: readonly string[],
  signal: AbortSignal,
): Promise<(target: { loopback: boolean }) => boolean> {
  const blind = async (loopback: boolean): Promise<boolean> => {
    const ofKind = seen.filter((target) => target.loopback === loopback);
    if (ofKind.length === 0 || ofKind.some(({ up }) => up)) return false;
    return allFail(
      controls.filter((control) => !loopback || isLoopback(parseAddress(control).host)),
      signal,
    );
  };
  const [here, away] = await Promise.all([blind(true), blind(false)]);
  signal.throwIfAborted();
  return ({ loopback }) => (loopback ? here : away);
}
