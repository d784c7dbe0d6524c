import type { AlertEffect, Firing } from '../alert.ts';
import { look, type Finding } from './condition.ts';
import {
  OWN_NETWORK,
  type Evaluation,
  type Rule,
  type RuleSet,
  type RuleState,
  type RuleStates,
  type Sample,
} from './rule.ts';

/** A firing condition is reported again so often: the alert shows its newest value, and a lost one is opened again. */
const REPORT_MS = 5 * 60_000;
/** What was held back by a parent gets so long to come back with it. */
const PARENT_GRACE_MS = 60_000;

const iso = (ms: number): string => new Date(ms).toISOString();
const wholeTarget = (target: string): string => target.split(':')[0] ?? target;

interface Context {
  set: RuleSet;
  states: Record<string, RuleState>;
  effects: AlertEffect[];
}

const isDown = ({ states, set }: Context, target: string): boolean =>
  set.rules.some((rule) => {
    const state = rule.metric === 'up' ? states[`${rule.id}/${target}`] : undefined;
    return state?.badSince !== undefined || state?.firingSince !== undefined;
  });

const parentsDown = (context: Context, target: string): string[] =>
  (context.set.dependsOn[target] ?? []).filter((parent) => isDown(context, parent));

const childrenDown = (context: Context, parent: string): string[] =>
  Object.entries(context.set.dependsOn)
    .filter(([child, parents]) => parents.includes(parent) && isDown(context, child))
    .map(([child]) => child)
    .sort();

function levelOf(rule: Rule, value: number, sample: Sample): Firing['level'] {
  if (sample.ownJob !== undefined && rule.ownJobLevel) return rule.ownJobLevel;
  const { worse } = rule;
  if (worse && (rule.direction === 'above' ? value >= worse.from : value <= worse.from)) return worse.level;
  return rule.level;
}

function fire(context: Context, rule: Rule, state: RuleState, sample: Sample, finding: Finding): void {
  const affected = rule.metric === 'up' ? childrenDown(context, sample.target) : [];
  const changed = affected.join() !== (state.affected ?? []).join();
  if (state.firedAt !== undefined && sample.at - state.firedAt < REPORT_MS && !changed) return;
  state.firedAt = sample.at;
  state.affected = affected;
  const { unit, raise } = rule;
  const { reason, evidence, ownJob, test } = sample;
  context.effects.push({
    ...{ kind: 'fire', rule: rule.id, target: sample.target, level: levelOf(rule, finding.value, sample) },
    ...{ since: iso(state.firingSince ?? sample.at), at: iso(sample.at) },
    ...(rule.metric === 'up' ? {} : { value: finding.value, threshold: raise, unit }),
    ...{ reason, evidence, ownJob, test },
    ...(affected.length > 0 ? { affected } : {}),
  });
}

function onBad(context: Context, rule: Rule, state: RuleState, sample: Sample, finding: Finding): void {
  const { at, target } = sample;
  delete state.goodSince;
  state.badSince ??= finding.since ?? sample.since ?? at;
  if (state.firingSince === undefined) {
    if (!finding.complete && at - state.badSince < rule.forMs) return;
    if (parentsDown(context, target).length > 0) {
      state.heldUntil = at + PARENT_GRACE_MS;
      return;
    }
    if (state.heldUntil !== undefined && at < state.heldUntil) return;
    delete state.heldUntil;
    state.firingSince = state.badSince;
  }
  fire(context, rule, state, sample, finding);
}

function onGood(context: Context, rule: Rule, state: RuleState, sample: Sample, finding: Finding): void {
  delete state.badSince;
  delete state.heldUntil;
  if (state.firingSince === undefined) return;
  state.goodSince ??= sample.at;
  if (sample.at - state.goodSince < rule.clearForMs) return;
  context.effects.push({
    ...{ kind: 'clear', rule: rule.id, target: sample.target, at: iso(state.goodSince) },
    ...(rule.metric === 'up' ? {} : { value: finding.value }),
  });
  delete state.firingSince;
  delete state.firedAt;
  delete state.goodSince;
  delete state.affected;
}

