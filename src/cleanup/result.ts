import type { Amounts, Answer, BrakeReason } from '../workflow-kit/index.ts';
import type { Mode } from '../workflow-kit/index.ts';
import type { LogFigures } from './logs/figures.ts';
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
  /** Of nettoyage-logs: the week's logs in figures (LG3). */
  logs?: LogFigures;
  /** What was stored of the week's logs (BS2). */
  week?: StoredWeek;
  /** Objects of earlier archives that were kept for long enough. */
  pruned?: number;
}

export interface StoredWeek {
  /** ISO week in Paris: 2026-W47. */
  week: string;
  objects: number;
  rows: number;
  /** Compressed and encrypted. */
  bytes: number;
  failure?: { type: string; message: string };
}

/** A run in which a source failed is a failed run, whatever else it did. */
export function failureOf({ sources, week }: CleanResult): { type: string; message: string } | undefined {
  const failed = [
    ...sources.flatMap(({ name, failure }) => (failure ? [`${name}: ${failure.message}`] : [])),
    ...(week?.failure ? [`the week's logs: ${week.failure.message}`] : []),
  ];
  return failed.length === 0 ? undefined : { type: 'CleanUpIncomplete', message: failed.join('; ') };
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
