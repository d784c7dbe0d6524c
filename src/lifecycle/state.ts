/** What a lifecycle knows, and what it does next. Pure: deadlines are data, computed by an activity. */

/** `erasing`: anonymisation has begun, and reactivation is too late. The last three are ends. */
export type Phase = 'asking' | 'asked' | 'archived' | 'erasing' | 'anonymized' | 'reactivated' | 'ended';

/** The part of `lifecycle` in `maintenance.yaml` that one customer's deadlines come from. */
export interface LifecyclePolicy {
  reactivationDays: number;
  reminderDays: number;
  anonymiseAfterMonths: number;
}

export interface LifecycleState {
  accountId: string;
  /** How often this customer was asked: part of the key of each message. */
  episode: number;
  phase: Phase;
  policy: LifecyclePolicy;
  /** When somebody of the account was seen last; ISO instants here and below. */
  inactiveSince: string;
  /** When the question left: the days are counted from here. */
  askedAt?: string;
  /** What became of it: `sent`, `skipped: NoRecipient`. */
  told?: string;
  /** Absent: reminded, or no reminder any more. */
  remindAt?: string;
  remindedAt?: string;
  /** End of the phase: archiving, or anonymisation. Absent: to be planned. */
  deadline?: string;
  /** The policy has changed: dates are to be computed again. */
  replan?: true;
  archivedAt?: string;
  held?: { since: string; by: string };
  /** What forbids the next step at the moment: codes of `saas.archive_blockers`. */
  blocked?: string[];
  /** Failure type of a step that will be tried again. */
  trouble?: string;
  /** Wanted, and not done yet; nothing is archived or anonymised meanwhile. */
  reactivationBy?: string;
  /** The customer asked to be forgotten. */
  requested?: true;
  /** Gone from the database; elsewhere it is under way. */
  erased?: true;
  /** The facts are read again by then. */
  lookAt: string;
  /** A step that was refused or failed is not tried again before. */
  retryAt?: string;
  endedAt?: string;
  /** Why it ended, in a code. */
  endedBy?: string;
  revision: number;
  /** Whether Temporal knows our search attributes. */
  searchable: boolean;
}

export type Step =
  | { kind: 'ask' | 'plan' | 'remind' | 'look' | 'archive' | 'anonymize' | 'erase elsewhere' | 'reactivate' }
  | { kind: 'wait'; until: number }
  | { kind: 'end' };

const DAY_MS = 86_400_000;
/** The facts are re-read at least so often. */
export const LOOK_MS = 30 * DAY_MS;
/** What was forbidden, or failed, is tried again after so long. */
export const BLOCKED_MS = 7 * DAY_MS;
export const TROUBLE_MS = 6 * 3_600_000;

const ENDS: readonly Phase[] = ['anonymized', 'reactivated', 'ended'];
export const isOver = ({ phase }: Pick<LifecycleState, 'phase'>): boolean => ENDS.includes(phase);

export const isoAt = (at: number): string => new Date(at).toISOString();
const at = (instant: string | undefined): number => (instant === undefined ? Infinity : Date.parse(instant));

export function nextStep(state: LifecycleState, now: number): Step {
  const { phase, held, reactivationBy, erased } = state;
  if (isOver(state)) return { kind: 'end' };
  // Also a look that failed.
  if (state.retryAt !== undefined && at(state.retryAt) > now)
    return { kind: 'wait', until: at(state.retryAt) };
  if (reactivationBy !== undefined) return { kind: 'reactivate' };
  if (phase === 'erasing' && erased) return { kind: 'erase elsewhere' };
  if (at(state.lookAt) <= now) return { kind: 'look' };
  // Held: nothing is sent, archived or anonymised; time goes on.
  if (held) return { kind: 'wait', until: at(state.lookAt) };
  if (phase === 'erasing') return { kind: 'anonymize' };
  if (phase === 'asking') return { kind: 'ask' };
  if (state.deadline === undefined || state.replan) return { kind: 'plan' };
  const deadline = at(state.deadline);
  if (deadline <= now) return { kind: phase === 'archived' ? 'anonymize' : 'archive' };
  if (at(state.remindAt) <= now) return { kind: 'remind' };
  return { kind: 'wait', until: Math.min(deadline, at(state.remindAt), at(state.lookAt)) };
}

/** The next thing that a person would notice; undefined while it is held. */
export function nextActionAt(state: LifecycleState): string | undefined {
  if (isOver(state) || state.held) return undefined;
  const due = Math.min(at(state.deadline), at(state.remindAt));
  const later = state.retryAt === undefined ? due : Math.max(due === Infinity ? 0 : due, at(state.retryAt));
  return Number.isFinite(later) ? isoAt(later) : undefined;
}

/** Where an anonymisation that was refused returns to. */
export const phaseBefore = ({ archivedAt, askedAt }: LifecycleState): Phase =>
  archivedAt !== undefined ? 'archived' : askedAt !== undefined ? 'asked' : 'ended';

/** Dates of the phase. Whoever was told a day in an e-mail keeps it at least. */
export function planned(
  state: LifecycleState,
  { deadline, remindAt }: { deadline: string; remindAt?: string },
  now: number,
): LifecycleState {
  const asked = state.phase === 'asked';
  const kept = asked && state.deadline !== undefined && state.deadline > deadline ? state.deadline : deadline;
  const reminds = asked && state.remindedAt === undefined && at(remindAt) > now && at(remindAt) < at(kept);
  return { ...state, deadline: kept, remindAt: reminds ? remindAt : undefined, replan: undefined };
}

/** A day that an operator sets. */
export const withDeadline = (state: LifecycleState, deadline: string): LifecycleState => ({
  ...state,
  deadline,
  retryAt: undefined,
  replan: undefined,
  remindAt: at(state.remindAt) < at(deadline) ? state.remindAt : undefined,
});
