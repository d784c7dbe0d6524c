/**
 * What people and programs ask of a lifecycle, made whole: somebody may type a signal into the Web UI, and one that
 * cannot be read must not stop the workflow. Pure.
 */
import {
  isOver,
  isoAt,
  phaseBefore,
  withDeadline,
  type LifecyclePolicy,
  type LifecycleState,
} from './state.ts';

export type LifecycleRequest =
  | { kind: 'reactivate'; by: string }
  | { kind: 'erase'; by: string }
  | { kind: 'hold'; by: string }
  | { kind: 'release' }
  | { kind: 'deadline'; at: string }
  | { kind: 'policy'; policy: Partial<LifecyclePolicy> };

const objectOf = (given: unknown): Record<string, unknown> =>
  typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};

/** The way something was asked for, or why: a code. Names and addresses of persons do not belong in a history. */
export function readBy(given: unknown, otherwise: string): string {
  const { by } = objectOf(given);
  return typeof by === 'string' && /^[a-z][a-z -]{0,29}$/i.test(by) ? by : otherwise;
}

const whole = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 10_000 ? value : undefined;

/** `{ at }`, or the numbers of a changed policy; undefined where it is neither. */
export function readDeadline(given: unknown): LifecycleRequest | undefined {
  const { at, reactivationDays, reminderDays, anonymiseAfterMonths } = objectOf(given);
  const instant = typeof at === 'string' ? Date.parse(at) : NaN;
  if (!Number.isNaN(instant)) return { kind: 'deadline', at: isoAt(instant) };
  const numbers = {
    reactivationDays: whole(reactivationDays),
    reminderDays: whole(reminderDays),
    anonymiseAfterMonths: whole(anonymiseAfterMonths),
  };
  const policy = Object.fromEntries(Object.entries(numbers).filter(([, value]) => value !== undefined));
  return Object.keys(policy).length === 0 ? undefined : { kind: 'policy', policy };
}

/** Why a request comes too late, or cannot be; undefined: it can. For the validators of Updates. */
export function refusal(state: LifecycleState | undefined, kind: 'reactivate' | 'erase'): string | undefined {
  if (state === undefined) return undefined;
  if (isOver(state) || state.phase === 'erasing')
    return state.phase === 'reactivated'
      ? 'already reactivated'
      : 'trop tard: too late, anonymisation has begun';
  if (kind === 'reactivate') return undefined;
  if (state.held) return 'held';
  return state.reactivationBy === undefined ? undefined : 'already reactivated';
}

const AT_ONCE = { retryAt: undefined, trouble: undefined };

/** A request on the state as it is. What comes too late changes nothing. */
export function withRequest(state: LifecycleState, request: LifecycleRequest, now: number): LifecycleState {
  if (isOver(state)) return state;
  switch (request.kind) {
    case 'reactivate':
      return refusal(state, 'reactivate') === undefined
        ? { ...state, reactivationBy: state.reactivationBy ?? request.by, ...AT_ONCE }
        : state;
    case 'erase':
      return refusal(state, 'erase') === undefined
        ? { ...state, phase: 'erasing', requested: true, blocked: undefined, ...AT_ONCE }
        : state;
    case 'hold':
      // What is not gone yet can still be kept.
      return {
        ...state,
        ...(state.phase === 'erasing' && !state.erased && phaseBefore(state) !== 'ended'
          ? { phase: phaseBefore(state), requested: undefined }
          : {}),
        held: state.held ?? { since: isoAt(now), by: request.by },
      };
    case 'release':
      return { ...state, held: undefined, ...AT_ONCE };
    case 'deadline':
      return state.phase === 'asked' || state.phase === 'archived' ? withDeadline(state, request.at) : state;
    case 'policy':
      return { ...state, policy: { ...state.policy, ...request.policy }, replan: true, ...AT_ONCE };
  }
}
