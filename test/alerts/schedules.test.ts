import { expect, it } from 'vitest';
import { broken } from './random-days.ts';

// A thousand are played by `npm run test:faults`.
it('200 random days of an alert keep every promise: nothing after an acknowledgement or the end', () => {
  const problems = Array.from({ length: 200 }, (_, seed) => broken(seed)).flat();
  expect(problems.slice(0, 10)).toEqual([]);
});
