import type { Level } from '../../notifications/notice.ts';
import type { AlertEffect, Evidence, Firing } from '../alert.ts';

/** What a probe or reading found, once. */
export interface Sample {
  /** `up` (1 or 0), `cpu_percent`, `api_ms` …: what a rule names. */
  metric: string;
  /** `app`, `vps`, `vps:/var`: before the colon stands what can be unreachable as a whole. */
  target: string;
  /** Milliseconds since 1970. */
  at: number;
  /** A gauge, or for a mean: since the sample before. Absent when nothing could be measured. */
  value?: number;
  /** Why there is no value: neither good nor bad. `OWN_NETWORK`: our own line is down, which says nothing of a target. */
  unknown?: string;
  /** Class of a failed probe (`refused`, `status 503`). */
  reason?: string;
  evidence?: Evidence[];
  /** How many events the value stands for; below the rule's minimum it raises nothing. */
  count?: number;
  /** Where the sample knows it itself: since when it is so (ms since 1970). */
  since?: number;
  /** A job of ours that runs now and may explain it. */
  ownJob?: string;
  /** Injected on request: what it raises says so. */
  test?: boolean;
}

export const OWN_NETWORK = 'own-network';

/** One threshold as data. A sample is bad beyond `raise`, and good on the other side of `clear`; between them neither. */
export interface Rule {
  /** `AL4`: part of the alert's workflow id, never renamed. */
  id: string;
  metric: string;
  level: Level;
  unit?: Firing['unit'];
  direction: 'above' | 'below';
  raise: number;
  clear: number;
  /**
   * What is compared. `each`: every sample for `forMs`. `mean`: of the last `forMs`, weighted by time, and at least 9 of
   * 10 samples beyond `near`, so that one spike is not an episode. `p95`: of the samples of the last `forMs`.
   */
  over: 'each' | 'mean' | 'p95';
  /** How long it must last (ms); 0: one sample is enough. */
  forMs: number;
  /** How long it must be good again (ms). */
  clearForMs: number;
  near?: number;
  /** Samples that a `p95` needs at least. */
  minimumSamples?: number;
  /** Events that one sample must stand for to raise it; 0 takes any. */
  minimumCount?: number;
  /** Worth probing more often while it is uncertain. */
  urgent?: true;
  /** With `each`: also raised when half of the last so many ms was bad, however it came and went. */
  unstableForMs?: number;
  /** Another level from this value on. */
  worse?: { from: number; level: Level };
  /** The level while a job of ours explains it. */
  ownJobLevel?: Level;
}

export interface RuleSet {
  rules: readonly Rule[];
  /** Targets by the one that is told of instead when it is down as well. */
  dependsOn: Readonly<Record<string, readonly string[]>>;
  /** How long a target may be unknown before that is told (ms). */
  noDataMs: number;
}

/** One rule on one target. Instants and readings, never counters of runs: a lost worker or a late run changes nothing. */
export interface RuleState {
  /** Since when every sample is bad. */
  badSince?: number;
  /** While firing: since when every sample is good. */
  goodSince?: number;
  /** Begin of the incident that was told. */
  firingSince?: number;
  /** When `fire` was last reported. */
  firedAt?: number;
  /** For `mean`, `p95` and `unstableForMs`: [at, value], the oldest first. */
  recent?: [number, number][];
  /** A parent was down when this became bad; it has its own alert only when it is still bad after the parent is back. */
  heldUntil?: number;
  affected?: string[];
}

/** Plain JSON: it travels in heartbeats and results. `{}` at first. */
export interface RuleStates {
  /** By `AL4/app`. */
  rules?: Record<string, RuleState>;
  /** By target: since when nothing is known of it, and whether that was told. */
  unknown?: Record<string, { since: number; told?: boolean; reason: string }>;
  /** Since when our own line is down. */
  networkDownSince?: number;
}

export interface Evaluation {
  state: RuleStates;
  effects: AlertEffect[];
  /** Something is uncertain that is worth another look soon. */
  inDoubt: boolean;
}
