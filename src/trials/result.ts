import type { Answer, BrakeReason, Mode } from '../workflow-kit/index.ts';
import type { CustomerDelivery } from '../notifications/index.ts';
import type { Conversions } from './conversions.ts';

/** Trials that a run is for: ids, all of them counted. */
export interface Found {
  trialIds: string[];
  /** Without what an earlier run began. */
  count: number;
  unfinished: number;
  /** Of all customers, without archived ones: what the brake compares with. */
  accounts: number;
}

/** In one word for the sums; a refused or skipped one with why. */
export function worded({ status, code }: CustomerDelivery): string {
  if (status === 'failed') return `refused: ${code ?? 'no code'}`;
  return status === 'skipped' ? `skipped: ${code ?? 'no code'}` : status;
}

/** What became of the trials of a run, by name: `sent`, `skipped: NoPermission`, `converted`, `unknown`. */
export type Outcomes = Record<string, number>;

export interface TrialsResult {
  mode: Mode;
  /** Found at the run's instant. */
  found: number;
  /** Ended, or nudged; what would have been where nothing may be changed. */
  count: number;
  outcomes: Outcomes;
  /** Trials whose message may have left, and is not sent again: ids, the first ones. */
  unknown: string[];
  /** Trials whose message could not leave: ids, the first ones. */
  failed: string[];
  /** Left for the next run. */
  left: number;
  /** What the brake of later runs compares with. */
  amounts: { customers?: number };
  brake?: { reasons: BrakeReason[]; answer: Answer };
  /** Of expiration-essais (EX5). */
  conversions?: { day: Conversions; month: Conversions };
}

export const NOT_TOLD = 'not told';

/** What could not be told in half a day fails the run: somebody has to look. A refused address is no failure. */
export function failureOf({ failed, outcomes }: TrialsResult): { type: string; message: string } | undefined {
  if (failed.length === 0) return undefined;
  const count = outcomes[NOT_TOLD] ?? failed.length;
  return {
    type: 'CustomersNotTold',
    message: `${String(count)} trials could not be ended, or their accounts told`,
  };
}

const VERBS = {
  'expiration-essais': { did: 'Ended', would: 'Would end' },
  'relance-essais-inactifs': { did: 'Nudged', would: 'Would nudge' },
} as const;

export type TrialsJob = keyof typeof VERBS;

/** In a few lines of Markdown, for the Web UI. */
export const describeTrials =
  (job: TrialsJob) =>
  ({ mode, count, outcomes, left, brake, conversions, unknown }: TrialsResult): string =>
    [
      `**${VERBS[job][mode === 'armed' ? 'did' : 'would']} ${String(count)} trials**`,
      ...(mode === 'observe' ? ['', 'Observing: nothing was changed. `talos enable` arms this job.'] : []),
      ...(brake ? ['', `The brake held: ${brake.answer}.`] : []),
      '',
      ...Object.entries(outcomes).map(([outcome, times]) => `- ${outcome}: ${String(times)}`),
      ...(unknown.length > 0 ? ['', `Perhaps sent, and not sent again: ${unknown.join(', ')}`] : []),
      ...(left > 0 ? ['', `${String(left)} are left for the next run.`] : []),
      ...(conversions ? ['', `Conversions: ${shown(conversions.day)}, ${shown(conversions.month)}`] : []),
    ].join('\n');

const shown = ({ days, ended, converted, rate }: Conversions): string =>
  `${String(converted)} of ${String(ended)} in ${String(days)} d` +
  (rate === null ? '' : ` (${(100 * rate).toFixed(1)} %)`);
