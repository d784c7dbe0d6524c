import { describe, expect, test } from 'vitest';
import { monthsLater, planArchived, planAsked } from '../../src/lifecycle/plan.ts';
import { readBy, readDeadline, refusal, withRequest } from '../../src/lifecycle/requests.ts';
import { nextActionAt, nextStep, planned, type LifecycleState } from '../../src/lifecycle/state.ts';

const ZONE = 'Europe/Paris';
const POLICY = { reactivationDays: 30, reminderDays: 23, anonymiseAfterMonths: 12 };
const T0 = Date.parse('2026-12-01T00:00:00Z');
const at = (days: number): string => new Date(T0 + days * 86_400_000).toISOString();

const state = (changes: Partial<LifecycleState> = {}): LifecycleState => ({
  ...{ accountId: 'a', episode: 1, phase: 'asked', policy: POLICY, inactiveSince: at(-200), askedAt: at(0) },
  ...{ deadline: at(31), remindAt: at(23), lookAt: at(30), revision: 1, searchable: true },
  ...changes,
});
const stepAt = (days: number, changes: Partial<LifecycleState> = {}) =>
  nextStep(state(changes), Date.parse(at(days)));

describe('days of Paris', () => {
  test.each([
    // In winter and in summer, across each change of the clock, in the night and at noon.
    ['2026-12-01T11:00:00Z', '2026-12-31T23:00:00.000Z', '2026-12-24T08:00:00.000Z'],
    ['2026-11-30T23:30:00Z', '2026-12-31T23:00:00.000Z', '2026-12-24T08:00:00.000Z'],
    ['2027-03-01T00:00:00Z', '2027-03-31T22:00:00.000Z', '2027-03-24T08:00:00.000Z'],
    ['2027-03-10T12:00:00Z', '2027-04-09T22:00:00.000Z', '2027-04-02T07:00:00.000Z'],
    ['2026-10-01T12:00:00Z', '2026-10-31T23:00:00.000Z', '2026-10-24T07:00:00.000Z'],
  ])('asked %s: until %s, reminded %s', (from, deadline, remindAt) => {
    expect(planAsked(new Date(from), POLICY, ZONE)).toEqual({ deadline, remindAt });
  });

  test.each([
    ['2026-12-31T23:00:05Z', 12, '2027-12-31T23:00:05.000Z'],
    ['2028-02-29T10:00:00Z', 12, '2029-02-28T10:00:00.000Z'],
    ['2027-08-31T10:00:00Z', 6, '2028-02-29T11:00:00.000Z'],
    ['2027-01-31T10:00:00Z', 1, '2027-02-28T10:00:00.000Z'],
    ['2027-07-01T10:00:00Z', -6, '2027-01-01T11:00:00.000Z'],
    // 02:30 on the day the clock skips it.
    ['2026-03-28T01:30:00Z', 12, '2027-03-28T01:30:00.000Z'],
  ])('%s and %i months is %s', (from, months, to) => {
    expect(monthsLater(new Date(from), months, ZONE).toISOString()).toBe(to);
  });

  test('twelve months of archive', () => {
    expect(planArchived(new Date('2027-01-01T09:00:00Z'), POLICY, ZONE)).toEqual({
      deadline: '2028-01-01T09:00:00.000Z',
    });
  });
});

