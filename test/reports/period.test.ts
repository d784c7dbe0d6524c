import { describe, expect, it } from 'vitest';
import { lastOver, periodNamed } from '../../src/reports/period.ts';
import { PARIS } from './support.ts';

const NOW = new Date('2028-01-15T12:00:00Z');
const over = (kind: 'daily' | 'weekly', at: string) => {
  const { name, from, to } = lastOver(kind, new Date(at), PARIS);
  return [name, from.toISOString(), to.toISOString()];
};

describe('the period of a report', () => {
  it.each([
    ['daily', '2026-11-23T07:00:00Z', '2026-11-22', '2026-11-21T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
    // 23 and 25 hours.
    ['daily', '2027-03-29T06:00:00Z', '2027-03-28', '2027-03-27T23:00:00.000Z', '2027-03-28T22:00:00.000Z'],
    ['daily', '2027-11-01T07:00:00Z', '2027-10-31', '2027-10-30T22:00:00.000Z', '2027-10-31T23:00:00.000Z'],
    ['weekly', '2026-11-23T08:00:00Z', '2026-W47', '2026-11-15T23:00:00.000Z', '2026-11-22T23:00:00.000Z'],
    // 2026 has 53 weeks.
    ['weekly', '2027-01-04T08:00:00Z', '2026-W53', '2026-12-27T23:00:00.000Z', '2027-01-03T23:00:00.000Z'],
    ['weekly', '2027-03-29T07:00:00Z', '2027-W12', '2027-03-21T23:00:00.000Z', '2027-03-28T22:00:00.000Z'],
  ] as const)('%s at %s is %s', (kind, at, ...expected) => {
    expect(over(kind, at)).toEqual(expected);
  });

  it('can be named, when it is over and exists', () => {
    expect(periodNamed('weekly', '2026-W53', PARIS, NOW).from).toEqual(new Date('2026-12-27T23:00:00Z'));
    expect(periodNamed('monthly', '2027-03', PARIS, NOW).to).toEqual(new Date('2027-03-31T22:00:00Z'));
    for (const [kind, name] of [
      ['weekly', '2027-W53'],
      ['daily', '2027-02-29'],
      ['daily', '2027-W05'],
      ['daily', '2028-01-15'],
    ] as const)
      expect(() => periodNamed(kind, name, PARIS, NOW), name).toThrow(/is no period|is not over/);
  });
});
