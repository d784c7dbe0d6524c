import { policySchema } from '../../../src/config/policy.ts';
import type { AlertEffect } from '../../../src/alerts/alert.ts';
import { evaluate, ruleSet, type RuleStates, type Sample } from '../../../src/alerts/rules/index.ts';

export const START = Date.parse('2026-11-23T08:00:00Z');
export const SECOND = 1000;
export const MINUTE = 60 * SECOND;

export const set = (dependsOn: Record<string, string[]> = {}) =>
  ruleSet(policySchema.parse({}).alerts, dependsOn);

export const up = (target: string, at: number, isUp: boolean): Sample => ({
  metric: 'up',
  target,
  at,
  value: isUp ? 1 : 0,
  ...(isUp ? {} : { reason: 'refused' }),
});

/** The watch without its I/O: looks at `world` every `every` ms, or 5 s while in doubt, for `length` ms. */
export function watch(options: {
  rules?: ReturnType<typeof set>;
  every: number;
  from?: number;
  length: number;
  world: (at: number, before: number) => Sample[];
  /** As if state had been through a heartbeat or a result. */
  state?: RuleStates;
}): { effects: AlertEffect[]; state: RuleStates } {
  const { rules = set(), every, length, world, from = START } = options;
  const effects: AlertEffect[] = [];
  let state = options.state ?? {};
  let before = from - every;
  for (let at = from; at <= from + length;) {
    const seen = evaluate(rules, JSON.parse(JSON.stringify(state)) as RuleStates, world(at, before));
    state = seen.state;
    effects.push(...seen.effects);
    before = at;
    at += seen.inDoubt ? Math.min(5 * SECOND, every) : every;
  }
  return { effects, state };
}

/** The same numbers in every run (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

export const kinds = (effects: readonly AlertEffect[]): string[] =>
  effects.map(({ kind, rule, target }) => `${kind} ${rule}/${target}`);
