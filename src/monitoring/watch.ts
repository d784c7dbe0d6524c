/**
 * A watch covers its slot: it looks again and again until the next run is due. What it knows is in one plain state that
 * goes out with every heartbeat, so that a successor of a lost worker goes on where it was.
 */
import { evaluate, type AlertEffect, type RuleSet, type Sample } from '../alerts/index.ts';
import { nextLook } from './slot.ts';
import { type Tally, type WatchState } from './state.ts';

/** One look: what was seen, and what to remember of it. Rejects only with the signal. */
export type Look = (
  state: WatchState,
  at: number,
  signal: AbortSignal,
) => Promise<{ samples: Sample[]; times: Record<string, number>; state: Partial<WatchState> }>;

/** All of a watch that must not be lost. */
export interface Progress {
  state: WatchState;
  tally: Tally;
  from: number;
  until: number;
}

export interface WatchDeps {
  look: Look;
  rules: RuleSet;
  everyMs: (state: WatchState) => number;
  /** One look and no more. */
  once: boolean;
  /** Called with every change, and once a second besides. */
  beat: (progress: Progress) => void;
  /** Takes samples; never fails, never waits. */
  store: (samples: readonly Sample[]) => void;
  /** Hands an effect to its alert; rejects when it did not arrive. */
  tell: (effect: AlertEffect) => Promise<void>;
  signal: AbortSignal;
}

const BEAT_MS = 1_000;
const TELL_AGAIN_MS = 1_000;
/** How long the end of a slot waits for effects under way: what has not arrived goes on with the next run. */
const FAREWELL_MS = 1_500;

async function sleep(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

const keyOf = ({ rule, target }: AlertEffect): string => `${rule}/${target}`;

/** A newer report of the same alert stands in for one that has not left yet. */
export function enqueue(pending: readonly AlertEffect[], effects: readonly AlertEffect[]): AlertEffect[] {
  const queue = [...pending];
  for (const effect of effects) {
    const last = queue.findLastIndex((waiting) => keyOf(waiting) === keyOf(effect));
    if (last >= 0 && queue[last]?.kind === 'fire' && effect.kind === 'fire') queue.splice(last, 1);
    queue.push(effect);
  }
  return queue;
}

function count(tally: Tally, samples: readonly Sample[], times: Record<string, number>): void {
  tally.looks += 1;
  for (const { metric, value, unknown } of samples) {
    if (value === undefined || unknown !== undefined) tally.unknown += 1;
    else if (metric === 'up' && value === 0) tally.bad += 1;
    else tally.ok += 1;
  }
  for (const [target, ms] of Object.entries(times)) (tally.times[target] ??= []).push(Math.round(ms));
}

/** Effects leave in their order, one alert at a time; one that does not arrive holds back only its own alert. */
function teller(progress: Progress, { tell, signal, beat }: WatchDeps) {
  let running: Promise<void> | undefined;

  async function round(): Promise<boolean> {
    const stuck = new Set<string>();
    for (const effect of [...progress.state.pending]) {
      if (stuck.has(keyOf(effect)) || !progress.state.pending.includes(effect)) continue;
      try {
        await tell(effect);
        progress.state.pending = progress.state.pending.filter((waiting) => waiting !== effect);
        progress.tally.told += 1;
        beat(progress);
      } catch {
        stuck.add(keyOf(effect));
      }
    }
    return stuck.size === 0;
  }

  async function all(): Promise<void> {
    while (progress.state.pending.length > 0 && !signal.aborted)
      if (!(await round())) await sleep(TELL_AGAIN_MS, signal);
  }

  return {
    wake(): void {
      running ??= all()
        .catch(() => undefined)
        .finally(() => (running = undefined));
    },
    async farewell(): Promise<void> {
      if (running) await Promise.race([running, sleep(FAREWELL_MS, signal)]);
    },
  };
}

/** Looks until the slot ends. `progress` is changed in place, and is the result. */
export async function runWatch(progress: Progress, deps: WatchDeps): Promise<Progress> {
  const { look, rules, beat, signal, once } = deps;
  const telling = teller(progress, deps);
  const beating = setInterval(() => beat(progress), BEAT_MS);
  beat(progress);
  telling.wake();
  try {
    for (;;) {
      const now = Date.now();
      const at = once ? now : nextLook(progress.state.at, deps.everyMs(progress.state), now);
      if (at >= progress.until && !once) break;
      await sleep(Math.max(0, at - now), signal);
      const seen = await look(progress.state, at, signal);
      const { state, effects, inDoubt } = evaluate(rules, progress.state.rules, seen.samples);
      // One assignment: a heartbeat never carries half of a look.
      progress.state = {
        ...progress.state,
        ...seen.state,
        ...{ at, rules: state, inDoubt, pending: enqueue(progress.state.pending, effects) },
      };
      count(progress.tally, seen.samples, seen.times);
      beat(progress);
      telling.wake();
      deps.store(seen.samples);
      if (once) break;
    }
    await sleep(Math.max(0, once ? 0 : progress.until - Date.now()), signal);
    await telling.farewell();
    return progress;
  } finally {
    clearInterval(beating);
  }
}