function judge(context: Context, rule: Rule, sample: Sample & { value: number }): void {
  const state = (context.states[`${rule.id}/${sample.target}`] ??= {});
  const finding = look(rule, state, sample);
  // Too few to raise anything: a night with one payment is not 100 % errors. Enough to see that it is over.
  const few = (sample.count ?? Number.POSITIVE_INFINITY) < (rule.minimumCount ?? 0);
  if (few && finding.is === 'bad') return;
  if (finding.is === 'bad') onBad(context, rule, state, sample, finding);
  else if (finding.is === 'good') onGood(context, rule, state, sample, finding);
  else if (state.firingSince === undefined) delete state.badSince;
  // Neither good enough nor bad: what fires goes on, and its way back begins anew.
  else delete state.goodSince;
}

/** Not knowing is told of a target as a whole, once, whatever was to be measured of it. */
function judgeUnknown(context: Context, unknown: NonNullable<RuleStates['unknown']>, sample: Sample): void {
  const target = wholeTarget(sample.target);
  const { effects, set } = context;
  if (sample.value !== undefined) {
    if (unknown[target]?.told) effects.push({ kind: 'data', rule: 'no-data', target, at: iso(sample.at) });
    delete unknown[target];
    return;
  }
  const reason = sample.unknown ?? 'no value';
  const sight = (unknown[target] ??= { since: sample.at, reason });
  if (sight.told || sample.at - sight.since < set.noDataMs) return;
  sight.told = true;
  effects.push({
    ...{ kind: 'nodata', rule: 'no-data', target, level: 'important', reason },
    ...{ since: iso(sight.since), at: iso(sample.at) },
  });
}

/** Our own line is back: one note of how long nobody was watching, when that was long enough to matter. */
function networkBack({ effects, set }: Context, since: number, at: number): void {
  if (at - since < Math.min(set.noDataMs, PARENT_GRACE_MS)) return;
  effects.push(
    {
      ...{ kind: 'nodata', rule: 'no-data', target: OWN_NETWORK, level: 'important', reason: OWN_NETWORK },
      ...{ since: iso(since), at: iso(at) },
    },
    { kind: 'data', rule: 'no-data', target: OWN_NETWORK, at: iso(at) },
  );
}

/**
 * What the newest samples mean for every rule: pure, so that the same states and samples give the same answer in a
 * test, a simulation and after a crash. Samples of one look belong in one call: dependencies are judged among them.
 */
export function evaluate(set: RuleSet, before: RuleStates, samples: readonly Sample[]): Evaluation {
  const state = structuredClone(before);
  const context: Context = { set, states: (state.rules ??= {}), effects: [] };
  const unknown = (state.unknown ??= {});
  // Parents first: a child that falls with its parent is held back in the same look.
  const isParent = new Set(Object.values(set.dependsOn).flat());
  const ordered = [...samples].sort(
    (a, b) => Number(isParent.has(b.target)) - Number(isParent.has(a.target)),
  );

  const first = samples[0];
  // What stands on this machine is seen all the same.
  const offline = samples.some((sample) => sample.unknown === OWN_NETWORK);
  if (first && offline) state.networkDownSince ??= first.at;
  else if (first && state.networkDownSince !== undefined) {
    networkBack(context, state.networkDownSince, first.at);
    delete state.networkDownSince;
  }

  for (const sample of ordered) {
    if (sample.unknown === OWN_NETWORK) continue;
    judgeUnknown(context, unknown, sample);
    const { value } = sample;
    if (value === undefined) continue;
    for (const rule of set.rules)
      if (rule.metric === sample.metric) judge(context, rule, { ...sample, value });
  }
  const inDoubt = set.rules.some(
    (rule) =>
      rule.urgent &&
      Object.entries(context.states).some(
        ([key, { badSince, firingSince, goodSince }]) =>
          key.startsWith(`${rule.id}/`) &&
          (firingSince === undefined ? badSince !== undefined : goodSince !== undefined),
      ),
  );
  return { state, effects: context.effects, inDoubt };
}
