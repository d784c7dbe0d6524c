import { setTimeout as delay } from 'node:timers/promises';

/** One thing the doctor looked at. Messages name settings and codes, never their values: settings may be secrets. */
export interface Finding {
  /** What it is about: `application database`, `bucket`, `mail`, … */
  area: string;
  /** `warning`: works today; `off`: not configured, and nothing is wrong with that. */
  result: 'fine' | 'warning' | 'failed' | 'off';
  message: string;
  /** What to do about it, in one sentence; with `warning` and `failed`. */
  mend?: string;
}

/** What a check yields: its area is added by `examine`. */
export type Answer = Omit<Finding, 'area'>;

export interface Check {
  area: string;
  run(signal: AbortSignal): Promise<Answer[]>;
}

export const fine = (message: string): Answer => ({ result: 'fine', message });
export const off = (message: string): Answer => ({ result: 'off', message });
export const warning = (message: string, mend: string): Answer => ({ result: 'warning', message, mend });
export const failed = (message: string, mend: string): Answer => ({ result: 'failed', message, mend });

/** Longer than any client waits for its connection, so that its own words are heard. */
const PATIENCE_MS = 25_000;

/** Runs one check to its end: one that throws or hangs is a finding of its own, and holds no other back. */
export async function examine(check: Check, patienceMs = PATIENCE_MS): Promise<Finding[]> {
  const stop = new AbortController();
  const hung = delay(patienceMs, undefined, { signal: stop.signal }).then(() => [
    failed(
      `no answer in ${String(patienceMs / 1_000)} s`,
      'Look whether a firewall drops what goes there, and run it again.',
    ),
  ]);
  hung.catch(() => undefined);
  try {
    const work = check.run(stop.signal).catch((error: unknown) => [unforeseen(error)]);
    const answers = await Promise.race([work, hung]);
    return answers.map((answer) => ({ area: check.area, ...answer }));
  } finally {
    stop.abort();
  }
}

/** Our clients' failures say what is wrong and then what mends it, in one sentence. */
function unforeseen(error: unknown): Answer {
  const message = error instanceof Error ? error.message : String(error);
  return failed(message, 'Mend what the message names, and run `talos doctor` again.');
}
