import { expect, it } from 'vitest';
import { broken } from '../alerts/random-days.ts';

// Figure 11, in virtual time.
it('1,000 random schedules: no notice after an acknowledgement or the end', () => {
  const problems = Array.from({ length: 1_000 }, (_, seed) => broken(seed)).flat();
  expect(problems.slice(0, 10)).toEqual([]);
});
