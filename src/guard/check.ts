import type { Notice } from '../notifications/index.ts';

/** How often the whole activity is tried before a check that cannot see counts as blind. */
export const TRIES = 3;

/** A notice without its key, which the guard makes of the check and the day. */
export type Message = Notice extends infer Each ? (Each extends Notice ? Omit<Each, 'key'> : never) : never;

/** What was told of a check and is not yet answered. */
export interface Alert {
  /** The last day (or week's Monday) for which it was told: `2026-11-23`. */
  period: string;
  /** ISO 8601: when it was told first. */
  since: string;
}

export type Verdict =
  /** All is well; `over` makes what answers an alert that was told before. */
  | { is: 'fine'; over?: (alert: Alert) => Message }
  /** `of`: an instant of the day or week that is told of; left out, it is the one that is looked at. */
  | { is: 'found'; message: Message; of?: Date }
  /** Does not apply, here or yet: neither good nor bad news. */
  | { is: 'silent'; why: string };

/** One thing the guard looks at. It throws when it cannot see: not knowing is not a finding. */
export interface Check {
  /** Part of the key in the ledger: never renamed, no slash. */
  name: string;
  /** How often an alert that stays open is told again. */
  repeat: 'daily' | 'weekly';
  look(at: Date): Promise<Verdict>;
}

/** How one check went, as the Web UI shows it. */
export interface Sight {
  check: string;
  state: Verdict['is'] | 'unknown';
  /** Why it is silent or unknown. */
  why?: string;
}

export interface GuardReport {
  checks: Sight[];
  notices: Notice[];
  /** What an outside service is told, where one waits for it: `fail` is for faults of our own. */
  heartbeat?: 'success' | 'fail';
}
