import { describe, expect, it } from 'vitest';
import { COPY_LIMITS, copyRanges } from '../../src/clients/object-store-copy.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;

describe('the parts of a copy', () => {
  it.each([COPY_LIMITS.wholeBytes + 1, 20 * GiB + 7, 5 * 1024 * GiB])(
    'cover %i bytes without a gap',
    (bytes) => {
      const ranges = copyRanges(bytes, COPY_LIMITS.partBytes);
      expect(ranges.length).toBeLessThanOrEqual(10_000);
      let next = 0;
      for (const [index, [first, last]] of ranges.entries()) {
        expect(first).toBe(next);
        const size = last - first + 1;
        expect(size).toBeLessThanOrEqual(5 * GiB);
        if (index < ranges.length - 1) expect(size).toBeGreaterThanOrEqual(5 * MiB);
        next = last + 1;
      }
      expect(next).toBe(bytes);
    },
  );
});
