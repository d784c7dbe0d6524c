/** What watch, alert workflow and notices say to each other. Pure: usable on both sides of the sandbox. */
import type { Level } from '../notifications/notice.ts';

/**
 * One alert is one rule on one target: `AL4` on `app`. Ids, never names or addresses of persons: they stand in workflow
 * ids, search attributes and texts.
 */
export interface AlertKey {
  rule: string;
  target: string;
}

/** `alert/<rule>/<target>`: opened once, however often it fires. */
export const alertWorkflowId = ({ rule, target }: AlertKey): string => `alert/${rule}/${target}`;

/** One figure beside the one that fired: what a person would look at next. */
export interface Evidence {
  /** A key that the templates have words for (`load`, `iowait`, `probe`, `phase`, `process`); shown as it is else. */
  name: string;
  value: string;
}

/** The rule's condition holds. Repeated while it does: each report refreshes value and evidence. */
export interface Firing extends AlertKey {
  level: Level;
  /** ISO instants: when the condition began, and when it was found to hold. */
  since: string;
  at: string;
  value?: number;
  threshold?: number;
  unit?: '%' | 's' | 'ms' | 'h' | '/min' | 'days';
  /** Class of a failed probe, as `refused` or `status 503`; no address, no text of a third party. */
  reason?: string;
  evidence?: Evidence[];
  /** Targets that are down because of this one: they have no alert of their own. */
  affected?: string[];
  /** A job of ours that runs now and explains it. */
  ownJob?: string;
  /** Asked for by a person: `[TEST]` in every text, and it closes itself. */
  test?: boolean;
}

/** The condition holds no longer, confirmed. `at`: since when (ISO instant). */
export interface Cleared extends AlertKey {
  at: string;
  value?: number;
}

/** Nothing could be measured for too long: neither good nor bad. `since`: the last sight (ISO instant). */
export interface NoData extends AlertKey {
  level: Level;
  since: string;
  at: string;
  reason: string;
}

export type AlertEffect =
  | ({ kind: 'fire' } & Firing)
  | ({ kind: 'clear' } & Cleared)
  | ({ kind: 'nodata' } & NoData)
  | ({ kind: 'data' } & Cleared);
