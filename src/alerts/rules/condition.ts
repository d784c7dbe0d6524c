/** Whether the condition of one rule holds on one target. Pure. */
import type { Rule, RuleState, Sample } from './rule.ts';

const MOST_READINGS = 200;
/** Part of a window that must have been seen before it can speak. */
const COVERED = 0.9;
const NEAR_SHARE = 0.9;
const UNSTABLE_SHARE = 0.5;
/** Fewer separate stretches are an outage, which ends when it ends. */
const UNSTABLE_STRETCHES = 3;

const beyond = ({ direction }: Rule, value: number, limit: number): boolean =>
  direction === 'above' ? value > limit : value < limit;

const windowOf = (rule: Rule): number =>
  rule.over === 'each' ? (rule.unstableForMs ?? 0) : Math.max(rule.forMs, rule.clearForMs);

/** The readings of the window, and the one before it, whose span reaches into it. */
function keep(recent: [number, number][], from: number): [number, number][] {
  const first = recent.findIndex(([at]) => at >= from);
  return recent.slice(first < 0 ? -1 : Math.max(0, first - 1)).slice(-MOST_READINGS);
}

/** Time-weighted: each value holds from the reading before it to its own. `covered` in ms. */
function weighted(
  recent: readonly [number, number][],
  from: number,
  value: (reading: number) => number,
): { mean: number; covered: number; inside: number[] } {
  let [sum, covered] = [0, 0];
  const inside: number[] = [];
  for (let index = 1; index < recent.length; index += 1) {
    const [at, reading] = recent[index] as [number, number];
    const span = at - Math.max((recent[index - 1] as [number, number])[0], from);
    if (span <= 0) continue;
    sum += span * value(reading);
    covered += span;
    inside.push(reading);
  }
  return { mean: covered > 0 ? sum / covered : 0, covered, inside };
}

/** Nearest rank, of the bad side. */
function p95({ direction }: Rule, values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => (direction === 'above' ? a - b : b - a));
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

export interface Finding {
  is: 'bad' | 'good' | 'between';
  /** What was compared. */
  value: number;
  /** Long enough by itself: `mean` and `p95` have looked at the whole window, and an unstable target has. */
  complete: boolean;
  /** Since when, where the window says it. */
  since?: number;
}

function aggregate(rule: Rule, recent: [number, number][], at: number, value: number): Finding {
  const from = at - rule.forMs;
  const { mean, covered, inside } = weighted(recent, from, (reading) => reading);
  const aggregated = rule.over === 'mean' ? mean : p95(rule, inside);
  const near = rule.near ?? rule.raise;
  const nearOnes = inside.filter((reading) => beyond(rule, reading, near)).length;
  const enough =
    rule.over === 'mean'
      ? nearOnes >= Math.ceil(inside.length * NEAR_SHARE)
      : inside.length >= (rule.minimumSamples ?? 1) && nearOnes >= 3;
  const complete = covered >= rule.forMs * COVERED || rule.forMs === 0;
  if (complete && enough && beyond(rule, aggregated, rule.raise))
    return { is: 'bad', value: aggregated, complete, since: from };
  const cleared = complete ? aggregated : value;
  const good = !beyond(rule, cleared, rule.clear);
  return { is: good ? 'good' : 'between', value: aggregated, complete };
}

/** What the newest sample means, with those before it. Remembers the sample in `state.recent`. */
export function look(rule: Rule, state: RuleState, sample: Sample & { value: number }): Finding {
  const { at, value } = sample;
  const span = windowOf(rule);
  if (span > 0)
    state.recent = keep([...(state.recent ?? []), [at, Math.round(value * 100) / 100]], at - span);
  const recent = state.recent ?? [];
  if (rule.over !== 'each') return aggregate(rule, recent, at, value);

  if (rule.unstableForMs !== undefined) {
    const { mean, covered } = weighted(recent, at - rule.unstableForMs, (reading) =>
      beyond(rule, reading, rule.raise) ? 1 : 0,
    );
    const stretches = recent.filter(
      ([, reading], index) =>
        beyond(rule, reading, rule.raise) && !beyond(rule, recent[index - 1]?.[1] ?? rule.clear, rule.raise),
    ).length;
    if (stretches >= UNSTABLE_STRETCHES && mean >= UNSTABLE_SHARE && covered >= rule.unstableForMs * COVERED)
      return { is: 'bad', value, complete: true, since: at - rule.unstableForMs };
  }
  const bad = beyond(rule, value, rule.raise);
  const good = !bad && !beyond(rule, value, rule.clear);
  return { is: bad ? 'bad' : good ? 'good' : 'between', value, complete: false };
}
