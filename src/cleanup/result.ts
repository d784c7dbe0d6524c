import type { Amounts, Answer, BrakeReason } from '../workflow-kit/index.ts';
import type { Mode } from '../workflow-kit/index.ts';
import type { Found, Removed, SourceKind } from './source.ts';

/** What became of one source in one run. */
export interface SourceOutcome {
  name: string;
  kind: SourceKind;
  found?: Found;
  removed?: Removed;
  /** Left as it is because nobody agreed. */
  held?: true;
  failure?: { type: string; message: string };
}

export interface CleanResult {
  mode: Mode;
  /** Rows, files and executions that went; what would have gone where nothing may be changed. */
  count: number;
  bytes: number;
  sources: SourceOutcome[];
  /** What the brake of later runs compares with: found by source, without what was refused. */
  amounts: Amounts;
  brake?: { reasons: BrakeReason[]; answer: Answer };
}

/** The sums over all sources. */
export function totals(sources: readonly SourceOutcome[]): { count: number; bytes: number } {
  const sum = (of: (outcome: SourceOutcome) => number | undefined) =>
    sources.reduce((total, outcome) => total + (of(outcome) ?? 0), 0);
  return {
    count: sum(({ removed }) => removed?.count),
    bytes: sum(({ removed }) => removed?.bytes),
  };
}
