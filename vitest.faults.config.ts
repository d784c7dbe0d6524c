import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Kill sweeps, outages, long simulations: one after the other, for each wants the machine for itself. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: undefined, exclude: undefined } },
  defineConfig({
    test: {
      include: ['test/faults/**/*.test.ts'],
      exclude: [],
      testTimeout: 600_000,
      hookTimeout: 600_000,
      fileParallelism: false,
      // Outages are mostly waiting: the concurrent cases of one file wait together.
      maxConcurrency: 8,
    },
  }),
);