describe('what is next', () => {
  test.each([
    [0, {}, 'wait'],
    [22.9, {}, 'wait'],
    [23, {}, 'remind'],
    [24, { remindAt: undefined }, 'wait'],
    [30, { remindAt: undefined }, 'look'],
    [31, { remindAt: undefined, lookAt: at(60) }, 'archive'],
    // Late: no reminder of a day that is over.
    [31, { lookAt: at(60) }, 'archive'],
    [29, { deadline: undefined }, 'plan'],
    [29, { replan: true, remindAt: undefined }, 'plan'],
    [0, { phase: 'asking', deadline: undefined }, 'ask'],
    [40, { phase: 'archived', lookAt: at(60) }, 'anonymize'],
    [1, { phase: 'erasing' }, 'anonymize'],
    [1, { phase: 'erasing', erased: true }, 'erase elsewhere'],
    [1, { reactivationBy: 'link' }, 'reactivate'],
    [500, { reactivationBy: 'link', phase: 'archived' }, 'reactivate'],
    [500, { held: { since: at(1), by: 'x' }, lookAt: at(501) }, 'wait'],
    [500, { held: { since: at(1), by: 'x' } }, 'look'],
    [1, { phase: 'erasing', held: { since: at(1), by: 'x' } }, 'wait'],
    [40, { retryAt: at(41), lookAt: at(20) }, 'wait'],
    [42, { retryAt: at(41), lookAt: at(60), remindAt: undefined }, 'archive'],
    [1, { phase: 'reactivated' }, 'end'],
  ] as [number, Partial<LifecycleState>, string][])('day %d, %j: %s', (day, changes, kind) => {
    expect(stepAt(day, changes).kind).toBe(kind);
  });

  test('never waits longer than to the next look', () => {
    for (let day = 0; day < 400; day += 1) {
      const step = stepAt(day, {
        phase: 'archived',
        deadline: at(400),
        remindAt: undefined,
        lookAt: at(day + 30),
      });
      expect(step).toMatchObject({
        kind: 'wait',
        until: Math.min(Date.parse(at(day + 30)), Date.parse(at(400))),
      });
    }
  });

  test('a person sees the next day; nothing while it is held', () => {
    expect(nextActionAt(state())).toBe(at(23));
    expect(nextActionAt(state({ remindAt: undefined }))).toBe(at(31));
    expect(nextActionAt(state({ retryAt: at(40), remindAt: undefined }))).toBe(at(40));
    expect(nextActionAt(state({ held: { since: at(1), by: 'x' } }))).toBeUndefined();
  });
});

describe('what is asked of it', () => {
  const now = Date.parse(at(5));
  test('a day that was told is never shortened by a policy', () => {
    expect(planned(state(), { deadline: at(20), remindAt: at(10) }, now)).toMatchObject({ deadline: at(31) });
    expect(planned(state(), { deadline: at(46), remindAt: at(23) }, now)).toMatchObject({
      deadline: at(46),
      remindAt: at(23),
    });
    expect(
      planned(state({ remindedAt: at(4) }), { deadline: at(46), remindAt: at(23) }, now).remindAt,
    ).toBeUndefined();
    expect(planned(state({ phase: 'archived' }), { deadline: at(20) }, now)).toMatchObject({
      deadline: at(20),
    });
  });

  test('a hold stops an erasure that has not begun in the database', () => {
    const erasing = withRequest(state(), { kind: 'erase', by: 'link' }, now);
    expect(erasing).toMatchObject({ phase: 'erasing', requested: true });
    expect(withRequest(erasing, { kind: 'hold', by: 'x' }, now)).toMatchObject({
      phase: 'asked',
      requested: undefined,
    });
    expect(withRequest({ ...erasing, erased: true }, { kind: 'hold', by: 'x' }, now).phase).toBe('erasing');
  });

  test('what comes too late changes nothing, and a validator says so', () => {
    for (const phase of ['erasing', 'anonymized'] as const) {
      expect(refusal(state({ phase }), 'reactivate')).toContain('trop tard');
      expect(
        withRequest(state({ phase }), { kind: 'reactivate', by: 'link' }, now).reactivationBy,
      ).toBeUndefined();
    }
    expect(refusal(state({ held: { since: at(1), by: 'x' } }), 'erase')).toBe('held');
    expect(refusal(state(), 'reactivate')).toBeUndefined();
  });

  test('names and addresses do not get into a history', () => {
    expect(readBy({ by: 'litigation' }, 'operator')).toBe('litigation');
    for (const by of ['jeanne@example.com', '+33 6 12', 'x'.repeat(40), 3, undefined])
      expect(readBy({ by }, 'operator')).toBe('operator');
    expect(readDeadline({ at: '2027-03-01' })).toEqual({ kind: 'deadline', at: '2027-03-01T00:00:00.000Z' });
    expect(readDeadline({ reactivationDays: 45, note: 'x' })).toEqual({
      kind: 'policy',
      policy: { reactivationDays: 45 },
    });
    for (const given of [undefined, 3, {}, { reactivationDays: 1.5 }, { at: 'soon' }])
      expect(readDeadline(given)).toBeUndefined();
  });
});
