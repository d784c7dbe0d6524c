/** The brake: a run that would do far more than runs before it waits for a person. Pure. */

/** Amounts by what they count: rows and files by source, or customers. */
export type Amounts = Record<string, number>;

export interface BrakeHistory {
  /** What the last armed runs did, newest first; without the ones that were rejected. */
  recent: Amounts[];
  /** Until the first armed run has ended: what the preview said with which the job was armed. */
  preview?: Amounts;
}

export interface BrakeReason {
  /** The source, or `customers`. */
  what: string;
  planned: number;
  /** Above it the brake holds. */
  limit: number;
  /** Compared with the mean of the last runs, the preview that armed the job, or a share of all accounts. */
  against: 'mean' | 'preview' | 'share';
}

const RUNS_AT_LEAST = 4;
const TIMES_MEAN = 3;
const TIMES_PREVIEW = 1.2;

/**
 * Why this run must not go on unseen; empty: it may. `minimum`: below it nothing brakes, for after four nights without
 * a single file the mean is 0.
 */
export function brakeReasons(planned: Amounts, history: BrakeHistory, minimum: number): BrakeReason[] {
  const { recent, preview } = history;
  return Object.entries(planned).flatMap(([what, amount]) => {
    const limits: BrakeReason[] = [];
    const add = (against: BrakeReason['against'], limit: number) =>
      limits.push({ what, planned: amount, limit: Math.max(minimum, Math.floor(limit)), against });
    const before = recent.flatMap((run) => run[what] ?? []);
    if (before.length >= RUNS_AT_LEAST)
      add('mean', (TIMES_MEAN * before.reduce((sum, count) => sum + count, 0)) / before.length);
    if (preview) add('preview', TIMES_PREVIEW * (preview[what] ?? 0));
    return limits.filter(({ limit }) => amount > limit).slice(0, 1);
  });
}

/** The brake of jobs that reach customers: more than a few of them, and more than a share of all. */
export function shareReasons(
  customers: number,
  accounts: number,
  { minimum, percent }: { minimum: number; percent: number },
): BrakeReason[] {
  const limit = Math.max(minimum, Math.floor((accounts * percent) / 100));
  return customers > limit ? [{ what: 'customers', planned: customers, limit, against: 'share' }] : [];
}
