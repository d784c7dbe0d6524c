import { describe, expect, it } from 'vitest';
import { easter, mayDisturb, publicHolidays } from '../../src/trials/hours.ts';

/** From the calendar of service-public.fr: Easter Monday, Ascension, Whit Monday. */
const MOVING: Record<number, string[]> = {
  2026: ['04-06', '05-14', '05-25'],
  2027: ['03-29', '05-06', '05-17'],
  2028: ['04-17', '05-25', '06-05'],
  2029: ['04-02', '05-10', '05-21'],
  2030: ['04-22', '05-30', '06-10'],
};

describe('public holidays', () => {
  it.each(Object.entries(MOVING))('of %s', (year, moving) => {
    const fixed = ['01-01', '05-01', '05-08', '07-14', '08-15', '11-01', '11-11', '12-25'];
    expect(publicHolidays(Number(year))).toEqual([...fixed, ...moving].map((day) => `${year}-${day}`).sort());
  });

  it('knows Easter at both ends of its range', () => {
    // 22 March 1818 is the earliest there is, 25 April 2038 the latest.
    expect(easter(1818).toISOString().slice(0, 10)).toBe('1818-03-22');
    expect(easter(2038).toISOString().slice(0, 10)).toBe('2038-04-25');
    for (let year = 2024; year < 2100; year += 1) expect(easter(year).getUTCDay()).toBe(0);
  });
});

describe('an SMS may arrive', () => {
  it.each([
    ['from 8 h of a working day in summer', '2026-07-15T06:00:00Z', true],
    ['not a second before', '2026-07-15T05:59:59Z', false],
    ['until 20 h in winter', '2026-11-25T18:59:59Z', true],
    ['not from 20 h on', '2026-11-25T19:00:00Z', false],
    ['on a Saturday', '2026-11-28T09:00:00Z', true],
    ['not on a Sunday', '2026-11-29T09:00:00Z', false],
    ['not on 1 May', '2026-05-01T09:00:00Z', false],
    ['not on Easter Monday', '2027-03-29T08:00:00Z', false],
    ['not on Ascension Day', '2028-05-25T08:00:00Z', false],
    ['by the day of Paris, not of UTC', '2026-12-31T23:30:00Z', false],
  ])('%s', (_when, at, may) => {
    expect(mayDisturb(new Date(at))).toBe(may);
  });
});
