/**
 * What signals bring, made whole: a person may type one into the Web UI, and a signal that cannot be read must not stop
 * the workflow that rings. Pure.
 */
import type { Level } from '../notifications/notice.ts';
import type { AlertKey, Cleared, Firing, NoData } from './alert.ts';
import type { AlertEvent } from './state.ts';

const LEVELS: readonly Level[] = ['critical', 'important', 'info'];

const objectOf = (given: unknown): Record<string, unknown> =>
  typeof given === 'object' && given !== null ? (given as Record<string, unknown>) : {};

const instantOr = (given: unknown, now: number): string => {
  const at = typeof given === 'string' ? Date.parse(given) : NaN;
  // One form, because instants are compared as texts.
  return new Date(Number.isNaN(at) ? now : at).toISOString();
};

const levelOf = (given: unknown): Level => LEVELS.find((level) => level === given) ?? 'critical';

export function readFiring(given: unknown, key: AlertKey, now: number): Firing {
  const firing = objectOf(given) as Partial<Firing>;
  return {
    ...firing,
    ...key,
    level: levelOf(firing.level),
    since: instantOr(firing.since, now),
    at: instantOr(firing.at, now),
  };
}

export function readCleared(given: unknown, key: AlertKey, now: number): Cleared {
  const { at, value } = objectOf(given);
  return { ...key, at: instantOr(at, now), ...(typeof value === 'number' && { value }) };
}

export function readNoData(given: unknown, key: AlertKey, now: number): NoData {
  const { level, since, at, reason } = objectOf(given);
  return {
    ...key,
    level: levelOf(level),
    since: instantOr(since, now),
    at: instantOr(at, now),
    reason: typeof reason === 'string' ? reason : 'unknown',
  };
}

/** The way something was asked for. Addresses and numbers of persons do not belong in a history. */
export function readBy(given: unknown): string {
  const { by } = objectOf(given);
  return typeof by === 'string' && /^[a-z][a-z -]{0,19}$/i.test(by) ? by : 'operator';
}

/** Undefined where it has no end: there is no silence without one. */
export function readSilence(given: unknown): Extract<AlertEvent, { kind: 'silence' }> | undefined {
  const { until } = objectOf(given);
  const at = typeof until === 'string' ? Date.parse(until) : NaN;
  return Number.isNaN(at)
    ? undefined
    : { kind: 'silence', until: at, by: readBy(given), ...readAlertId(given) };
}

export function readAlertId(given: unknown): { alertId?: number } {
  const { alertId } = objectOf(given);
  return typeof alertId === 'number' ? { alertId } : {};
}
