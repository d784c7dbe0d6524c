import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

/** Figures of alerts that `npm test` already tries in full. */
const SHORT_AS_THEY_ARE = [
  'test/alerts/{delivery,machine}.test.ts',
  'test/alerts/rules/*.test.ts',
  'test/monitoring/{availability,slots}.test.ts',
  'test/notifications/{channels,sms}.test.ts',
];

/** Kill sweeps, outages, long simulations: one after the other, for each wants the machine for itself. */
export default mergeConfig(
  { ...base, test: { ...base.test, include: undefined, exclude: undefined } },
  defineConfig({
    test: {
      include: ['test/faults/**/*.test.ts', ...SHORT_AS_THEY_ARE],
      exclude: [],
      // As many as the figure is for; `npm test` has a few.
      env: { TALOS_TEST_SLOTS: '100' },
      testTimeout: 600_000,
      hookTimeout: 600_000,
      fileParallelism: false,
      // Outages are mostly waiting: the concurrent cases of one file wait together.
      maxConcurrency: 8,
    },
  }),
);
