/** What a watch remembers: plain JSON, for it travels in heartbeats and, as the run's result, to the next run. Pure. */
import type { AlertEffect, RuleStates } from '../alerts/index.ts';
import type { DatabaseMemory } from './database-reader.ts';
import type { HostMemory } from './host-samples.ts';

export interface WatchState {
  /** Of the newest look (ms since 1970). */
  at: number;
  rules: RuleStates;
  /** Not yet taken by the alert workflow: an effect leaves this list when it has arrived. */
  pending: AlertEffect[];
  /** Something is uncertain: looks come closer together. */
  inDoubt: boolean;
  host?: HostMemory;
  database?: DatabaseMemory;
  readAt?: number;
  /** Since when n8n says that it starts. */
  startingSince?: number;
}

export const EMPTY: WatchState = { at: 0, rules: {}, pending: [], inDoubt: false };

/**
 * What a run takes over. Of a state that is too old only this: what was told and not yet answered (else nobody would
 * ever say that it is over), what was not yet told, and where the counters stood.
 */
export function carriedOver(state: WatchState | undefined, now: number, longestMs: number): WatchState {
  if (state === undefined) return { ...EMPTY };
  if (now - state.at <= longestMs) return state;
  const rules = Object.fromEntries(
    Object.entries(state.rules.rules ?? {}).flatMap(([key, { firingSince, firedAt, affected }]) =>
      firingSince === undefined ? [] : [[key, { firingSince, firedAt, affected }]],
    ),
  );
  const unknown = Object.fromEntries(
    Object.entries(state.rules.unknown ?? {}).filter(([, { told }]) => told),
  );
  return { ...EMPTY, rules: { rules, unknown }, pending: state.pending, host: state.host };
}

/** What was seen in one slot. */
export interface Tally {
  looks: number;
  ok: number;
  bad: number;
  unknown: number;
  /** Total milliseconds of each target's probes. */
  times: Record<string, number[]>;
  stored: number;
  notStored: number;
  /** Effects that the alert workflow took. */
  told: number;
}

export const emptyTally = (): Tally => ({
  ...{ looks: 0, ok: 0, bad: 0, unknown: 0, times: {} },
  ...{ stored: 0, notStored: 0, told: 0 },
});

export interface WatchReport {
  /** What is watched, and what is not, with the setting that would change it. */
  watched: string[];
  notWatched: string[];
  from: string;
  until: string;
  looks: number;
  ok: number;
  bad: number;
  unknown: number;
  /** The slowest 95th percentile of a probe. */
  worstP95?: { target: string; ms: number };
  /** Rules that hold or are uncertain, as `AL4/app`. */
  firing: string[];
  doubts: string[];
  unknownTargets: string[];
  samplesStored: number;
  samplesNotStored: number;
  alertsTold: number;
}

/** Nearest rank. */
function p95(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * 0.95) - 1] ?? 0;
}

export function reportOf(
  tally: Tally,
  state: WatchState,
  span: { from: number; until: number },
  watching: Pick<WatchReport, 'watched' | 'notWatched'>,
): WatchReport {
  const rules = Object.entries(state.rules.rules ?? {});
  const keys = (wanted: (rule: (typeof rules)[number][1]) => boolean): string[] =>
    rules.filter(([, rule]) => wanted(rule)).map(([key]) => key);
  const [worst] = Object.entries(tally.times)
    .map(([target, times]) => ({ target, ms: Math.round(p95(times)) }))
    .sort((a, b) => b.ms - a.ms);
  return {
    ...watching,
    from: new Date(span.from).toISOString(),
    until: new Date(span.until).toISOString(),
    ...{ looks: tally.looks, ok: tally.ok, bad: tally.bad, unknown: tally.unknown },
    ...(worst ? { worstP95: worst } : {}),
    firing: keys(({ firingSince }) => firingSince !== undefined),
    doubts: keys(({ firingSince, badSince }) => firingSince === undefined && badSince !== undefined),
    unknownTargets: Object.keys(state.rules.unknown ?? {}),
    ...{ samplesStored: tally.stored, samplesNotStored: tally.notStored, alertsTold: tally.told },
  };
}
